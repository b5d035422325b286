"""How pages write numbers, shares, settings and dates, and how their templates come together."""

from __future__ import annotations

import datetime as dt
import json
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup


def number(value: int) -> str:
    r"""A whole number with thin spaces between the thousands.

    >>> number(1234567)
    '1\u2009234\u2009567'
    """
    return f"{value:,}".replace(",", "\u2009")


def setting(value: Any) -> str:
    """The value of a param as `params.yaml` would say it.

    >>> setting("logistic"), setting(None), setting(["translate"]), setting(0.01)
    ('logistic', 'null', '["translate"]', '0.01')
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def signed(value: float, digits: int = 4) -> str:
    """A small number with a true minus sign.

    >>> signed(-0.00041), signed(-3.25, digits=1)
    ('−0.0004', '−3.2')
    """
    return f"{value:.{digits}f}".replace("-", "−")


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


def as_percent(value: float) -> str:
    r"""A chance in per cent; what is in doubt is never said to be certain.

    >>> as_percent(0.4), as_percent(0.998), as_percent(0.003)
    ('40\xa0%', '>99\xa0%', '<1\xa0%')
    """
    return share(min(max(round(1000 * value), 1), 999), 1000)


def counted(value: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "image"), counted(2, "image"), counted(3, "copy", "copies")
    ('1 image', '2 images', '3 copies')
    """
    return f"{number(value)} {singular if value == 1 else plural or singular + 's'}"


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


STYLES = (("pipeline.core.styles", "palette.css"), ("pipeline.card.templates", "card.css"))


def environment(*packages: str) -> jinja2.Environment:
    """Templates of ``packages`` and of the card; every text is escaped, a missing one an error."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([*map(jinja2.PackageLoader, (*packages, "pipeline.card"))]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["setting"] = setting
    environment.filters["signed"] = signed
    environment.filters["share"] = share
    environment.filters["counted"] = counted
    return environment


def stylesheet(*more: tuple[str, str]) -> Markup:
    """The card's styles and ``more`` of them, each as the package and name of its file."""
    sheets = (*STYLES, *more)
    css = "\n".join(files(package).joinpath(name).read_text("utf-8") for package, name in sheets)
    return Markup(css)  # noqa: S704 - files of this project
