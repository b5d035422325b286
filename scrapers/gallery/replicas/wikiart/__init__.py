"""The replica of WikiArt."""
