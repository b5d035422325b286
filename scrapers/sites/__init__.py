"""One package a site: what it is called, how it is walked, how its pages are read."""
