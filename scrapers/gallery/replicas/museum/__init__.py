"""The replica of a museum: a JSON API of its paintings, and an IIIF image server."""
