"""The sites that Salon knows, as far as params, lists, the card and commands need to know them.

How a site is walked and read is told by its package in ``scrapers/sites/``, which
`scrapers.site_registry` puts beside what is declared here. A site that one file describes
(``scrapers/sites/NAME.yaml``, or in the folder that params.yaml calls ``descriptions``) is declared
by being there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core import flat_yaml


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
    domains: tuple[str, ...] = ()
    """Of a described site: what its hosts are called, subdomains included."""
    description: Path | None = None
    """The file that describes it; None where a package of ``scrapers/sites`` does."""


QUERIES: Final = "queries"
"""The param that stands for ``{query}`` where the listings of described sites start."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
DESCRIPTIONS: Final = Path(__file__).parents[2] / "scrapers" / "sites"
"""The folder of the descriptions that come along."""
OWN_FOLDER: Final = "sites"
"""The folder of one's own descriptions, where params.yaml names no other."""
_FOLDER_IN_PARAMS: Final = re.compile(
    r"""^descriptions:[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#][^#\n]*))""", re.MULTILINE
)
OWN_FILES: Final = "files"
"""The source of what was read from a folder or an archive: no site has a word in it."""
SIZE_AS_IT_IS: Final = "original"
_PACKAGES: Final[Mapping[str, SiteDeclaration]] = {
    "wikiart": SiteDeclaration(
        title="WikiArt",
        creators="artists",
        start_lists=("styles", "genres", "media", "artists"),
        image_sizes=("Large", "HD", "original"),
        list_by=("json", "text-list", "sitemap"),
        gallery_kinds=("site", "walls"),
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
    OWN_FILES: SiteDeclaration(
        title="own files", creators="creators", start_lists=(), image_sizes=(SIZE_AS_IT_IS,)
    ),
    "addresses": SiteDeclaration(
        title="a list of addresses",
        creators="creators",
        start_lists=(),
        image_sizes=(SIZE_AS_IT_IS,),
    ),
}


def declared_in(file: Path) -> SiteDeclaration:
    """What params have to know of the site that ``file`` describes.

    Only the few keys that are needed here are looked at: this is read by every command.

    Raises:
        ValueError: the file is not YAML, or one of those keys is not what it should be.
    """
    if not _NAME.fullmatch(file.stem):
        raise ValueError("name the file in small letters, digits and _, beginning with a letter")
    written = flat_yaml.read_flat_yaml(file)
    match written:
        case {"title": str(title), "hosts": [*hosts], "listing": {"start": start}}:
            starts = start if isinstance(start, list) else [start]
            sizes = _mapping(_mapping(written.get("image")).get("sizes")) or {"as_listed": None}
            return SiteDeclaration(
                title=title,
                creators=str(written.get("creators", "creators")),
                start_lists=(QUERIES,) if any("{query}" in str(each) for each in starts) else (),
                image_sizes=tuple(map(str, sizes)),
                gallery_kinds=("site",) if written.get("replicated") is True else (),
                needs_permission=written.get("needs_permission") is True,
                domains=tuple(map(str, hosts)),
                description=file,
            )
    raise ValueError("title, hosts and listing.start are needed")


def _mapping(written: Any) -> dict[Any, Any]:
    return written if isinstance(written, dict) else {}


def own_folder(params: Path) -> Path:
    """The folder beside ``params`` (params.yaml, if it is there) of one's own descriptions.

    The line is looked for without reading the rest: this is asked by every command.
    """
    text = params.read_text(encoding="utf-8", errors="replace") if params.is_file() else ""
    line = _FOLDER_IN_PARAMS.search(text)
    named = (line[1] or line[2] or line[3]).strip() if line else OWN_FOLDER
    return params.parent / named


def described_in(*folders: Path) -> tuple[dict[str, SiteDeclaration], dict[str, str]]:
    """The sites that files describe; and the files that cannot be read, each with the reason."""
    sites: dict[str, SiteDeclaration] = {}
    unreadable: dict[str, str] = {}
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        if file.stem in _PACKAGES:
            unreadable[file.name] = f"{file}: {file.stem} is a site in Python; name it otherwise"
            continue
        if file.stem in sites:
            first = sites[file.stem].description
            unreadable[file.name] = f"{file}: {first} describes a {file.stem}; name it otherwise"
            continue
        try:
            sites[file.stem] = declared_in(file)
        except (OSError, ValueError) as error:
            unreadable[file.stem] = f"{file}: {error}"
    return sites, unreadable


OWN_DESCRIPTIONS: Final = own_folder(Path("params.yaml"))
"""The folder of one's own descriptions, of the project in which the program was started."""
_DESCRIBED, UNREADABLE = described_in(DESCRIPTIONS, OWN_DESCRIPTIONS)
SITES: Final[Mapping[str, SiteDeclaration]] = {**_PACKAGES, **_DESCRIBED}
"""Every site."""

OWN: Final = ("files", "addresses")
"""What people bring themselves: of no site, and read by its tables instead of by pages. Each is
its own origin."""

START_LISTS: Final = tuple(
    dict.fromkeys(
        [*(name for declared in _PACKAGES.values() for name in declared.start_lists), QUERIES]
    )
)
"""Every param that names where listings start, of any site."""
