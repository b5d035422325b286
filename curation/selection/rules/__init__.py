"""The rules: `order` declares them; one that measures something of its own is a module."""
