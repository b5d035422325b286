"""Requests, responses, and how pages are made and found."""
