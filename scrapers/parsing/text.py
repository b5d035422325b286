"""Text as pages write it, turned into plain values; nothing of it is ever read as markup."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final
from urllib.parse import urljoin, urlsplit

_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which no UTF-8 file can hold."""
_YEAR = re.compile(r"(?<![\w.])(-?[0-9]{3,4})(?=s?(?![\w]))\s*(BCE?\b|B\.\s?C\.)?")
_CIRCA = re.compile(r"\b(?:circa|ca?)\.\s*", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,3}(?:[.,' \u00a0\u202f\u2019][0-9]{3})+(?![0-9])|[0-9]+")
_MOST_DIGITS: Final = 12
_COMMA = re.compile(r"\s*,\s*(?![^()]*\))")
"""A comma that stands in no parentheses."""
# WikiArt's JSON has `&amp;#39;`, escaped twice; once more for whoever copies it.
_DEEPEST_ESCAPE: Final = 3
_LETTERS: Final = str.maketrans(
    {
        "ø": "o", "Ø": "O", "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH",
    }
)  # fmt: skip
"""Latin letters that Unicode does not take apart, as addresses write them."""
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_SLUG: Final = re.compile(r"[^\s/\\?#%]+")


def plain(text: str) -> str:
    r"""``text`` on one line, without control characters; still hostile, never to be rendered raw.

    >>> plain("  Winter \n in\x00 Kursk ")
    'Winter in Kursk'
    """
    return " ".join(_UNWRITABLE.sub("", text).split())


def plain_or_none(value: object) -> str | None:
    """A JSON value as plain text; None for null, for nothing, and for what is no scalar."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return plain(str(value)) or None


def unescaped(value: object) -> str | None:
    """A JSON value in which the site left HTML entities, escaped once or more, as plain text.

    >>> unescaped("The Fisherman&amp;#39;s Wife")
    "The Fisherman's Wife"
    """
    if isinstance(value, str):
        for _ in range(_DEEPEST_ESCAPE):
            value = html.unescape(value)
    return plain_or_none(value)


def comma_separated(text: str) -> tuple[str, ...]:
    """The values of a comma-separated text; commas in parentheses belong to a value.

    >>> listed("Art Nouveau (Modern, late), Japonism")
    ('Art Nouveau (Modern, late)', 'Japonism')
    """
    return tuple(part for part in _COMMA.split(text.strip()) if part)


def first_year(text: str) -> int | None:
    """The first year that ``text`` names, negative before the common era; None without one.

    >>> [first_year(t) for t in ("1920-1930", "c.1503", "XX cent.", "1960s", "850 BC", "")]
    [1920, 1503, None, 1960, -850, None]
    """
    written = _YEAR.search(_CIRCA.sub("", text))
    if written is None:
        return None
    year = int(written[1])
    return -abs(year) if written[2] else year


def first_count(text: str) -> int | None:
    """The first whole number of ``text``, thousands separators of any language aside.

    >>> first_count("9,140 listings"), first_count("9.140 Angebote"), first_count("9 140 annonces")
    (9140, 9140, 9140)
    """
    written = _COUNT.search(text)
    digits = re.sub(r"[^0-9]", "", written[0]) if written else ""
    return int(digits) if 0 < len(digits) <= _MOST_DIGITS else None


def absolute(page_url: str, href: str) -> str | None:
    """``href`` as an http(s) address seen from ``page_url``; None for anything else."""
    try:
        url = urljoin(page_url, href.strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def path_segments(url: str) -> list[str]:
    """The non-empty segments of the path of ``url``, as they are escaped there."""
    return [segment for segment in urlsplit(url).path.split("/") if segment]


def slug(text: str, separator: str = "-") -> str:
    """``text`` as sites put it into addresses: ASCII, lower case, words joined."""
    bare = "".join(c for c in _without_marks(text.replace("&", " ")) if c not in "'’")
    words = "".join(c.lower() if c.isascii() and c.isalnum() else " " for c in bare).split()
    return separator.join(words)


def creator_slug(name: str) -> str:
    """A creator's name as lists and class folders write it; one that is a slug stays as it is.

    >>> [creator_slug(name) for name in ("Vilém Sørlie", "Žofia", "max-bill", "齐白石")]
    ['vilem-sorlie', 'zofia', 'max-bill', '齐白石']
    """
    if _SLUG.fullmatch(name) and name == name.lower():
        return name
    # Twice: only without its style is a letter such as a bold A in mathematics a capital.
    bare = _without_marks(_without_marks(name.casefold()).casefold())
    bare = unicodedata.normalize("NFC", bare)
    return _NO_LETTERS.sub("-", bare).strip("-")


def _without_marks(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
