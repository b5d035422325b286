"""The words for what the tables hold: reasons, numbers, dates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pipeline.core.schema import Reason, Symmetry


@dataclass(frozen=True)
class Wording:
    """A reason as a heading, as a sentence, and as the note under a picture."""

    label: str
    means: str
    compared: str = ""
    """Format of the note, over ``value`` and ``threshold``."""


REASONS: dict[Reason, Wording] = {
    Reason.UNREADABLE: Wording(
        "Unreadable", "The bytes are torn, or in a format that cannot be decoded."
    ),
    Reason.NOT_AN_IMAGE: Wording(
        "Not an image", "The address of an image answered with something else, such as a page."
    ),
    Reason.OPTED_OUT: Wording(
        "Opted out", "The site or the author asked that the image not be used."
    ),
    Reason.CURATOR_REMOVED: Wording(
        "Removed by a curator", "A line in the curators’ lists takes the image out."
    ),
    Reason.PLACEHOLDER: Wording(
        "Placeholder",
        "One and the same picture stands in for many listings.",
        "served for {value:g} listings; {threshold:g} make a placeholder",
    ),
    Reason.TOO_SMALL: Wording(
        "Too small",
        "The shorter side has too few pixels.",
        "shorter side {value:g} px; at least {threshold:g}",
    ),
    Reason.ASPECT_RATIO: Wording(
        "Too tall or too wide",
        "Squaring it would cut away, or squeeze, too much of the picture.",
        "sides as {value:.2f} to 1; at most {threshold:g}",
    ),
    Reason.BLANK: Wording(
        "Blank",
        "The luminance hardly varies: there is nothing on it.",
        "luminance varies by {value:.2f}; at least {threshold:g}",
    ),
    Reason.WATERMARK: Wording(
        "Watermarked",
        "It carries the mark that the site lays over its images.",
        "score {value:.1f}; at most {threshold:g}",
    ),
    Reason.RIGHTS: Wording("Rights", "Its rights label is not among those allowed."),
    Reason.EXACT_DUPLICATE: Wording(
        "Exact duplicate", "It decodes to the very pixels of another image that was kept."
    ),
    Reason.NEAR_DUPLICATE: Wording(
        "Near duplicate",
        "It shows the same picture as another image that was kept.",
        "colours differ by {value:.1f} in Lab",
    ),
    Reason.SAME_AS_OTHER_VARIANT: Wording(
        "Same as another variant", "Turned or mirrored it equals another variant of its image."
    ),
}


def note_of(row: dict[str, Any]) -> str:
    """What was compared with what, or who decided, for one row of `selection`."""
    reason = Reason(row["reason"])
    if row["decided_by"] != "rule":
        return f"by {row['decided_by']}"
    if reason in (Reason.UNREADABLE, Reason.NOT_AN_IMAGE):
        return str(row["fault_detail"] or "")
    compared = REASONS[reason].compared
    if row["value"] is None:
        return ""
    return compared.format(value=row["value"], threshold=row["threshold"])


SYMMETRIES: dict[Symmetry, str] = {
    Symmetry.IDENTITY: "",
    Symmetry.ROT90: "turned by 90°",
    Symmetry.ROT180: "turned by 180°",
    Symmetry.ROT270: "turned by 270°",
    Symmetry.FLIP_LEFT_RIGHT: "mirrored left to right",
    Symmetry.FLIP_TOP_BOTTOM: "mirrored top to bottom",
    Symmetry.TRANSPOSE: "mirrored along the diagonal",
    Symmetry.TRANSVERSE: "mirrored along the other diagonal",
}
"""How a copy lies in relation to the image it was copied from."""


def number(value: int) -> str:
    r"""A whole number with thin spaces between the thousands.

    >>> number(1234567)
    '1\u2009234\u2009567'
    """
    return f"{value:,}".replace(",", "\u2009")


def signed(value: float) -> str:
    """A small number with a true minus sign.

    >>> signed(-0.00041)
    '−0.0004'
    """
    return f"{value:.4f}".replace("-", "−")


def share(part: int, whole: int) -> str:
    r"""``part`` of ``whole`` in per cent, never rounded to nothing or to all of it.

    >>> share(1, 3), share(1, 1000), share(999, 1000), share(0, 5), share(0, 0)
    ('33\xa0%', '<1\xa0%', '>99\xa0%', '0\xa0%', '–')
    """
    if not whole:
        return "–"
    rounded = round(100 * part / whole)
    if rounded == 0 and part:
        return "<1\u00a0%"
    if rounded == 100 and part < whole:
        return ">99\u00a0%"
    return f"{rounded}\u00a0%"


def counted(value: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "image"), counted(2, "image"), counted(3, "copy", "copies")
    ('1 image', '2 images', '3 copies')
    """
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def day(iso: str) -> str:
    """A date as a person writes it.

    >>> day("2026-05-04")
    '4 May 2026'
    """
    date = dt.date.fromisoformat(iso)
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def listed(words: list[str]) -> str:
    """Words as an enumeration.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
