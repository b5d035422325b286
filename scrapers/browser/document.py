"""What the browser got for an address, or why it got nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.core.errors import ScrapeError

MOST_CHARACTERS: Final = 32_000_000
"""Of a document. The largest known (a text list of all works of an artist) have a few hundred
thousand."""


class NoPageError(ScrapeError):
    """An address led to no page: no connection, a broken one, or no end within the time limit."""


class LeadsOnError(NoPageError):
    """An address led to the next one without end, or to a page that would replace itself."""


@dataclass(frozen=True)
class Document:
    """What the browser got for an address."""

    url: str
    """Where it ended, after redirects."""
    status: int | None
    """HTTP status; None where the browser does not tell."""
    content_type: str
    body: str
    """The markup as the browser understood it, or the text that was fetched."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, with names in lower case."""
    peer: tuple[str, int] | None = None
    """IP address and port that a document came from, where there was a connection."""


def document(answer: dict[str, Any]) -> Document:
    """The document that a script of `scrapers.browser.page_scripts` answered with.

    Raises:
        NoPageError: it is too long.
    """
    if answer.pop("too_long"):
        raise NoPageError(f"longer than the {MOST_CHARACTERS:,} characters allowed")
    return Document(**answer)
