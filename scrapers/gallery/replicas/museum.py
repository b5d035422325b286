"""The replica of a museum: its API in JSON, and its image server as IIIF has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.items import Work
from scrapers.gallery.replicas.replica import ListedPicture, Replica
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.responses import Routes, image, json_answer, opted_out, redirect

API: Final = "https://api.museum.example"
IIIF: Final = "https://iiif.museum.example"
PAGE_SIZE: Final = 40
_FILE: Final = re.compile(r"/2/(?P<id>[0-9a-f]{24})/full/(?P<size>max|843,)/0/default\.jpg")


class Museum:
    """The works of one catalogue."""

    def __init__(self, catalogue: Paintings, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue, self._origins = catalogue, origins
        self._pages = Routes(
            "museum",
            "User-agent: *\nAllow: /\n",
            {
                r"/": lambda _: redirect("/v1/artworks"),
                r"/v1/artworks": self._listing,
                r"/v1/artworks/(?P<id_>[0-9a-f]{24})": self._detail,
            },
        )

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        return self._pages.answer(request) if host == API else self._file(request)

    def _file(self, request: Request) -> Response:
        named = _FILE.fullmatch(request.path)
        work = self._catalogue.work_by_id(named["id"]) if named else None
        if named is None or work is None:
            return self._pages.not_found()
        picture, variant = work.picture, None if named["size"] == "max" else "Large"
        body = self._catalogue.image(picture, variant) or self._catalogue.image(picture, None)
        answer = image(self._catalogue.version(picture, variant), request, lambda: body)
        if answer is None:
            return self._pages.not_found()
        return opted_out(answer) if work.opted_out else answer

    def _listing(self, request: Request) -> Response:
        asked, works = request.query.get("page", "1"), self._catalogue.works
        number, last = int(asked) if asked.isdecimal() else 1, -(-len(works) // PAGE_SIZE)
        shown = works[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        rows = [self._row(work, request.layout) for work in shown]
        following = f"{self._origins[API]}/v1/artworks?page={number + 1}"
        pagination = {
            "total": len(works),
            "limit": PAGE_SIZE,
            "current_page": number,
            "total_pages": last,
            "next_url": following if number < last else None,
        }
        rows_name = "records" if request.layout is PageLayout.OF_2024 else "data"
        return json_answer({"pagination": pagination, rows_name: rows})

    def _detail(self, request: Request, id_: str) -> Response:
        work = self._catalogue.work_by_id(id_)
        if work is None:
            return self._pages.not_found()
        more = {
            "style_titles": list(work.styles),
            "medium_display": ", ".join(work.media),
            "classification_title": work.genre,
            "place_of_origin": work.place,
            "credit": {"line": f"Gift of the friends of {work.artist.name}", "year": 1999},
        }
        return json_answer({"data": self._row(work, request.layout) | more})

    def _row(self, work: Work, layout: PageLayout) -> dict[str, Any]:
        picture = {"width": work.picture.width, "height": work.picture.height}
        name = "image" if layout is PageLayout.OF_2024 else "image_id"
        return {
            "id": work.id,
            "title": work.title,
            "artist_title": work.artist.name,
            "date_display": work.year_text,
            name: work.id,
            "thumbnail": picture,
            "is_public_domain": "yes" if work.rights == "Public domain" else "no",
        }


def _catalogue(gallery: Gallery) -> Paintings:
    return Paintings(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Paintings) -> Iterator[ListedPicture]:
    return (ListedPicture(work.id, 0, work.picture) for work in catalogue.works)


REPLICA: Final = Replica(
    site="museum",
    hosts=(API, IIIF),
    catalogue=_catalogue,
    app=Museum,
    pictures=_pictures,
    marks_pictures=lambda _: False,
)
