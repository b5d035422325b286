"""A shop among the watches: one white ground, few models, and the same poses again and again."""
