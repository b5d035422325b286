"""What the replicas of pieces share: pages on one host, files of pictures on another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.names import brands
from scrapers.gallery.catalogue.pieces import Assortment, Pieces
from scrapers.gallery.replicas.replica import ListedPicture, Replica
from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.responses import Routes, image


class PiecesSite(ABC):
    """The pieces of one catalogue, as a site shows them."""

    name: ClassVar[str]
    """As `pipeline.core.sites` calls the site."""
    hosts: ClassVar[tuple[str, str]]
    """Of the pages, and of the files of pictures."""
    robots: ClassVar[str]

    def __init__(self, catalogue: Pieces, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue, self._origins = catalogue, origins
        self._pages = Routes(self.name, self.robots, self.routes())

    @abstractmethod
    def routes(self) -> dict[str, Callable[..., Response]]:
        """What answers the paths of pages, by a pattern of each."""

    @abstractmethod
    def file_asked(self, path: str) -> tuple[str, int] | None:
        """The key of a picture and the width in pixels that a path of the second host names."""

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        if host == self.hosts[0]:
            return self._pages.answer(request)
        asked = self.file_asked(request.path)
        return (asked and self._file(*asked, request)) or self._pages.not_found()

    def _file(self, key: str, width: int, request: Request) -> Response | None:
        picture = self._catalogue.picture(key)
        if picture is None:
            return None
        version = self._catalogue.version(picture, width)
        return image(version, request, lambda: self._catalogue.image(picture, width))


def pieces_replica(app: type[PiecesSite], assortment: Assortment) -> Replica[Pieces]:
    """The replica that serves pieces of an assortment by ``app``."""

    def catalogue(gallery: Gallery) -> Pieces:
        makers = brands(gallery.seed, gallery.creators)
        return Pieces(assortment, makers, gallery.seed, gallery.works, gallery.revision)

    return Replica(
        site=app.name,
        hosts=app.hosts,
        catalogue=catalogue,
        app=app,
        pictures=_listed,
        marks_pictures=lambda _: False,
    )


def _listed(catalogue: Pieces) -> Iterator[ListedPicture]:
    for piece in catalogue.pieces:
        for position, picture in enumerate(piece.pictures):
            yield ListedPicture(piece.id, position, picture)
