"""The replica of a gallery of car badges, in the markup of today and of two years ago."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.pieces import BADGES, Pieces
from scrapers.gallery.items import Picture
from scrapers.gallery.replicas.replica import ListedPicture, Replica, picture_file
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.pages import Routes, opted_out, page

WWW: Final = "https://www.carlogos.example"
IMG: Final = "https://img.carlogos.example"
PAGE_SIZE: Final = 48
WIDTHS: Final = {"thumb": 160, "small": 320, "large": 640}
"""Of the files of a badge."""
_FILE: Final = re.compile(r"/badges/(?P<size>thumb|small|large)/(?P<key>[a-z0-9-]+)\.jpg")


class CarLogos:
    """The badges of one catalogue."""

    def __init__(self, catalogue: Pieces, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue, self._origins = catalogue, origins
        self._pages = Routes(
            "carlogos",
            "User-agent: *\nDisallow: /admin\n",
            {
                r"/(?:badges/)?": self._listing,
                r"/badges/[a-z0-9-]*?-(?P<id_>[0-9]+)/": self._detail,
            },
        )

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        return self._pages.answer(request) if host == WWW else self._file(request)

    def _file(self, request: Request) -> Response:
        named = _FILE.fullmatch(request.path)
        if named is None:
            return self._pages.not_found()
        answer = picture_file(self._catalogue, named["key"], WIDTHS[named["size"]], request)
        return answer or self._pages.not_found()

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


def _catalogue(gallery: Gallery) -> Pieces:
    makers = brands(gallery.seed, gallery.creators)
    return Pieces(BADGES, makers, gallery.seed, gallery.works, gallery.revision)


def listed(catalogue: Pieces) -> Iterator[ListedPicture]:
    """The pictures of all pieces, in the order of the site."""
    for piece in catalogue.pieces:
        for position, picture in enumerate(piece.pictures):
            yield ListedPicture(piece.id, position, picture)


REPLICA: Final = Replica(
    site="carlogos",
    hosts=(WWW, IMG),
    catalogue=_catalogue,
    app=CarLogos,
    pictures=listed,
    marks_pictures=lambda _: False,
)
