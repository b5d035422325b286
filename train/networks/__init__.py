"""The networks that can be trained, a module each, and what they share."""
