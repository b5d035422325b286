"""A folder of saved pages: which pages it holds, and which of a page's images were saved."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import basename
from typing import NamedTuple
from urllib.parse import quote

from pipeline.core.errors import SavedPagesError
from pipeline.core.log import say
from scrapers.address import AddressBook
from scrapers.parsing.facts import Fact
from scrapers.registry import site_of
from scrapers.saved.page import FILES, HTML, MHTML, SavedPage, read_page, without_copy_mark
from scrapers.sites.site import Site

_PLAIN_HTTP = re.compile(rb"http://([a-zA-Z0-9.-]{1,100})")


class Survey(NamedTuple):
    """What a folder holds."""

    pages: dict[str, Path]
    """Every page by its address; of two of one address, the first."""
    book: AddressBook
    """The site's hosts to which its pages lead without TLS; both sites answer by https alone."""


class Picture(NamedTuple):
    """An image of a listing that was saved with the page."""

    url: str
    """Of the size that was saved."""
    body: bytes


def page_paths(folder: Path) -> list[Path]:
    """The saved pages in ``folder`` and below, by path; frames that belong to a page left out.

    Raises:
        SavedPagesError: there is no such folder, or no page in it.
    """
    if not folder.is_dir():
        raise SavedPagesError(f"{folder}: no such folder; set scrape.folder in params.yaml")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in HTML | MHTML
        and path.is_file()
        and not any(part.endswith(FILES) for part in path.relative_to(folder).parts[:-1])
    )
    if not found:
        raise SavedPagesError(
            f"{folder}: holds no saved page (.html or .mhtml); save some from the browser first"
        )
    return found


def survey(folder: Path, site: str) -> Survey:
    """Which pages of ``site`` the folder holds.

    Raises:
        SavedPagesError: a page cannot be read, or is none of ``site``.
    """
    found: dict[str, Path] = {}
    hosts: set[str] = set()
    for path in page_paths(folder):
        page = read_page(path)
        url = canonical(page.url)
        if site_of(url) != site:
            raise SavedPagesError(
                f"{path}: saved from {url}, which is not {site}; move it to another folder"
            )
        if found.setdefault(url, path) != path:
            say(f"{path}: the same page as {found[url]}, passed over")
        hosts.update(match.decode() for match in _PLAIN_HTTP.findall(page.body))
    of_site = sorted(host for host in hosts if site_of(f"https://{host}/") == site)
    return Survey(found, AddressBook({f"https://{h}": f"http://{h}" for h in of_site}))


def canonical(url: str) -> str:
    """``url`` as both sites name it: by https."""
    return f"https://{url.removeprefix('http://')}" if url.startswith("http://") else url


def saved_picture(page: SavedPage, fact: Fact, site: Site) -> Picture | None:
    """The largest size in which the image of ``fact`` was saved with ``page``; None without one."""
    if fact.image_key is None or fact.image_url is None:
        return None
    best: Picture | None = None
    for resource in page.resources:
        for name in dict.fromkeys((resource.name, without_copy_mark(resource.name))):
            url = _address(name, fact.image_url, site)
            if url is not None:
                body = resource.read()
                if body and (best is None or len(body) > len(best.body)):
                    best = Picture(url, body)
                break
    return best


def _address(name: str, image_url: str, site: Site) -> str | None:
    """The address of a saved file, if it shows the image at ``image_url`` in any size."""
    key = site.image_key(image_url)
    if "://" in name:
        url = canonical(name)
        return url if site.image_key(url) == key else None
    if site.image_key(quote(name)) != basename(key):
        return None
    return site.image_saved_as(image_url, name)
