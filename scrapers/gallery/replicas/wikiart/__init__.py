"""The replica of WikiArt."""

from scrapers.gallery.replicas.wikiart.addresses import (
    FRAME,
    HOSTS,
    LAZY,
    UPLOADS,
    WWW,
    host_of,
    page_path,
)
from scrapers.gallery.replicas.wikiart.app import WikiArt

__all__ = ["FRAME", "HOSTS", "LAZY", "UPLOADS", "WWW", "WikiArt", "host_of", "page_path"]
