"""Numbers that say how far drawn images are from real ones, and whether they are copies."""
