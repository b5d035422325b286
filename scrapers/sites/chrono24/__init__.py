"""Chrono24: how the site is walked and how its pages are read."""
