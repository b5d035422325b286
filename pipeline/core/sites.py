"""The sites that Salon knows, as far as params, lists, the card and commands need to know them.

How a site is walked and read is told by its package in ``scrapers/sites/``, which
`scrapers.registry` puts beside what is declared here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class SiteDeclaration:
    """One site: the name that params call it by is its key in `SITES`."""

    title: str
    """As people write it."""
    creators: str
    """Who makes what it lists, in plural."""
    start_lists: tuple[str, ...]
    """The params of `scrape` that name where its listings start."""
    image_sizes: tuple[str, ...]
    """The sizes of an image that can be asked for, the usual one first."""
    list_by: tuple[str, ...] = ("json",)
    """The ways in which a creator's works can be listed."""
    gallery_kinds: tuple[str, ...] = ()
    """The kinds of embedded gallery there are of it; none where it has no replica."""
    lists_everything: bool = False
    """Whether its front page leads to all listings, so that none has to be named (gallery only)."""
    needs_permission: bool = False
    """Whether its terms forbid automated reading, so that a live capture states a permission."""


SIZE_AS_IT_IS: Final = "original"

SITES: Final[Mapping[str, SiteDeclaration]] = {
    "wikiart": SiteDeclaration(
        title="WikiArt",
        creators="artists",
        start_lists=("styles", "genres", "media", "artists"),
        image_sizes=("Large", "HD", "original"),
        list_by=("json", "text-list", "sitemap"),
        gallery_kinds=("site",),
    ),
    "chrono24": SiteDeclaration(
        title="Chrono24",
        creators="brands",
        start_lists=("brands", "models", "references"),
        image_sizes=("ExtraLarge",),
        gallery_kinds=("site", "shop"),
        lists_everything=True,
        needs_permission=True,
    ),
    "files": SiteDeclaration(
        title="own files", creators="creators", start_lists=(), image_sizes=(SIZE_AS_IT_IS,)
    ),
    "addresses": SiteDeclaration(
        title="a list of addresses",
        creators="creators",
        start_lists=(),
        image_sizes=(SIZE_AS_IT_IS,),
    ),
}

OWN: Final = ("files", "addresses")
"""What people bring themselves: of no site, and read by its tables instead of by pages. Each is
its own origin."""

START_LISTS: Final = tuple(
    dict.fromkeys(name for declared in SITES.values() for name in declared.start_lists)
)
"""Every param that names where listings start, of any site."""
