"""One saved page: as MHTML, or as HTML with a folder of files beside it."""

from __future__ import annotations

import email
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from pipeline.core.errors import SavedPagesError
from scrapers.parsing.markup import first_attribute, tree
from scrapers.parsing.text import absolute

MHTML: Final = frozenset({".mhtml", ".mht"})
HTML: Final = frozenset({".html", ".htm"})
FILES: Final = ("_files", "-Dateien", "_fichiers", "_archivos", "_file", ".files")
"""How browsers of several languages end the name of the folder beside a saved page."""

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\([0-9]+\)(\S+)\s*-->")
_HEAD: Final = 4096
_COPY = re.compile(r"\([0-9]+\)(?=\.[^.]*$)")
"""What a browser puts into the name of a second file of the same name."""


@dataclass(frozen=True)
class Resource:
    """A file that was saved with a page."""

    name: str
    """Its address, or where that was lost, its name."""
    read: Callable[[], bytes]


@dataclass(frozen=True)
class SavedPage:
    """One page as the browser had it."""

    path: Path
    url: str
    """Where it was saved from."""
    body: bytes
    """HTML in UTF-8."""
    resources: tuple[Resource, ...]


def read_page(path: Path) -> SavedPage:
    """Read the page saved at ``path``.

    Raises:
        SavedPagesError: it cannot be read, or does not tell where it was saved from.
    """
    try:
        return _from_mhtml(path) if path.suffix.lower() in MHTML else _from_html(path)
    except OSError as error:
        raise SavedPagesError(f"{path}: {error.strerror}; make it readable") from error


def _from_mhtml(path: Path) -> SavedPage:
    """MHTML (RFC 2557): the page first, then what it showed, each part with its address."""
    message = email.message_from_bytes(path.read_bytes())
    parts = [part for part in message.walk() if not part.is_multipart()]
    page = next((part for part in parts if part.get_content_type() == "text/html"), None)
    if page is None:
        raise SavedPagesError(f"{path}: holds no page; save it again as MHTML")
    body = _content(page)
    url = _http(message.get("Snapshot-Content-Location")) or _http(page.get("Content-Location"))
    return SavedPage(path, url or _address_in(body, path), body, tuple(_pictures(parts)))


def _content(part: Message) -> bytes:
    """The document in UTF-8, whatever it was saved in."""
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        return body.decode(charset, "replace").encode("utf-8", "replace")
    except LookupError:
        return body


def _pictures(parts: list[Message]) -> Iterator[Resource]:
    for part in parts:
        address, payload = part.get("Content-Location"), part.get_payload(decode=True)
        if address and part.get_content_maintype() == "image" and isinstance(payload, bytes):
            # Long headers are folded, so that an address may begin on the next line.
            yield Resource("".join(address.split()), lambda content=payload: content)  # type: ignore[misc]


def _from_html(path: Path) -> SavedPage:
    """The files lie beside the page in a folder that browsers name after it."""
    body = path.read_bytes()
    found = [path.with_name(path.stem + ending) for ending in FILES]
    files = [file for folder in found for file in sorted(folder.rglob("*")) if file.is_file()]
    resources = tuple(Resource(unquote(file.name), file.read_bytes) for file in files)
    return SavedPage(path, _address_in(body, path), body, resources)


def _address_in(body: bytes, path: Path) -> str:
    """Where a page was saved from: the browser's note, else the page's own word."""
    note = _SAVED_FROM.search(body[:_HEAD])
    if note is not None:
        noted = _http(html.unescape(note[1].decode("utf-8", "replace")))
        if noted is not None:
            return noted
    page = tree(body)
    told = first_attribute(page.css('link[rel="canonical"]'), "href") or first_attribute(
        page.css('meta[property="og:url"]'), "content"
    )
    url = _http(told)
    if url is None:
        raise SavedPagesError(
            f"{path}: does not tell where it was saved from; save it again from the browser, "
            f'as "Webpage, Complete" or as MHTML'
        )
    return url


def _http(url: object) -> str | None:
    return absolute(url, url) if isinstance(url, str) else None


def without_copy_mark(name: str) -> str:
    """The name that a file would have if no other of the same name had been there.

    >>> without_copy_mark("mona-lisa(1).jpg")
    'mona-lisa.jpg'
    """
    return _COPY.sub("", name)
