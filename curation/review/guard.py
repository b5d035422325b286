"""The page is for one person on this machine: every request of anybody else is refused.

Binding to 127.0.0.1 keeps other machines out, but any page in the same browser can still send
requests there, and may reach it under a name of its own that resolves to it. So the Host must be
ours, a browser must not say that another site asks, the cookie from the address that was printed
at the start must come along, and what changes something needs our Origin and the token as well.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_HEADER: Final = "x-salon-token"  # noqa: S105 - a name, not a secret
OPEN: Final = "/open"
_SAFE: Final = ("GET", "HEAD")
_OWN_SITE: Final = ("same-origin", "none")
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Refuses what does not come from our own page, and adds the headers that lock it in."""

    def __init__(self, app: ASGIApp, *, port: int, token: str, start: str) -> None:
        """Guard ``app`` on ``port``; who brings ``token`` is sent to the page ``start``."""
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._cookie = f"salon-review-{port}"
        self._token = token
        self._start = start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """QueryResult, or let the app answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_locked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        request = Request(scope, receive)
        response = self._refusal(request) or self._admission(request)
        await (response or self._app)(scope, receive, send_locked)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        if headers.get("host") not in self._hosts:
            return _no(421, "this page answers to 127.0.0.1 only")
        if headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            return _no(403, "another site asked for this")
        if request.url.path == OPEN and request.method in _SAFE:
            return None
        if not self._is_ours(_cookies(headers).get(self._cookie, "")):
            return _no(403, "open the address that `salon review` printed when it started")
        if request.method in _SAFE:
            return None
        if headers.get("origin") != f"http://{headers['host']}":
            return _no(403, "another site asked for this")
        if not self._is_ours(headers.get(TOKEN_HEADER, "")):
            return _no(403, "the server was started again; load the page anew")
        return None

    def _admission(self, request: Request) -> Response | None:
        """Hand the cookie to who opens the printed address."""
        if request.url.path != OPEN or request.method not in _SAFE:
            return None
        if not self._is_ours(request.query_params.get("token", "")):
            return _no(403, "open the address that `salon review` printed when it started")
        response = RedirectResponse(self._start, 303)
        response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return response

    def _is_ours(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self._token.encode())


def _cookies(headers: Headers) -> Mapping[str, str]:
    try:
        return {
            name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()
        }
    except CookieError:
        return {}


def _no(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status)
