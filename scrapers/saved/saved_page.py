"""One saved page: as MHTML, as one HTML file with all in it, or as HTML with a folder of files."""

from __future__ import annotations

import base64
import email
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from pipeline.core.errors import SavedPagesError
from scrapers.parsing.charset import as_utf8
from scrapers.parsing.markup import first_attribute, tree
from scrapers.parsing.text import absolute

MHTML: Final = frozenset({".mhtml", ".mht"})
HTML: Final = frozenset({".html", ".htm", ".xhtml"})

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\([0-9]+\)(\S+)\s*-->")
_SINGLE_FILE = re.compile(rb"Page saved with SingleFile\s+url:\s*(\S+)")
# The browser's note stands before the page; in the page the same words may be somebody's text.
_HEAD: Final = 4096
_COPY = re.compile(r"\([0-9]+\)(?=\.[^.]*$)")
"""What a browser puts into the name of a second file of the same name."""
_LINK: Final = rb"""(?:src|srcset|href|data|poster|data-[\w-]+)\s*=\s*"""
_LOCAL = re.compile(_LINK + rb"""["']?\s*(?:\./)?([^"'/\\:#?<>]+)/""", re.IGNORECASE)
"""An address in the folder of the page: the folder that it names."""
_BESIDE = re.compile(r"[ _.\-][^\W\d_]+|[^\W\d_]*[^\x00-\x7f]+")
"""How browsers go on after the page's name in that of its folder, each in its own language:
``_files``, ``-Dateien``, ``.files``."""
_TAG = re.compile(r"<(?:img|source|a)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_DATA = re.compile(r"data:image/(?!svg)[\w.+-]*((?:;[\w=-]+)*?)(;base64)?,([^\"'\s)]+)", re.I)
_ORIGINAL: Final = "data-sf-original-src"
"""Where SingleFile keeps the address of what it embedded."""


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
    payload = page.get_payload(decode=True)
    body = as_utf8(payload if isinstance(payload, bytes) else b"", page.get_content_charset())
    url = _http(message.get("Snapshot-Content-Location")) or _http(page.get("Content-Location"))
    return SavedPage(path, url or _address_in(body, path), body, tuple(_pictures(parts)))


def _pictures(parts: list[Message]) -> Iterator[Resource]:
    for part in parts:
        address, payload = part.get("Content-Location"), part.get_payload(decode=True)
        if address and part.get_content_maintype() == "image" and isinstance(payload, bytes):
            # Long headers are folded, so that an address may begin on the next line.
            yield Resource("".join(address.split()), lambda content=payload: content)  # type: ignore[misc]


def _from_html(path: Path) -> SavedPage:
    body = as_utf8(path.read_bytes())
    folders = (*folders_named_in(path, body), *folders_beside(path))
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    beside = (Resource(unquote(file.name), file.read_bytes) for file in dict.fromkeys(files))
    return SavedPage(path, _address_in(body, path), body, (*beside, *_embedded(body)))


def folders_named_in(path: Path, body: bytes) -> tuple[Path, ...]:
    """The folders beside the page at ``path`` from which its markup takes files."""
    names = {html.unescape(unquote(n.decode("utf-8", "replace"))) for n in _LOCAL.findall(body)}
    folders = (path.with_name(name.strip()) for name in sorted(names) if name.strip(" ."))
    return tuple(folder for folder in folders if folder.is_dir())


def folders_beside(path: Path) -> tuple[Path, ...]:
    """The folders that a browser may have named after the page at ``path``."""
    return tuple(
        folder
        for folder in sorted(path.parent.iterdir())
        if folder.name.startswith(path.stem)
        and _BESIDE.fullmatch(folder.name.removeprefix(path.stem))
        and folder.is_dir()
    )


def _embedded(body: bytes) -> Iterator[Resource]:
    """Pictures that stand in the page as data, where it tells their addresses."""
    if b"data:image/" not in body:
        return
    for tag in _TAG.finditer(body.decode("utf-8", "replace")):
        attributes = {
            name.lower(): html.unescape(value.strip("\"'"))
            for name, value in _ATTRIBUTE.findall(tag[0])
        }
        data = next(filter(None, map(_DATA.match, attributes.values())), None)
        addresses = [attributes.get(_ORIGINAL), *attributes.values()]
        address = next((a for a in addresses if a and a.startswith(("http:", "https:"))), None)
        if data is not None and address is not None:
            yield Resource(address, lambda held=data: _decoded(held))  # type: ignore[misc]


def _decoded(data: re.Match[str]) -> bytes:
    raw = unquote_to_bytes(data[3])
    try:
        return base64.b64decode(raw) if data[2] else raw
    except ValueError:
        return b""  # as if it had not been saved


def _address_in(body: bytes, path: Path) -> str:
    """Where a page was saved from: the browser's note, else the page's own word."""
    for note in (_SAVED_FROM.search(body[:_HEAD]), _SINGLE_FILE.search(body[:_HEAD])):
        noted = note and _http(html.unescape(note[1].decode("utf-8", "replace")))
        if noted:
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
