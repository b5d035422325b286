"""The replica of Chrono24."""

from scrapers.gallery.replicas.chrono24.addresses import (
    HOSTS,
    WWW,
    model_path,
    page_path,
    reference_path,
)
from scrapers.gallery.replicas.chrono24.app import Chrono24

__all__ = ["HOSTS", "WWW", "Chrono24", "model_path", "page_path", "reference_path"]
