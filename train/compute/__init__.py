"""Devices, precision, and processes that train together."""
