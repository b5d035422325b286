"""Requests and responses of the replicas, and how their pages are made from templates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
"""Of every image: a gallery has no history, its files are as old as its seed."""


@dataclass(frozen=True)
class Request:
    """One GET, taken apart."""

    path: str
    """Percent-decoded, from the first slash."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


@dataclass(frozen=True)
class Response:
    """One answer; Content-Length is the server's business."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Replica(Protocol):
    """A site that answers on several hosts."""

    def answer(self, host: str, request: Request) -> Response:
        """What the canonical origin ``host`` says to ``request``."""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Every text of the catalogue goes through autoescape; a missing name is an error."""
    return Environment(
        loader=PackageLoader("scrapers.gallery", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """An HTML page from a template."""
    text = _environment().get_template(template).render(**values)
    return Response(status, HTML, text.encode())


def json_answer(value: Any) -> Response:
    """A JSON document."""
    return Response(200, JSON, json.dumps(value, ensure_ascii=False).encode())


def text(content: str) -> Response:
    """Plain text, such as robots.txt."""
    return Response(200, TEXT, content.encode())


def redirect(location: str) -> Response:
    """A permanent redirection."""
    return Response(301, TEXT, b"", {"Location": location})


def image(body: bytes, request: Request, content_type: str = "image/jpeg") -> Response:
    """A picture with its validators; 304 where the client holds these very bytes."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Last-Modified": LAST_MODIFIED, "Cache-Control": "max-age=0"}
    held = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in held:
        return Response(304, content_type, b"", headers)
    return Response(200, content_type, body, headers)


def asset(name: str, content_type: str) -> Response:
    """A style sheet or script that stands beside the templates."""
    body = files("scrapers.gallery").joinpath("templates", name).read_bytes()
    return Response(200, content_type, body, {"Cache-Control": "max-age=3600"})
