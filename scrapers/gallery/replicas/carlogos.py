"""The replica of a gallery of car badges, in the markup of today and of two years ago."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from scrapers.gallery.catalogue.pieces import BADGES
from scrapers.gallery.items import Picture
from scrapers.gallery.replicas.pieces_site import PiecesSite, pieces_replica
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.responses import opted_out, page

WWW: Final = "https://www.carlogos.example"
IMG: Final = "https://img.carlogos.example"
PAGE_SIZE: Final = 48
WIDTHS: Final = {"thumb": 160, "small": 320, "large": 640}
"""Of the files of a badge."""
_FILE: Final = re.compile(r"/badges/(?P<size>thumb|small|large)/(?P<key>[a-z0-9-]+)\.jpg")


class CarLogos(PiecesSite):
    """The badges of one catalogue."""

    name = "carlogos"
    hosts = (WWW, IMG)
    robots = "User-agent: *\nDisallow: /admin\n"

    def routes(self) -> dict[str, Callable[..., Response]]:
        """What answers the paths of pages."""
        return {
            r"/(?:badges/)?": self._listing,
            r"/badges/[a-z0-9-]*?-(?P<id_>[0-9]+)/": self._detail,
        }

    def file_asked(self, path: str) -> tuple[str, int] | None:
        """The key and the width of ``/badges/small/KEY.jpg``."""
        named = _FILE.fullmatch(path)
        return (named["key"], WIDTHS[named["size"]]) if named else None

    def _listing(self, request: Request) -> Response:
        asked, pieces = request.query.get("page", "1"), self._catalogue.pieces
        number, last = int(asked) if asked.isdecimal() else 0, -(-len(pieces) // PAGE_SIZE)
        if not 1 <= number <= max(1, last):
            return self._pages.not_found()
        return page(
            "carlogos/listing.html",
            total=len(pieces),
            badges=pieces[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
            next_page=number + 1 if number < last else None,
            image_url=self._image_url,
            of_2024=request.layout is PageLayout.OF_2024,
        )

    def _detail(self, request: Request, id_: str) -> Response:
        piece = self._catalogue.piece(id_)
        if piece is None:
            return self._pages.not_found()
        answer = page(
            "carlogos/detail.html",
            badge=piece,
            image_url=self._image_url,
            of_2024=request.layout is PageLayout.OF_2024,
        )
        return opted_out(answer) if piece.opted_out else answer

    def _image_url(self, picture: Picture, size: str) -> str:
        return f"{self._origins[IMG]}/badges/{size}/{picture.key}.jpg"


REPLICA: Final = pieces_replica(CarLogos, BADGES)
