"""Words as vectors, by a network that was trained elsewhere and never leaves this machine."""
