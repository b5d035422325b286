"""The replicas over HTTP: one port of 127.0.0.1 for each host of a site.

As a program (``python -m scrapers.gallery.server --site wikiart``) it prints one JSON line that
maps each canonical origin to its address, then serves until its standard input ends.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pipeline.core.errors import BusyError, SalonError, port_errors
from pipeline.core.params.scrape import Gallery
from scrapers.gallery.faults.fault_rules import FaultRule
from scrapers.gallery.faults.misbehaving import Misbehaving
from scrapers.gallery.replica_registry import REPLICAS, app_of
from scrapers.gallery.web.messages import App, Delivery, Request, Response

# A body that ends early announces so many bytes more than come; a slow one drips by the byte.
_NEVER_SENT: Final = 1000
_SECONDS_A_BYTE: Final = 0.05
LOOPBACK: Final = "127.0.0.1"
MOST_CONNECTIONS: Final = 64
"""Open connections a host serves at the same time; more wait in the backlog."""


class HostServer(ThreadingHTTPServer):
    """One host of a replica on one port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        """Bind the port (0: any); requests are refused until `serve` has been called.

        Raises:
            BusyError: another program listens there.
        """
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._served: tuple[App, str] | None = None
        with port_errors(LOOPBACK, port):
            super().__init__((LOOPBACK, port), _Handler)

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def serve(self, app: App, host: str) -> None:
        """Answer for ``host`` from a thread of its own."""
        self._served = (app, host)
        threading.Thread(target=self.serve_forever, args=(0.1,), name=host, daemon=True).start()

    def answer(self, request: Request) -> Response:
        """What the replica says."""
        if self._served is None:
            raise RuntimeError("answer() before serve()")
        app, host = self._served
        return app.answer(host, request)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait for room, then serve the connection in a thread."""
        self._room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the connection to its end and make room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of ours; everything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: HostServer
    protocol_version = "HTTP/1.1"
    server_version = "gallery"
    sys_version = ""
    timeout = 30
    # One packet an answer: without these, headers and body wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send(with_body=True)

    def do_HEAD(self) -> None:
        self._send(with_body=False)

    def _send(self, *, with_body: bool) -> None:
        target = urlsplit(self.path)
        response = self.server.answer(
            Request(
                unquote(target.path),
                dict(parse_qsl(target.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
            )
        )
        if response.delivery in {Delivery.RESET, Delivery.HANG_UP, Delivery.SILENT}:
            self._refuse(response.delivery)
            return
        self._send_head(response)
        if with_body and response.status != 304:
            self._send_body(response)

    def _send_head(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            short = response.delivery in {Delivery.TORN, Delivery.WRONG_LENGTH}
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body) + _NEVER_SENT * short))
        self.end_headers()

    def _send_body(self, response: Response) -> None:
        if response.delivery is Delivery.SLOW:
            for byte in response.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(_SECONDS_A_BYTE)
            return
        self.wfile.write(response.body)
        if response.delivery is Delivery.TORN:
            self.close_connection = True
        if response.delivery is Delivery.WRONG_LENGTH:
            self.wfile.flush()
            self._wait_for_hang_up()

    def _refuse(self, delivery: Delivery) -> None:
        self.close_connection = True
        if delivery is Delivery.SILENT:
            self._wait_for_hang_up()
        if delivery is Delivery.RESET:
            # Lingering for no time at all makes the kernel send a reset.
            no_time = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)
            os.close(self.connection.detach())

    def _wait_for_hang_up(self) -> None:
        """Return when the client has enough, or after the time a connection may be idle."""
        self.close_connection = True
        self.connection.recv(1)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Keep quiet: the captures log what was asked for."""


def _free(preferred: int) -> HostServer:
    """A server on the ``preferred`` port, or on any where that is taken."""
    try:
        return HostServer(preferred)
    except BusyError:
        return HostServer(0)


@contextmanager
def running(
    site: str,
    gallery: Gallery,
    port: int = 0,
    preferred: Mapping[str, str] | None = None,
    rules: Sequence[FaultRule] = (),
) -> Iterator[dict[str, str]]:
    """Serve ``site`` for the block; yields canonical origin -> address.

    The hosts take consecutive ports from ``port`` on; where it is 0, those of the ``preferred``
    addresses that are free, and any others. They fail where ``rules`` say so; a list of them may
    be changed while they run.

    Raises:
        BusyError: a port is taken.
    """
    liked = {host: urlsplit(address).port or 0 for host, address in (preferred or {}).items()}
    with ExitStack() as stack:
        servers = {
            host: stack.enter_context(HostServer(port + i) if port else _free(liked.get(host, 0)))
            for i, host in enumerate(REPLICAS[site].hosts)
        }
        origins = {host: server.address for host, server in servers.items()}
        app = Misbehaving(app_of(site, gallery, origins), rules)
        for host, server in servers.items():
            server.serve(app, host)
        stack.callback(_shut_down, list(servers.values()))
        yield origins


def _shut_down(servers: Sequence[HostServer]) -> None:
    """End all at once: each takes up to the tenth of a second in which it looks for the word."""
    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(HostServer.shutdown, servers))


def _parsed_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scrapers.gallery.server", description=__doc__)
    parser.add_argument("--site", choices=tuple(REPLICAS), required=True)
    for name, field in Gallery.model_fields.items():
        parser.add_argument(f"--{name}", type=type(field.default), default=field.default)
    parser.add_argument("--port", type=int, default=0, help="first port; 0 takes any that is free")
    parser.add_argument("--prefer", type=json.loads, help="addresses to take where they are free")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until standard input ends, so that no orphan outlives the process that asked."""
    # Ctrl-C goes to the whole group of processes; the parent decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options = _parsed_arguments(arguments)
    gallery = Gallery(**{name: getattr(options, name) for name in Gallery.model_fields})
    try:
        with running(options.site, gallery, options.port, options.prefer) as origins:
            sys.stdout.write(f"{json.dumps(origins)}\n")
            sys.stdout.flush()
            sys.stdin.buffer.read()
    except SalonError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
