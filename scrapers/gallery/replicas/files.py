"""The files of pictures that replicas with a catalogue of pieces serve."""

from __future__ import annotations

from scrapers.gallery.catalogue.pieces import Pieces
from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.pages import image


def picture_file(catalogue: Pieces, key: str, width: int, request: Request) -> Response | None:
    """The picture with that key, ``width`` pixels wide; None where the site has no such file."""
    picture = catalogue.picture(key)
    if picture is None:
        return None
    version = catalogue.version(picture, width)
    return image(version, request, lambda: catalogue.image(picture, width))
