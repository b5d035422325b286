"""Networks that enlarge samples fourfold."""
