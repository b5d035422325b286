"""Recognising a page that asks for proof of being human. Salon stops there and evades nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from pipeline.core.errors import ChallengedError, QuotaError

_STATUSES: Final = frozenset({403, 429, 503})
_TITLE: Final = re.compile(
    r"<title[^>]*>\s*(just a moment|attention required|checking your browser"
    r"|verifying you are human)",
    re.IGNORECASE,
)
_MARKS: Final = re.compile(
    r"id=[\"']?(challenge-form|challenge-container|cf-challenge-container)\b"
    r"|src=[\"']?https?://challenges\.cloudflare\.com|window\._cf_chl_opt"
)
_SHORT_PAGE: Final = 20_000
"""Characters of markup; a challenge has little text, and a real page may quote its title."""
_QUOTA: Final = re.compile(r"API limit exceeded", re.IGNORECASE)
_FIRST_ERROR: Final = 400
_REFUSALS: Final = frozenset({401, 403})


def check_signs(url: str, status: int | None, headers: Mapping[str, str], body: str) -> None:
    """Pass an answer that carries none of the signs of a challenge.

    Args:
        url: canonical, as asked for; it stands in the sentence.
        status: HTTP status, where it is known.
        headers: with names in lower case.
        body: the start of the document at least.

    Raises:
        ChallengedError: it carries one.
    """
    sign = _sign(status, headers, body)
    if sign is not None:
        raise _stop(url, sign)


def check_quota(url: str, status: int | None, body: str) -> None:
    """Pass an answer by which the site does not say that its free requests are used up.

    Raises:
        QuotaError: it does; trying again would only use up more.
    """
    if (status or 0) >= _FIRST_ERROR and _QUOTA.search(body[:_SHORT_PAGE]):
        raise QuotaError(
            f"{url}: the site's free requests are used up for now; what was fetched is kept, run "
            f"the same command again tomorrow"
        )


def check_refusal(url: str, status: int | None, final_url: str) -> None:
    """Pass a page that is neither refused (401, 403) nor replaced by the site's login form.

    Raises:
        ChallengedError: it is.
    """
    if status in _REFUSALS:
        raise _stop(url, f"HTTP {status}")
    if urlsplit(final_url).path.rstrip("/").endswith("/login"):
        raise _stop(url, "it asks for a login")


def _stop(url: str, sign: str) -> ChallengedError:
    return ChallengedError(
        f"{url}: the site does not want to be read by a program ({sign}), so Salon stops here; "
        f"what was fetched is kept. Ask the site before you try again"
    )


def _sign(status: int | None, headers: Mapping[str, str], body: str) -> str | None:
    if headers.get("cf-mitigated") == "challenge":
        return "cf-mitigated: challenge"
    if status not in _STATUSES and len(body) > _SHORT_PAGE:
        return None
    mark = _TITLE.search(body) or _MARKS.search(body)
    return None if mark is None else f"its page says {mark[0]!r}"
