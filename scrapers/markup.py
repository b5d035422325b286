"""HTML as a tree, and the JSON that pages carry inside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from pipeline.core.errors import NotJsonError
from scrapers.pagetext import plain

_DECODER = json.JSONDecoder()


def tree(html: bytes) -> BeautifulSoup:
    """The document that a browser would see in ``html``; UTF-8 unless it says otherwise."""
    return BeautifulSoup(html, "lxml", from_encoding="utf-8")


def text_of(node: Tag | None) -> str | None:
    """The visible text below ``node`` on one line; None when there is none."""
    return None if node is None else plain(node.get_text(" ")) or None


def attribute(node: Tag | None, name: str) -> str | None:
    """The attribute ``name`` of ``node`` as one string."""
    value = None if node is None else node.get(name)
    return value if isinstance(value, str) else None


def json_document(body: bytes, url: str) -> Any:
    """The JSON of a whole response.

    Raises:
        NotJsonError: HTML, or anything else that is no JSON, came instead.
    """
    if body.lstrip()[:1] == b"<":
        raise NotJsonError(f"{url}: HTML came where JSON was asked for; try again later")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotJsonError(f"{url}: no valid JSON ({error}); the answer was cut short") from error


def json_after(text: str, name: str) -> dict[str, Any] | None:
    """The object assigned to ``name`` in a script or an ``ng-init``: ``name = {...};``.

    Decoded from its first brace, so that ``};`` inside a string does not end it.
    """
    at = text.find(name)
    start = text.find("{", at + len(name)) if at >= 0 else -1
    if start < 0:
        return None
    try:
        value, _ = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_ld(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Every node of every JSON-LD block of the page; blocks that do not parse are passed over."""
    for script in soup.select('script[type="application/ld+json"]'):
        try:
            block = json.loads(script.get_text())
        except (ValueError, RecursionError):
            continue
        yield from _nodes(block)


def _nodes(block: Any) -> Iterator[dict[str, Any]]:
    for item in block if isinstance(block, list) else [block]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            for node in graph if isinstance(graph, list) else []:
                if isinstance(node, dict):
                    yield node


def of_type(nodes: list[dict[str, Any]], type_name: str) -> dict[str, Any] | None:
    """The first JSON-LD node whose ``@type`` is, or contains, ``type_name``."""
    for node in nodes:
        types = node.get("@type")
        if types == type_name or (isinstance(types, list) and type_name in types):
            return node
    return None
