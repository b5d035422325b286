"""A gallery that misbehaves on request."""
