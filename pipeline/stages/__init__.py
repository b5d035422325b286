"""One module a DVC stage: read tables, call the part that does the work, write tables."""
