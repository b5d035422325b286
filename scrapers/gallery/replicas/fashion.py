"""The replica of a fashion shop, in the markup of today and of two years ago."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from scrapers.gallery.catalogue.pieces import GARMENTS, Piece
from scrapers.gallery.items import Picture
from scrapers.gallery.replicas.pieces_site import PiecesSite, pieces_replica
from scrapers.gallery.replicas.replica import Facet, facets
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.responses import opted_out, page, redirect

WWW: Final = "https://www.fashion.example"
CDN: Final = "https://cdn.fashion.example"
PAGE_SIZE: Final = 24
_FILE: Final = re.compile(r"/p/(?P<key>[a-z0-9-]+)_(?P<width>150|300|600)x[0-9]{3}\.jpg")


class Fashion(PiecesSite):
    """The garments of one catalogue."""

    name = "fashion"
    hosts = (WWW, CDN)
    robots = "User-agent: *\nDisallow: /cart\n"

    def routes(self) -> dict[str, Callable[..., Response]]:
        """What answers the paths of pages."""
        return {
            r"/": lambda _: redirect("/c/coats/"),
            r"/c/(?P<category>[a-z]+)/": self._listing,
            r"/i/[a-z0-9-]*?-(?P<id_>[0-9]+)": self._detail,
        }

    def file_asked(self, path: str) -> tuple[str, int] | None:
        """The key and the width of ``/p/KEY_300x400.jpg``."""
        named = _FILE.fullmatch(path)
        return (named["key"], int(named["width"])) if named else None

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


REPLICA: Final = pieces_replica(Fashion, GARMENTS)
