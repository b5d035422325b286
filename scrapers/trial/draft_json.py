"""A first description of an API: the list in its answer, and the names that tell what is what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.core.errors import LayoutChangedError, NotJsonError
from scrapers.parsing.embedded import json_document
from scrapers.trial.tried_page import TriedPage

_NAMES: Final = {
    "id": ("id", "object_id", "objectid", "identifier", "uuid", "sku"),
    "link": ("url", "link", "href", "page_url", "api_link", "objecturl"),
    "images": ("image_url", "primaryimage", "image", "images", "img", "src", "image_id"),
    "title": ("title", "name", "label", "caption"),
    "creator_name": ("artist_title", "artist", "creator", "author", "maker", "brand"),
    "year_text": ("date_display", "date", "year", "dated", "objectdate"),
    "media": ("medium_display", "medium", "material"),
    "rights": ("rights", "license", "licence", "copyright"),
    "price": ("price",),
}
_NEXT: Final = ("next_url", "next", "nextlink")
_TOTAL: Final = ("total", "count", "totalresults", "total_count")
_DEEPEST: Final = 4


def is_json(page: TriedPage) -> bool:
    """Whether JSON came, bare or in the page in which a browser shows it."""
    try:
        json_document(page.body, page.url)
    except NotJsonError:
        return False
    return True


def drafted_from_json(page: TriedPage, others: Sequence[TriedPage]) -> dict[str, Any]:
    """The parts ``listing`` and, with a page of an item, ``detail``.

    Raises:
        LayoutChangedError: there is no list of objects in it.
    """
    document = json_document(page.body, page.url)
    lists = sorted(_lists(document, ""), key=lambda each: -len(each[1]))
    if not lists:
        raise LayoutChangedError(f"{page.url}: no list of objects in it; give the page that lists")
    path, rows = lists[0]
    listing: dict[str, Any] = {"format": "json", "start": page.url}
    for key, names in (("next", _NEXT), ("total", _TOTAL)):
        at = next((p for p, v in _scalars(document, "") if _last(p) in names and v), None)
        if at is not None:
            listing[key] = at
    fields: dict[str, Any] = dict(_field_paths(rows[0]))
    listing |= {"item": f"{path}[]", "fields": fields}
    if not others:
        return {"listing": listing}
    detail, id_ = _detail(others[0])
    if "link" not in fields and "id" in fields and id_ and id_ in others[0].url:
        fields["link"] = {"path": fields["id"], "to": others[0].url.replace(id_, r"\0")}
    return {"listing": listing, "detail": detail}


def _detail(page: TriedPage) -> tuple[dict[str, Any], str | None]:
    """The part ``detail``, and the id that the item's own page tells."""
    document = json_document(page.body, page.url)
    own = document if isinstance(document, dict) else {}
    within = next((name for name, value in own.items() if isinstance(value, dict)), "")
    item = own[within] if within else own
    fields = _field_paths(item)
    fields.pop("link", None)
    id_ = next((str(value) for path, value in _scalars(item, "") if path == fields.get("id")), None)
    match = urlsplit(page.url).path.rpartition("/")[0] + "/[^/?]+$"
    prefix = f"{within}." if within else ""
    named = {name: f"{prefix}{path}" for name, path in fields.items()}
    return {"format": "json", "match": match, "fields": named}, id_


def _field_paths(row: Any) -> dict[str, str]:
    """The path of the first name that speaks of each field."""
    at: dict[str, str] = {}
    for path, value in _scalars(row, ""):
        if value not in (None, ""):
            at.setdefault(_last(path), path)
    first = {name: [at[each] for each in names if each in at] for name, names in _NAMES.items()}
    return {name: paths[0] for name, paths in first.items() if paths}


def _last(path: str) -> str:
    return path.removesuffix("[]").rpartition(".")[2].strip('"').lower()


def _lists(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Lists of objects, with their paths."""
    if isinstance(value, list):
        if value and all(isinstance(each, dict) for each in value):
            yield path, value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for name, inner in value.items():
            yield from _lists(inner, _joined_path(path, name), depth + 1)


def _scalars(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Scalars, and lists of scalars, with their paths."""
    if isinstance(value, dict):
        for name, inner in value.items() if depth < _DEEPEST else ():
            yield from _scalars(inner, _joined_path(path, name), depth + 1)
    elif not isinstance(value, list):
        yield path, value
    elif value and not isinstance(value[0], dict | list):
        yield f"{path}[]", value[0]


def _joined_path(path: str, name: str) -> str:
    is_plain = name.isascii() and name.isidentifier()
    written = name if is_plain else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{written}" if path else written
