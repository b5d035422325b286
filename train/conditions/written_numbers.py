"""Numbers as people write them: "40 mm", "1,250 €", "$3,945", "1985 (Approximation)"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

_REMARK: Final = re.compile(r"\([^)]*\)|\[[^]]*\]")
_NUMBER: Final = re.compile(
    r"(?P<before>[^\d]*?)\s*(?P<number>[+\-−]?(?:\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+|\d+)"
    r"(?:[.,]\d+)?)\s*(?P<after>[^\d]*)"
)
SHARE: Final = 0.75
"""Of the texts of a column that must be numbers of one unit, so that it is one of numbers."""


class Written(NamedTuple):
    """A number and what is written around it."""

    value: float
    unit: str


def number_in(text: str) -> Written | None:
    """The one number of ``text``, if it has no other; what is in brackets does not count.

    A comma or a space before three digits groups them; a point does where it does so twice, or a
    comma follows.

    >>> number_in("1,250.50 €")
    Written(value=1250.5, unit='€')
    >>> number_in("36 x 40 mm") is None
    True
    """
    match = _NUMBER.fullmatch(_REMARK.sub(" ", text).strip())
    if match is None:
        return None
    value = float(_plain(match["number"].replace("−", "-")))
    return Written(value, " ".join(f"{match['before']} {match['after']}".split()).casefold())


def _plain(number: str) -> str:
    """``number`` with a decimal point or none, and no other mark."""
    sign, digits = (number[0], number[1:]) if number[0] in "+-" else ("", number)
    marks = [mark for mark in digits if not mark.isdecimal()]
    if not marks:
        return number
    last = marks[-1]
    is_decimal = last in ".," and marks.count(last) == 1
    if is_decimal and len(marks) == 1:
        is_decimal = not (last == "," and re.fullmatch(r"\d{1,3},\d{3}", digits))
    head, _, tail = digits.rpartition(last) if is_decimal else (digits, "", "")
    whole = "".join(digit for digit in head if digit.isdecimal())
    return f"{sign}{whole}.{tail}" if is_decimal else f"{sign}{whole}"


def unit_of(texts: Iterable[str]) -> str | None:
    """The unit that nearly all of ``texts`` share, "" for none; None: they are no numbers."""
    texts = list(texts)
    written = [number for text in texts if (number := number_in(text)) is not None]
    units = Counter(number.unit for number in written)
    if not units:
        return None
    unit, count = units.most_common(1)[0]
    return unit if count >= SHARE * len(texts) else None
