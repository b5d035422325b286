"""Which images show the same picture: candidates by hash, confirmed by their pixels."""
