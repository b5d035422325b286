"""The JSON records of works: listing rows, artists' lists, ImageJson, API 2, ``paintingJson``.

Five shapes name the same things a little differently; one reader takes them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from scrapers.parsing.text import absolute, comma_separated, path_segments, plain_or_none, unescaped
from scrapers.sites.wikiart.images import is_picture, sizes_in_map
from scrapers.sites.wikiart.pages import artist_of, same_site

# Of a side. Cut to nine digits first: `int` of a text of 5,000 digits raises.
_MOST_PIXELS: Final = 1_000_000
_LABELS: Final = {
    "auction": "Auction",
    "yearOfTrade": "Year of trade",
    "lastPrice": "Last price",
}


def is_record(entry: Any) -> bool:
    """Whether a JSON value describes a work: it has a title and a picture."""
    return isinstance(entry, dict) and "title" in entry and "image" in entry


def of_record(entry: dict[str, Any], url: str) -> dict[str, Any]:
    """The fields of `Work` that a record tells; ``url`` is where it came from."""
    page_url = _page_url(entry, url)
    image = entry.get("image")
    image_url = absolute(url, image) if isinstance(image, str) and image else None
    map_text = entry.get("map")
    return {
        "page_url": page_url,
        "id": _first(entry, "_id", "id", "contentId"),
        "title": unescaped(entry.get("title")),
        "original_title": _first(entry, "originalTitle", "originTitle"),
        "artist_slug": _slug(entry.get("artistUrl")) or artist_of(page_url),
        "artist_name": unescaped(entry.get("artistName")),
        "year_text": _first(entry, "year", "yearAsString", "completitionYear", "completionYear"),
        "styles": _names(entry, "style", "styles"),
        "genres": _names(entry, "genre", "genres"),
        "media": _names(entry, "media", "material", "technique"),
        "tags": _names(entry, "tags"),
        "period": _name(entry.get("period")),
        "series": _name(entry.get("serie")) or _name(entry.get("series")),
        "location": unescaped(entry.get("location")),
        "gallery": unescaped(entry.get("galleryName")) or _joined_names(_names(entry, "galleries")),
        "dimensions": _dimensions(entry),
        "description": unescaped(entry.get("description")),
        "image_url": image_url if image_url and is_picture(image_url, url) else None,
        "width": whole(entry.get("width")),
        "height": whole(entry.get("height")),
        "derivatives": sizes_in_map(map_text) if isinstance(map_text, str) and map_text else None,
        "sheet": tuple(
            (label, value) for key, label in _LABELS.items() if (value := unescaped(entry.get(key)))
        ),
    }


def whole(value: Any) -> int | None:
    """A number of pixels, also where the site writes it as text."""
    text = plain_or_none(value) or ""
    return (
        int(text) if text.isascii() and text.isdecimal() and int(text[:9]) < _MOST_PIXELS else None
    )


def _first(entry: dict[str, Any], *names: str) -> str | None:
    return next((text for name in names if (text := unescaped(entry.get(name)))), None)


def _page_url(entry: dict[str, Any], url: str) -> str | None:
    for name in ("paintingUrl", "link"):
        target = same_site(url, entry.get(name))
        if target is not None:
            return target
    slug, artist = _slug(entry.get("url")), _slug(entry.get("artistUrl"))
    if slug is None or artist is None:
        return None
    language = (path_segments(url) or ["en"])[0]
    return same_site(url, f"/{language}/{quote(artist)}/{quote(slug)}")


def _slug(value: Any) -> str | None:
    """The last segment of ``/en/some-artist``, or of the bare slug."""
    segments = path_segments(value) if isinstance(value, str) and _splits(value) else []
    return unquote(segments[-1]) if segments else None


def _splits(value: str) -> bool:
    try:
        urlsplit(value)
    except ValueError:
        return False
    return True


def _names(entry: dict[str, Any], *keys: str) -> tuple[str, ...]:
    """Values of a list, or of a comma-separated text, each once."""
    names: dict[str, None] = {}
    for key in keys:
        value = entry.get(key)
        texts: Iterable[str | None] = (
            map(_name, value)
            if isinstance(value, list)
            else comma_separated(unescaped(value) or "")
        )
        names.update(dict.fromkeys(text for text in texts if text))
    return tuple(names)


def _name(value: Any) -> str | None:
    """A value that is a text, or an object with a title or a name."""
    if isinstance(value, dict):
        value = value.get("title") or value.get("name")
    return unescaped(value)


def _joined_names(names: tuple[str, ...]) -> str | None:
    return ", ".join(names) or None


def _dimensions(entry: dict[str, Any]) -> str | None:
    """The site's two lengths in its own order, which is not always height by width."""
    diameter = plain_or_none(entry.get("diameter"))
    sides = [text for key in ("sizeX", "sizeY") if (text := plain_or_none(entry.get(key)))]
    if sides:
        return f"{' x '.join(sides)} cm"
    return f"diameter {diameter} cm" if diameter else None
