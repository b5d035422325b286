"""The JSON of the replica of WikiArt: rows of listings, records, and what pages carry of it."""

from __future__ import annotations

import html
import json
import zlib
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from scrapers.gallery.catalogue import Creator, Picture, Work
from scrapers.gallery.derivatives import VARIANTS, derived_size, exists, listing_map

FRAME: Final = "/Content/images/FRAME-600x480.jpg"
PAGE_SIZE: Final = 60


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


def row(work: Work, image_url: str) -> dict[str, Any]:
    """A work in the listings of ``json=2``; ``image_url`` is that of the original, or the frame."""
    picture = work.picture
    return {
        "id": work.id,
        "title": html.escape(work.title),
        "year": work.year_text,
        "width": picture.width,
        "height": picture.height,
        "artistName": html.escape(work.artist.name),
        "image": image_url,
        "map": listing_map((picture.width, picture.height)),
        "paintingUrl": page_path(work),
        "artistUrl": f"/en/{work.artist.slug}",
        "albums": None,
        "flags": 2,
        "images": None,
    }


def plain_row(work: Work, image_url: str) -> dict[str, Any]:
    """A work in ``App/Painting/PaintingsByArtist``."""
    whole = row(work, image_url)
    first, _, rest = work.artist.name.partition(" ")
    return {
        "title": whole["title"],
        "contentId": int(work.id[:8], 16),
        "artistContentId": zlib.crc32(work.artist.slug.encode()),
        "artistName": html.escape(f"{rest} {first}".strip()),
        "completitionYear": int(work.year_text) if work.year_text.isdecimal() else None,
        "yearAsString": work.year_text,
        "width": whole["width"],
        "height": whole["height"],
        "image": shown(whole["image"], work.picture),
    }


def painting(work: Work, image_url: str) -> str:
    """The ``paintingJson`` of a work's own page."""
    whole = row(work, image_url)
    whole["_id"] = whole.pop("id")
    return json.dumps(whole, ensure_ascii=False)


def record(artist: Creator) -> dict[str, Any]:
    """An artist in ``/en/{artist}?json=2``."""
    first, _, rest = artist.name.partition(" ")
    return {
        "contentId": zlib.crc32(artist.slug.encode()),
        "artistName": artist.name,
        "OriginalArtistName": artist.name,
        "lastNameFirst": f"{rest} {first}".strip(),
        "url": artist.slug,
        "dictonaries": [],  # the site's spelling
        "biography": None,
        "relatedArtistsIds": [],
        "wikipediaUrl": None,
    }


def thumbnails(image_url: str, picture: Picture) -> str:
    """The ``thumbnailSizesModel``: every size in which the picture exists."""
    if image_url.endswith(FRAME):
        return json.dumps({"ImageThumbnailsModel": []})
    original = {"Width": picture.width, "Height": picture.height, "Name": "Original"}
    entries = [{**original, "Url": image_url}]
    size = (picture.width, picture.height)
    for name in VARIANTS:
        if exists(size, name):
            width, height = derived_size(size, name)
            url = f"{image_url}!{name}.jpg"
            entries.append({"Width": width, "Height": height, "Name": name, "Url": url})
    return json.dumps({"ImageThumbnailsModel": [{"Thumbnails": entries}]})


def shown(image_url: str, picture: Picture) -> str:
    """What a page shows: the large derivative where there is one."""
    large = exists((picture.width, picture.height), "Large")
    return f"{image_url}!Large.jpg" if large and not image_url.endswith(FRAME) else image_url


def page_path(work: Work) -> str:
    """Path of a work's own page."""
    return f"/en/{quote(work.artist.slug)}/{quote(work.slug)}"
