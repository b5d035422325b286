"""Did one capture look wherever an earlier one had looked? Only then is what it lacks gone."""

from __future__ import annotations

from typing import Any, Final

from pipeline.core.sites import OWN, START_LISTS
from scrapers.capture.description import Description

STEERING: Final = "description"
"""Among what a capture was asked for: a hash of what of a site's description steers its walk."""


def walked_again(
    later: Description, earlier: Description, *, listings: int, most_listed: int | None
) -> bool:
    """Whether ``later`` walked to its end each list in which ``earlier`` met its listings.

    Args:
        later: a finished capture.
        earlier: one before it.
        listings: how many ``later`` met, whether or not it asked for their images.
        most_listed: how many one list of the site hands out at most; None: as many as there are.
    """
    same_way = (later.site, later.origin) == (earlier.site, earlier.origin)
    if not same_way or later.origin == "folder":  # whoever saved pages chose what to save
        return False
    mine, theirs = later.selection, earlier.selection
    if later.origin in OWN:  # what is no longer in one's own folder or list was taken out
        return bool(mine.get("path") == theirs.get("path"))
    most = mine.get("max_listings")
    if most is not None and listings >= most:
        return False
    if most_listed is not None and listings >= most_listed:
        return False
    if any(mine.get(key) != theirs.get(key) for key in ("list_by", STEERING)):
        return False
    asked, before = _lists(mine), _lists(theirs)
    return not asked or (bool(before) and before <= asked)


def _lists(selection: dict[str, Any]) -> set[tuple[str, str]]:
    """The lists that the params named; none of them stands for all there is."""
    return {(key, slug) for key in START_LISTS for slug in selection.get(key) or ()}
