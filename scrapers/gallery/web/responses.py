"""How responses are made (pages, JSON, XML, pictures), and what stands at which path."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import format_datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scrapers.gallery.items import FileVersion
from scrapers.gallery.web.messages import Request, Response

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
_OPENED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""A gallery changes once a day from then on: revision 3 is of the fourth of January."""


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


def xml(content: str) -> Response:
    """An XML document, such as a sitemap."""
    return Response(200, "text/xml; charset=utf-8", content.encode())


def redirect(location: str) -> Response:
    """A permanent redirection."""
    return Response(301, TEXT, b"", {"Location": location})


def image(
    version: FileVersion,
    request: Request,
    body: Callable[[], bytes | None],
    content_type: str = "image/jpeg",
) -> Response | None:
    """A picture with its validators; 304 where the client holds it; None where there is none.

    Nothing is painted for a client that holds the picture (RFC 9110, section 13.1: an entity tag
    counts before a date).
    """
    modified = format_datetime(_OPENED + dt.timedelta(days=version.revision), usegmt=True)
    headers = {"ETag": f'"{version.tag}"', "Last-Modified": modified, "Cache-Control": "max-age=0"}
    tags = request.headers.get("if-none-match")
    held = request.headers.get("if-modified-since") == modified
    if tags is not None:
        held = headers["ETag"] in [tag.strip() for tag in tags.split(",")]
    if held:
        return Response(304, content_type, b"", headers)
    data = body()
    return None if data is None else Response(200, content_type, data, headers)


def opted_out(answer: Response) -> Response:
    """``answer``, with the word that it must not be used for training."""
    return replace(answer, headers={**answer.headers, "X-Robots-Tag": "noai, noimageai"})


def asset(name: str, content_type: str) -> Response:
    """A style sheet or script that stands beside the templates."""
    body = files("scrapers.gallery").joinpath("templates", name).read_bytes()
    return Response(200, content_type, body, {"Cache-Control": "max-age=3600"})


Route = Callable[..., Response]
"""Takes the request and what its pattern names."""


class Routes:
    """The pages of one site; robots.txt, style sheet, script and 404 page are alike in all."""

    def __init__(self, site: str, robots: str, routes: Mapping[str, Route]) -> None:
        """Answer by ``routes``, the first pattern that a path matches in full decides.

        Args:
            site: name of the folder of its templates, and of its style sheet and script.
            robots: its robots.txt.
            routes: patterns of paths, and what answers there.
        """
        self._site = site
        shared: dict[str, Route] = {
            r"/robots\.txt": lambda _: text(robots),
            rf"/content/(?P<name>{site}\.(?:css|js))": _asset,
        }
        self._routes = [(re.compile(p), route) for p, route in {**shared, **routes}.items()]

    def answer(self, request: Request) -> Response:
        """What stands at the path of ``request``."""
        for pattern, route in self._routes:
            named = pattern.fullmatch(request.path)
            if named:
                return route(request, **named.groupdict())
        return self.not_found()

    def not_found(self) -> Response:
        """The site's page for what it does not have."""
        return page(f"{self._site}/not_found.html", status=404)


def _asset(_: Request, name: str) -> Response:
    return asset(name, "text/css" if name.endswith("css") else "text/javascript")
