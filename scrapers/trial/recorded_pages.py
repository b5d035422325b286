"""Pages recorded beside a description, read again and compared with what they were read as."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import ScrapeError
from pipeline.core.files import write_bytes
from scrapers.parsing.listing_facts import Fact
from scrapers.sites.described.records import Described, read_listing
from scrapers.sites.described.site import facts, page_kind
from scrapers.trial.tried_page import EXPECTED, TriedPage, as_it_is, page_in

_LEFT_OUT: Final = frozenset({"key", "rank"})
"""What only serves to join pages."""


def folder_of(file: Path) -> Path:
    """Where the pages of the description in ``file`` lie."""
    return file.with_suffix(".pages")


def recorded_pages_of(file: Path) -> list[Path]:
    """The recorded pages of a description, by name."""
    files = folder_of(file).glob("*")
    return sorted(path for path in files if path.is_file() and not path.name.endswith(EXPECTED))


def told(fact: Fact) -> dict[str, Any]:
    """What a row tells, as data; what has no value is left out."""
    row = {
        name: value
        for name, value in dataclasses.asdict(fact).items()
        if value is not None and name not in _LEFT_OUT
    }
    return row | {"sheet": json.loads(row["sheet"])} if "sheet" in row else row


def read_recorded(site: Described, page: TriedPage) -> dict[str, Any]:
    """What the page at an address is read as: rows, or an error and its sentence."""
    try:
        rows = [told(fact) for fact in facts(site, page.body, page.url, as_it_is)]
    except ScrapeError as error:
        return {"url": page.url, "error": type(error).__name__, "says": str(error)}
    if page_kind(site, page.url) != "listing":
        return {"url": page.url, "rows": rows}
    listing = read_listing(site, page.body, page.url, as_it_is)
    more = {"next_url": listing.next_url, "total": listing.total}
    return {"url": page.url, "listing": more, "rows": rows}


def differences(site: Described, path: Path) -> list[str]:
    """In what the page at ``path`` is read otherwise than the expectation beside it says."""
    beside = _expected(path)
    if not beside.is_file():
        return [f"{path}: nothing says what it should be read as; --update writes {beside.name}"]
    expected = json.loads(beside.read_bytes())
    return [
        f"{path}: {line}" for line in _differ(expected, read_recorded(site, page_in(path, None)))
    ]


def update(site: Described, path: Path) -> bool:
    """Write what the page is read as now beside it; returns whether that changed anything."""
    page = page_in(path, None)
    return _write(_expected(path), read_recorded(site, page))


def keep(site: Described, file: Path, page: TriedPage, name: str, suffix: str) -> Path:
    """Record a page beside the description in ``file``, with what it is read as."""
    path = folder_of(file) / f"{name}{suffix}"
    path.parent.mkdir(exist_ok=True)
    write_bytes(path, page.body)
    _write(_expected(path), read_recorded(site, page))
    return path


def _expected(path: Path) -> Path:
    return path.with_name(path.name.partition(".")[0] + EXPECTED)


def _write(path: Path, expected: dict[str, Any]) -> bool:
    text = (json.dumps(expected, indent=2, ensure_ascii=False) + "\n").encode()
    if path.is_file() and path.read_bytes() == text:
        return False
    write_bytes(path, text)
    return True


def _differ(expected: Any, read_as: Any, place: str = "") -> Iterator[str]:
    """Every place at which two JSON values differ, for people."""
    if isinstance(expected, dict) and isinstance(read_as, dict):
        for key in dict.fromkeys([*expected, *read_as]):
            inner = f"{place}.{key}" if place else key
            yield from _differ(expected.get(key), read_as.get(key), inner)
    elif isinstance(expected, list) and isinstance(read_as, list):
        if len(expected) != len(read_as):
            yield f"{place}: {len(expected)} expected, {len(read_as)} read"
        for number, pair in enumerate(zip(expected, read_as, strict=False), start=1):
            yield from _differ(*pair, f"{place} {number}")
    elif expected != read_as:
        yield f"{place}: {_shown(expected)} expected, {_shown(read_as)} read"


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
