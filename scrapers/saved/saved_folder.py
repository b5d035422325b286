"""A folder of saved pages: which pages it holds, and in which of its files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import SavedPagesError
from scrapers.address import AddressBook
from scrapers.politeness.opt_out import page_opts_out
from scrapers.saved.saved_page import (
    HTML,
    MHTML,
    SavedPage,
    folders_beside,
    folders_named_in,
    read_page,
)
from scrapers.site_registry import SITES, site_of

_PLAIN_HTTP = re.compile(rb"http://([a-zA-Z0-9.-]{1,100})")


class SavedSurvey(NamedTuple):
    """What a folder holds."""

    pages: dict[str, list[Path]]
    """Every page by its address: all files in which it was saved."""
    opted_out: set[str]
    """Addresses of the pages that ask not to be trained on, in one of their files at least."""
    book: AddressBook
    """The site's hosts to which its pages lead without TLS; both sites answer by https alone."""


def page_paths(folder: Path) -> list[Path]:
    """The files in ``folder`` and below that may be saved pages, by path.

    Raises:
        SavedPagesError: there is no such folder, or no page in it.
    """
    if not folder.is_dir():
        raise SavedPagesError(f"{folder}: no such folder; set scrape.folder in params.yaml")
    paths = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in HTML | MHTML and path.is_file()
    )
    if not paths:
        raise SavedPagesError(
            f"{folder}: holds no saved page (.html or .mhtml); save some from the browser first"
        )
    return paths


def survey_saved(folder: Path, site: str) -> SavedSurvey:
    """Which pages of ``site`` the folder holds; frames that were saved with a page are none.

    Raises:
        SavedPagesError: a page cannot be read, or is none of ``site``.
    """
    surveyed = SavedSurvey({}, set(), AddressBook())
    hosts: set[str] = set()
    of_pages: set[Path] = set()
    beside: set[Path] = set()
    # Nearer ones first: a page comes before the frames in its folder.
    for path in sorted(page_paths(folder), key=lambda path: (len(path.parts), path)):
        if of_pages.intersection(path.parents):
            continue
        is_beside = not beside.isdisjoint(path.parents)
        try:
            page = read_page(path)
            url = _checked_address(page, site)
        except SavedPagesError:
            if is_beside:
                continue  # a frame: of another host, or of no address at all
            raise
        if is_beside and SITES[site].page_kind(url) == "other":
            continue
        if path.suffix.lower() in HTML:
            of_pages.update(folders_named_in(path, page.body))
            beside.update(folders_beside(path))
        surveyed.pages.setdefault(url, []).append(path)
        if page_opts_out(page.body.decode("utf-8", "replace")):
            surveyed.opted_out.add(url)
        hosts.update(match.decode() for match in _PLAIN_HTTP.findall(page.body))
    of_site = sorted(host for host in hosts if site_of(f"https://{host}/") == site)
    return surveyed._replace(book=AddressBook({f"https://{h}": f"http://{h}" for h in of_site}))


def as_https(url: str) -> str:
    """``url`` as both sites name it: by https."""
    return f"https://{url.removeprefix('http://')}" if url.startswith("http://") else url


def _checked_address(page: SavedPage, site: str) -> str:
    """The address of a page that is one of the site's."""
    url = as_https(page.url)
    if site_of(url) != site:
        raise SavedPagesError(
            f"{page.path}: saved from {url}, which is not {site}; move it to another folder"
        )
    return url
