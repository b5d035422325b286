"""Dates as catalogues write them, as numbers."""

from __future__ import annotations

import re
from typing import Final

from scrapers.parsing.text import first_year

_RANGE = re.compile(
    r"(?<![0-9])([0-9]{3,4})s?\s*(?:[-\u2010-\u2015/]|to)\s*(?:c\.\s*)?([0-9]{1,4})(?![0-9])"
)
_DECADE = re.compile(r"(?<![0-9])([0-9]{2,3}0)s\b")
_CENTURIES = re.compile(
    r"\b([IVX]{1,5})(?:\s*[-\u2010-\u2015/]\s*([IVX]{1,5}))?\s*(?:th\s*)?(?:cent|c\.)",
    re.IGNORECASE,
)
_ROMAN: Final = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10,
    "XI": 11, "XII": 12, "XIII": 13, "XIV": 14, "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18,
    "XIX": 19, "XX": 20, "XXI": 21,
}  # fmt: skip
_BEFORE = re.compile(r"\b(?:BCE?\b|B\.\s?C\.)")


def year_span(text: str) -> tuple[int, int] | None:
    """The earliest and the latest year that ``text`` allows; None where it names no time.

    >>> [year_span(t) for t in ("1916", "1920-1930", "1904-5", "1960s", "XX cent.", "?")]
    [(1916, 1916), (1920, 1930), (1904, 1905), (1960, 1969), (1901, 2000), None]
    """
    centuries = _CENTURIES.search(text)
    year = first_year(text)
    if year is None:
        return None if centuries is None else _of_centuries(centuries, bool(_BEFORE.search(text)))
    written = _RANGE.search(text)
    if written is not None and not _BEFORE.search(text):
        first, last = int(written[1]), _completed(written[1], written[2])
        if first == year and first <= last:
            return first, last
    decade = _DECADE.search(text)
    if decade is not None and int(decade[1]) == year:
        return year, year + 9
    return year, year


def _completed(first: str, last: str) -> int:
    """The end of a range whose first digits may be left out: 1904-5, 1904-05."""
    return int(first[: max(0, len(first) - len(last))] + last)


def _of_centuries(centuries: re.Match[str], before: bool) -> tuple[int, int] | None:
    first = _ROMAN.get(centuries[1].upper())
    last = _ROMAN.get((centuries[2] or centuries[1]).upper())
    if first is None or last is None:
        return None
    if before:
        first, last = 1 - first, 1 - last
    return (100 * (first - 1) + (not before), 100 * last - before) if first <= last else None
