"""Faults by name, and the rules that say which addresses have which of them.

A rule says which addresses fail, how, and how often: ``too_many:/images/*:2`` answers the first
two requests for each image with 429. Whatever no rule claims is answered as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.core.errors import UsageError


class SiteFault(StrEnum):
    """What goes wrong, and what it stands for."""

    SERVER_ERROR = "server_error"
    """500."""
    BUSY = "busy"
    """503 with Retry-After: 1."""
    TOO_MANY = "too_many"
    """429 with Retry-After: 1."""
    COME_TOMORROW = "come_tomorrow"
    """429 with a Retry-After of a day."""
    QUOTA = "quota"
    """500 with the words of a used-up quota."""
    GONE = "gone"
    """404."""
    FORBIDDEN = "forbidden"
    """403."""
    UNAUTHORIZED = "unauthorized"
    """401."""
    LOGIN = "login"
    """302 to a login form."""
    CHALLENGE = "challenge"
    """403 with a page that asks for proof of being human."""
    CHALLENGE_200 = "challenge_200"
    """The same page with status 200."""
    DEAD_ID = "dead_id"
    """302 to a page of errors that answers 500."""
    REDIRECT_LOOP = "redirect_loop"
    """302 to itself."""
    REDIRECT_AWAY = "redirect_away"
    """302 to another host."""
    REDIRECT_PRIVATE = "redirect_private"
    """302 into a private network."""
    RESET = "reset"
    """The connection is reset in place of an answer."""
    HANG_UP = "hang_up"
    """The connection is closed in place of an answer."""
    SILENT = "silent"
    """No answer comes."""
    SLOW = "slow"
    """A byte now and then."""
    TORN = "torn"
    """The connection ends in the middle of the body."""
    WRONG_LENGTH = "wrong_length"
    """More is announced than there is; the connection stays open."""
    EMPTY = "empty"
    """200 without a body."""
    HTML_PAGE = "html_page"
    """An ordinary page in place of whatever was asked for."""
    NEW_LAYOUT = "new_layout"
    """A page of full size with none of the known marks."""
    LAYOUT_2024 = "layout_2024"
    """The page in the markup of 2024."""
    BOMB = "bomb"
    """A few kilobytes that unpack to hundreds of megabytes."""
    SHIFTED = "shifted"
    """A work was added in front between two pages of a listing: one row comes twice."""
    NO_COUNT = "no_count"
    """A JSON listing without its count that ignores ``page``: its first page comes for ever."""
    NO_MAP = "no_map"
    """Rows and works' own pages without the ``map`` of the sizes that exist."""
    OPT_OUT = "opt_out"
    """``X-Robots-Tag: noai``."""
    OPT_OUT_IMAGES = "opt_out_images"
    """``X-Robots-Tag: noimageai``."""
    OPT_OUT_LEARNING = "opt_out_learning"
    """``X-Robots-Tag: noml``."""
    OPT_OUT_ROBOT = "opt_out_robot"
    """``X-Robots-Tag: googlebot: noimageai``: words addressed to one robot."""
    OPT_OUT_SIGNAL = "opt_out_signal"
    """``Content-Signal: search=yes, ai-train=no``."""
    OPT_OUT_TDM = "opt_out_tdm"
    """``tdm-reservation: 1``."""
    OPT_OUT_META = "opt_out_meta"
    """``<meta name="robots" content="noai, noimageai">`` in a page."""
    OPT_OUT_META_LEARNING = "opt_out_meta_learning"
    """``<meta name="robots" content="noml">`` in a page."""
    OPT_OUT_META_ROBOT = "opt_out_meta_robot"
    """``<meta name="googlebot" content="noimageai">`` in a page: words to one robot."""
    OPT_OUT_META_TDM = "opt_out_meta_tdm"
    """``<meta name="tdm-reservation" content="1">`` in a page."""
    OPT_OUT_ROBOTS_TXT = "opt_out_robots_txt"
    """``Content-Signal: ai-train=no`` for all robots in robots.txt; nothing elsewhere."""


@dataclass(frozen=True)
class FaultRule:
    """One line of a plan."""

    fault: SiteFault
    pattern: str = "*"
    """Of path and query (``?`` and ``*`` are wildcards, and so is the ``?`` before a query)."""
    times: int | None = None
    """Requests of each address that fail, from the first one on; None: all."""


def rule(text: str) -> FaultRule:
    """The rule that ``text`` spells: a fault, then a pattern, then a number, colons in between.

    >>> rule("too_many:/images/*:2")
    Rule(fault=<Fault.TOO_MANY: 'too_many'>, pattern='/images/*', times=2)

    Raises:
        UsageError: it spells none.
    """
    name, _, rest = text.partition(":")
    pattern, _, times = rest.rpartition(":")
    if not times.isdecimal():
        pattern, times = rest, ""
    try:
        return FaultRule(SiteFault(name), pattern or "*", int(times) if times else None)
    except ValueError:
        raise UsageError(f"{name!r} is no fault; choose one of {', '.join(SiteFault)}") from None
