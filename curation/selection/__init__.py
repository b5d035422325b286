"""Which images stay, and why each other one does not."""
