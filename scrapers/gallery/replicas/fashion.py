"""The replica of a fashion shop, in the markup of today and of two years ago."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.pieces import GARMENTS, Piece, Pieces
from scrapers.gallery.items import Picture
from scrapers.gallery.replicas.carlogos import listed
from scrapers.gallery.replicas.replica import Facet, Replica, facets, picture_file
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.pages import Routes, opted_out, page, redirect

WWW: Final = "https://www.fashion.example"
CDN: Final = "https://cdn.fashion.example"
PAGE_SIZE: Final = 24
WIDTHS: Final = (150, 300, 600)
"""Of the files of a picture."""
_FILE: Final = re.compile(r"/p/(?P<key>[a-z0-9-]+)_(?P<width>150|300|600)x[0-9]{3}\.jpg")


class Fashion:
    """The garments of one catalogue."""

    def __init__(self, catalogue: Pieces, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue, self._origins = catalogue, origins
        self._pages = Routes(
            "fashion",
            "User-agent: *\nDisallow: /cart\n",
            {
                r"/": lambda _: redirect("/c/coats/"),
                r"/c/(?P<category>[a-z]+)/": self._listing,
                r"/i/[a-z0-9-]*?-(?P<id_>[0-9]+)": self._detail,
            },
        )

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        return self._pages.answer(request) if host == WWW else self._file(request)

    def _file(self, request: Request) -> Response:
        named = _FILE.fullmatch(request.path)
        if named is None:
            return self._pages.not_found()
        answer = picture_file(self._catalogue, named["key"], int(named["width"]), request)
        return answer or self._pages.not_found()

    @cached_property
    def _by_kind(self) -> dict[str, Facet]:
        return facets(self._catalogue.pieces, [lambda piece: (piece.kind,)])[0]

    def _listing(self, request: Request, category: str) -> Response:
        if category not in self._catalogue.assortment.kinds:
            return self._pages.not_found()
        facet = self._by_kind.get(category, Facet(category))
        pieces: Sequence[Piece] = facet.of(self._catalogue.pieces)
        asked = request.query.get("page", "1")
        number = int(asked) if asked.isdecimal() and int(asked) > 0 else 1
        shown = pieces[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return page(
            "fashion/listing.html",
            category=category,
            garments=shown,
            image_url=self._image_url,
            of_2024=request.layout is PageLayout.OF_2024,
        )

    def _detail(self, request: Request, id_: str) -> Response:
        piece = self._catalogue.piece(id_)
        if piece is None:
            return self._pages.not_found()
        answer = page(
            "fashion/detail.html",
            garment=piece,
            product=self._product(piece, is_old=request.layout is PageLayout.OF_2024),
            image_url=self._image_url,
        )
        return opted_out(answer) if piece.opted_out else answer

    def _product(self, piece: Piece, *, is_old: bool) -> dict[str, Any]:
        """The JSON-LD of a garment's page; two years ago it was of a type of its own."""
        return {
            "@context": "https://schema.org",
            "@type": "ClothingStore" if is_old else "Product",
            "name": piece.name,
            "sku": piece.id,
            "color": piece.colour,
            "category": piece.kind,
            "brand": {"@type": "Brand", "name": piece.maker.name},
            "image": [self._image_url(picture, 300) for picture in piece.pictures],
            "offers": {"@type": "Offer", "price": f"{piece.price}.00", "priceCurrency": "EUR"},
        }

    def _image_url(self, picture: Picture, width: int) -> str:
        height = picture.height * width // picture.width
        return f"{self._origins[CDN]}/p/{picture.key}_{width}x{height}.jpg"


def _catalogue(gallery: Gallery) -> Pieces:
    makers = brands(gallery.seed, gallery.creators)
    return Pieces(GARMENTS, makers, gallery.seed, gallery.works, gallery.revision)


REPLICA: Final = Replica(
    site="fashion",
    hosts=(WWW, CDN),
    catalogue=_catalogue,
    app=Fashion,
    pictures=listed,
    marks_pictures=lambda _: False,
)
