"""Chromium, lent for one capture: opens pages alone, and asks before each request."""
