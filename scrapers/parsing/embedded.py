"""JSON as a whole response, in a script, in an attribute, and as JSON-LD."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from parsel import Selector

from pipeline.core.errors import NotJsonError, QuotaError
from scrapers.parsing.markup import attribute, decoded, script_text
from scrapers.parsing.text import plain

_DECODER = json.JSONDecoder(strict=False)
_PRE = re.compile(rb"<pre[^>]*>\s*([\[{].*)</pre>", re.DOTALL)
_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)+|(?:-->|(?://\s*)?\]\]>)\s*$"
)
"""What old pages put around a script so that it is no markup."""


def json_document(body: bytes, url: str) -> Any:
    """The JSON of a whole response, or of the page in which a browser shows it.

    Raises:
        NotJsonError: HTML, or anything else that is no JSON, came instead.
        QuotaError: the site says that its limit for requests is used up.
    """
    text: str | bytes = body
    if body.lstrip()[:1] == b"<":
        shown = _PRE.search(body)
        if shown is None:
            raise NotJsonError(f"{url}: HTML came where JSON was asked for; try again later")
        text = html.unescape(decoded(shown[1]))
    try:
        document = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise NotJsonError(f"{url}: no valid JSON ({error}); the answer was cut short") from error
    if isinstance(document, dict) and isinstance(document.get("Exception"), dict):
        message = plain(str(document["Exception"].get("Message", "no reason given")))
        raise QuotaError(f"{url}: the site says {message!r}; wait some hours, or ask it for a key")
    return document


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


def json_ld(page: Selector) -> list[dict[str, Any]]:
    """Every object with a type in the JSON-LD of the page, outer ones first.

    Blocks that do not parse are passed over: a page has its other layers.
    """
    nodes: list[dict[str, Any]] = []
    for script in page.css("script"):
        if "ld+json" not in (attribute(script, "type") or "").lower():
            continue
        try:
            block, _ = _DECODER.raw_decode(_WRAPPING.sub("", script_text(script)).strip())
        except (ValueError, RecursionError):
            continue
        nodes.extend(_typed(block))
    return nodes


def json_in_scripts(page: Selector, name: str) -> dict[str, Any] | None:
    """The first object that a script of the page itself assigns to ``name``."""
    blocks = (json_after(script_text(script), name) for script in page.css("script:not([src])"))
    return next((block for block in blocks if block is not None), None)


def _typed(block: Any) -> Iterator[dict[str, Any]]:
    """Objects of ``block`` in document order; a stack, since hostile JSON may be deep."""
    stack = [block]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "@type" in node:
                yield node
            stack.extend(reversed(list(node.values())))
        elif isinstance(node, list):
            stack.extend(reversed(node))


def of_type(nodes: Sequence[dict[str, Any]], *names: str) -> dict[str, Any] | None:
    """The first JSON-LD node of one of the types ``names``, however the type is written."""
    return next(iter(all_of_type(nodes, *names)), None)


def all_of_type(nodes: Sequence[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The JSON-LD nodes of one of the types ``names``, in their order."""
    return [node for node in nodes if _types(node) & set(names)]


def _types(node: dict[str, Any]) -> set[str]:
    written = node.get("@type")
    types = written if isinstance(written, list) else [written]
    return {re.split(r"[/:#]", name)[-1] for name in types if isinstance(name, str)}
