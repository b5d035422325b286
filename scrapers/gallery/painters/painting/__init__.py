"""Colour-field paintings: artists with habits, families of composition, paint on canvas."""
