"""An artist as ``/en/{artist}?json=2`` describes them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.embedded import json_document
from scrapers.parsing.text import absolute, plain, unescaped

_DATE = re.compile(r"/Date\((-?[0-9]{1,17})")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_NO_DAY: Final = (dt.date(9999, 12, 31), dt.date(1, 1, 1))
"""What the site writes for a day that it does not know, and for the death of who is alive."""
_NO_YEAR = re.compile(r"\b(?:0001|9999)\b")
_BBCODE = re.compile(r"\[/?[a-z]+(?: [^\]]*)?\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """What the record does not tell is None or empty."""

    slug: str
    id: str | None
    name: str | None
    original_name: str | None
    """In the artist's language."""
    last_name_first: str | None
    born: dt.date | None
    born_text: str | None
    died: dt.date | None
    """None also for artists who are alive."""
    died_text: str | None
    active_from: str | None
    active_to: str | None
    gender: str | None
    periods: tuple[str, ...]
    series: tuple[str, ...]
    themes: tuple[str, ...]
    dictionaries: tuple[str, ...]
    """Ids of styles, movements and nations in the site's vocabulary."""
    related: tuple[str, ...]
    image_url: str | None
    wikipedia_url: str | None
    biography: str | None
    """Somebody's prose, without its markup."""


def parse_artist(body: bytes, url: str) -> Artist:
    """Read the record of an artist.

    Raises:
        NotJsonError: the body is no JSON.
        LayoutChangedError: JSON that describes no artist.
    """
    record = json_document(body, url)
    slug = unescaped(record.get("url")) if isinstance(record, dict) else None
    if slug is None or "artistName" not in record:
        raise LayoutChangedError(
            f"{url}: JSON without url and artistName of an artist; "
            f"the site's layout has changed and its parser needs mending"
        )
    image = record.get("image")
    return Artist(
        slug=slug,
        id=unescaped(record.get("contentId")),
        name=unescaped(record.get("artistName")),
        original_name=unescaped(record.get("OriginalArtistName")),
        last_name_first=unescaped(record.get("lastNameFirst")),
        born=_date(record.get("birthDay")),
        born_text=_day_text(record.get("birthDayAsString")),
        died=_date(record.get("deathDay")),
        died_text=_day_text(record.get("deathDayAsString")),
        active_from=unescaped(record.get("activeYearsStart")),
        active_to=unescaped(record.get("activeYearsCompletion")),
        gender=unescaped(record.get("gender")),
        periods=_lines(record.get("periodsOfWork")),
        series=_lines(record.get("series")),
        themes=_lines(record.get("themes")),
        dictionaries=_ids(record.get("dictonaries", record.get("dictionaries"))),
        related=_ids(record.get("relatedArtistsIds")),
        image_url=absolute(url, image) if isinstance(image, str) and image else None,
        wikipedia_url=unescaped(record.get("wikipediaUrl")) or unescaped(record.get("story")),
        biography=unescaped(_BBCODE.sub("", str(record.get("biography") or ""))),
    )


def _date(value: Any) -> dt.date | None:
    """``/Date(ms)/``, milliseconds from 1970; None where no calendar has such a day."""
    written = _DATE.match(value) if isinstance(value, str) else None
    if written is None:
        return None
    try:
        day = (_EPOCH + dt.timedelta(milliseconds=int(written[1]))).date()
    except OverflowError:
        return None
    return None if day in _NO_DAY else day


def _day_text(value: Any) -> str | None:
    """A day in words, unless they are those of no day: ``January 1, 0001``."""
    text = unescaped(value)
    return None if text is None or _NO_YEAR.search(text) else text


def _lines(value: Any) -> tuple[str, ...]:
    """One value a line."""
    text = value if isinstance(value, str) else ""
    return tuple(line for part in text.splitlines() if (line := plain(part)))


def _ids(value: Any) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(text for entry in entries if (text := unescaped(entry)))
