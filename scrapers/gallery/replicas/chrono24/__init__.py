"""The replica of Chrono24."""
