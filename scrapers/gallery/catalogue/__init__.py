"""What the gallery lists: works and watches, made when they are asked for."""
