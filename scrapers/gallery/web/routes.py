"""What stands at which path of a replica's pages: the routing that both replicas share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.pages import asset, page, text

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
