"""The rules: `declarations` has them all; one that measures something of its own is a module."""
