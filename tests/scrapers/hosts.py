"""Hosts on 127.0.0.1 that behave as they are told, also badly."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """One answer; ``announced`` may lie about the length, ``reset`` breaks the connection."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    reset: bool = False
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    at: float
    """Seconds, from any start."""


class Host(ThreadingHTTPServer):
    """Answers each path from its own list of replies; the last one holds for ever."""

    daemon_threads = True

    def __init__(self, replies: Mapping[str, list[Reply]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = {path: list(answers) for path, answers in replies.items()}
        self.asked: list[Asked] = []
        self.lock = threading.Lock()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def reply(self, path: str) -> Reply:
        with self.lock:
            answers = self.replies.get(path, [Reply(b"not here", 404)])
            return answers.pop(0) if len(answers) > 1 else answers[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Host

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.path, headers, time.monotonic()))
        reply = self.server.reply(self.path)
        reply.before()
        if reply.reset:
            # Lingering for no time at all makes the kernel send a reset.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
            self.close_connection = True
            return
        self.send_response(reply.status)
        announced = len(reply.body) if reply.announced is None else reply.announced
        for name, value in {"Content-Length": str(announced), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        self.close_connection = announced != len(reply.body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_CONNECT(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base
        pass


@contextmanager
def serving(replies: Mapping[str, list[Reply]]) -> Iterator[Host]:
    """A host that gives ``replies`` for the block."""
    with Host(replies) as host:
        thread = threading.Thread(target=host.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
