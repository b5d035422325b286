"""A walk over a site: what it may ask for, and what becomes of each request."""
