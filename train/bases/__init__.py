"""Trained networks that a collection can start from, and what is known of each."""
