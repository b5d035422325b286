"""One image: decoded once, squared, hashed and measured."""
