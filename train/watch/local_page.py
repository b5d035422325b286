"""What local pages share: they answer browsers of this machine, and no other site's page."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import port_errors

LOOPBACK: Final = "127.0.0.1"

_KINDS: Final = {
    ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".png": "image/png",
    ".json": "application/json",
}  # fmt: skip
_OWN: Final = ("same-origin", "none")


class LocalServer(ThreadingHTTPServer):
    """A server on a port of this machine."""

    daemon_threads = True

    def __init__(self, port: int, handler: type[LocalHandler]) -> None:
        """Listen on ``port``; 0 takes any free one.

        Raises:
            BusyError: another program listens there.
        """
        with port_errors(LOOPBACK, port):
            super().__init__((LOOPBACK, port), handler)

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"http://{LOOPBACK}:{self.server_port}"


class LocalHandler(BaseHTTPRequestHandler):
    """Answers with parts of the page and what it shows."""

    server: LocalServer

    def refused(self) -> bool:
        """Whether another site's page asks, which is refused here and now.

        It may name this port: its browser then says another host, or that another site asks.
        """
        own = self.headers.get("Host") == self.server.address.removeprefix("http://")
        own = own and self.headers.get("Sec-Fetch-Site", "none") in _OWN
        if not own:
            self.send_error(HTTPStatus.FORBIDDEN)
        return not own

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the shell belongs to the person who looks."""

    def send_part(self, name: str) -> None:
        """Answer with a file of this package."""
        data = resources.files("train.watch").joinpath(name).read_bytes()
        self.send_data(data, Path(name).suffix)

    def send_data(self, data: bytes, suffix: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with ``data``, which are of the kind of files with that ``suffix``."""
        self.send_response(status)
        self.send_header("Content-Type", _KINDS[suffix])
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
        self.end_headers()
        self.wfile.write(data)
