"""The JSON of the replica of WikiArt: rows of listings, records, and what pages carry of it."""

from __future__ import annotations

import datetime as dt
import html
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrapers.gallery.catalogue.work_files import VARIANTS, derived_size, exists, listing_map
from scrapers.gallery.items import Creator, Defect, Work
from scrapers.gallery.replicas.wikiart.addresses import page_path

PAGE_SIZE: Final = 60
_NEVER: Final = ("/Date(253402300799999)/", "/Date(-62135596800000)/")
"""How the site writes the day on which a living artist died: the last of all, or the first."""
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class WorkRecords:
    """Writes them with the addresses that the replica gives it."""

    image_url: Callable[[Work, str | None], str]
    """Of a work's picture as a variant, or of the original; unescaped, as on the site."""
    frame_url: str
    """Of the picture shown for a withheld one."""

    def row(self, work: Work) -> dict[str, Any]:
        """A work in the listings of ``json=2``."""
        picture = work.picture
        return {
            "id": work.id,
            "title": html.escape(work.title),
            "year": work.year_text,
            "width": picture.width,
            "height": picture.height,
            "artistName": html.escape(work.artist.name),
            "image": self._url(work, None),
            "map": listing_map((picture.width, picture.height)),
            "paintingUrl": page_path(work),
            "artistUrl": f"/en/{work.artist.slug}",
            "albums": None,
            "flags": 2,
            "images": None,
        }

    def plain_row(self, work: Work) -> dict[str, Any]:
        """A work in ``App/Painting/PaintingsByArtist``."""
        whole = self.row(work)
        return {
            "title": whole["title"],
            "contentId": int(work.id[:8], 16),
            "artistContentId": zlib.crc32(work.artist.slug.encode()),
            "artistName": html.escape(_last_name_first(work.artist.name)),
            "completitionYear": int(work.year_text) if work.year_text.isdecimal() else None,
            "yearAsString": work.year_text,
            "width": whole["width"],
            "height": whole["height"],
            "image": self.shown(work),
        }

    def painting(self, work: Work) -> str:
        """The ``paintingJson`` of a work's own page."""
        whole = self.row(work)
        whole["_id"] = whole.pop("id")
        return json.dumps(whole, ensure_ascii=False)

    def thumbnails(self, work: Work) -> str:
        """The ``thumbnailSizesModel``: every size in which the picture exists."""
        if is_withheld(work):
            return json.dumps({"ImageThumbnailsModel": []})
        size = (work.picture.width, work.picture.height)
        sizes = {"Original": size}
        sizes |= {name: derived_size(size, name) for name in VARIANTS if exists(size, name)}
        entries = [
            {
                "Width": width,
                "Height": height,
                "Url": self._url(work, None if name == "Original" else name),
                "Name": name,
            }
            for name, (width, height) in sizes.items()
        ]
        return json.dumps({"ImageThumbnailsModel": [{"Thumbnails": entries}]})

    def shown(self, work: Work) -> str:
        """What a page shows: the large derivative where there is one."""
        large = exists((work.picture.width, work.picture.height), "Large")
        return self._url(work, "Large" if large else None)

    def _url(self, work: Work, variant: str | None) -> str:
        return self.frame_url if is_withheld(work) else self.image_url(work, variant)


def is_withheld(work: Work) -> bool:
    """Whether the site shows its frame in place of the picture."""
    return Defect.PLACEHOLDER in work.picture.defects


def wrapper(rows: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    """A page of a listing of ``total`` works."""
    return {
        "ArtistsHtml": None,
        "CanLoadMoreArtists": False,
        "Paintings": list(rows) or None,
        "Artists": None,
        "AllArtistsCount": 0,
        "PaintingsHtml": None,
        "PaintingsHtmlBeta": None,
        "AllPaintingsCount": total,
        "PageSize": PAGE_SIZE,
        "TimeLog": None,
    }


def artist_record(artist: Creator) -> dict[str, Any]:
    """An artist in ``/en/{artist}?json=2``."""
    number = zlib.crc32(artist.slug.encode())
    return {
        "contentId": number,
        "artistName": artist.name,
        "OriginalArtistName": artist.name,
        "lastNameFirst": _last_name_first(artist.name),
        "url": artist.slug,
        "birthDay": _date(artist.born) if artist.born else None,
        "birthDayAsString": f"January 1, {artist.born}",
        "deathDay": _date(artist.died) if artist.died else _NEVER[number % 2],
        "deathDayAsString": f"January 1, {artist.died}" if artist.died else "",
        "dictonaries": [],  # the site's spelling
        "biography": None,
        "relatedArtistsIds": [],
        "wikipediaUrl": None,
    }


def _date(year: int) -> str:
    """The first of January of ``year`` as the site writes a day: milliseconds since 1970."""
    passed = dt.datetime(year, 1, 1, tzinfo=dt.UTC) - _EPOCH
    return f"/Date({passed // dt.timedelta(milliseconds=1)})/"


def _last_name_first(name: str) -> str:
    first, _, rest = name.partition(" ")
    return f"{rest} {first}".strip()
