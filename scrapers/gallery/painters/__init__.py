"""Whoever paints the pictures: a design and a seeded generator in, pixels out."""
