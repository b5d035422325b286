"""Connections that are looked at before anything is sent, and that end when their time is up.

A time limit of `requests` (as of every socket) starts anew with each byte, so a host that sends
one byte now and then is waited for without end. Here the whole answer has one time limit; and a
body that was sent compressed although nobody asked for it is unpacked within bounds.
"""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

CheckPeer = Callable[[str, int], None]

TOO_SLOW: Final = "the answer comes too slowly to end"


class _Deadline:
    """What a socket gains: a moment after which nothing is read from it any more."""

    idle_s: float | None = None
    ends_at = float("inf")

    def left(self) -> float | None:
        """Longest wait for the next bytes.

        Raises:
            TimeoutError: the moment is over.
        """
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError(TOO_SLOW)
        return left if self.idle_s is None else min(left, self.idle_s)


class _Socket(_Deadline, socket.socket):
    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.left())
        return super().recv_into(*args)


class _TlsSocket(_Deadline, ssl.SSLSocket):
    def recv_into(self, *args: Any) -> int:
        self.settimeout(self.left())
        return super().recv_into(*args)


class _Guarded:
    """What a connection gains; mixed into both kinds of urllib3."""

    sock: Any

    def __init__(self, *args: Any, check_peer: CheckPeer, total_s: float, **rest: Any) -> None:
        self._check_peer, self._total_s = check_peer, total_s
        super().__init__(*args, **rest)

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]  # urllib3's
        timeout = made.gettimeout()
        try:
            # The address that was really dialled: a name may resolve to 127.0.0.1 the second time.
            self._check_peer(*made.getpeername()[:2])
        except BaseException:
            made.close()
            raise
        # The same connection under another class: urllib3 opened it, and nothing was sent yet.
        timed = _Socket(fileno=made.detach())
        timed.settimeout(timeout)
        return timed

    def getresponse(self) -> Any:
        """Start the time of the answer, and wait for its head."""
        # Two limits: so long between two bytes, and so long for all of them together.
        self.sock.idle_s = self.sock.gettimeout()
        self.sock.ends_at = time.monotonic() + self._total_s
        return super().getresponse()  # type: ignore[misc]  # urllib3's


class _Http(_Guarded, HTTPConnection):
    pass


class _Https(_Guarded, HTTPSConnection):
    pass


class GuardedAdapter(HTTPAdapter):
    """For `requests.Session.mount`: connections as above; through a proxy, as the proxy likes."""

    def __init__(self, check_peer: CheckPeer, total_s: float) -> None:
        """Guard every connection.

        Args:
            check_peer: called with IP address and port before anything is sent; raises.
            total_s: how long an answer may take from the request to its last byte.
        """
        self._guards: dict[str, Any] = {"check_peer": check_peer, "total_s": total_s}
        super().__init__()

    def init_poolmanager(self, *args: Any, **rest: Any) -> None:
        """Make the pools out of guarded connections."""
        context = create_urllib3_context()
        context.sslsocket_class = _TlsSocket
        super().init_poolmanager(*args, **rest, ssl_context=context)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_pool_with, HTTPConnectionPool, partial(_Http, **self._guards)),
            "https": partial(_pool_with, HTTPSConnectionPool, partial(_Https, **self._guards)),
        }


def _pool_with(kind: Callable[..., Any], connection: object, *args: Any, **rest: Any) -> Any:
    made = kind(*args, **rest)
    made.ConnectionCls = connection
    return made


PLAIN: Final = frozenset({"", "identity"})
_ZLIB: Final = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_GZIP_MARK: Final = b"\x1f\x8b"


class UnpackError(Exception):
    """The body is not what its Content-Encoding says, unknown, or too long."""


def unpacked(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """``body`` without its Content-Encoding; never more than ``max_bytes`` of it in memory.

    Raises:
        UnpackError: it cannot be unpacked within that many bytes.
    """
    if encoding in PLAIN:
        return body
    if encoding not in _ZLIB:
        raise UnpackError(f"sent with Content-Encoding {encoding!r}, which nobody asked for")
    try:
        data = (_gunzipped if body.startswith(_GZIP_MARK) else _inflated)(body, max_bytes + 1)
    except EOFError as error:
        raise UnpackError(f"its {encoding} ends early") from error
    except (zlib.error, gzip.BadGzipFile) as error:
        raise UnpackError(f"not {encoding} as its head says ({error})") from error
    if len(data) > max_bytes:
        raise UnpackError(f"longer than the {max_bytes:,} bytes allowed once it is unpacked")
    return data


def _inflated(body: bytes, most: int) -> bytes:
    """At ``most`` so many bytes of what was deflated, with zlib's head or gzip's."""
    inflating = zlib.decompressobj(_GZIP_OR_ZLIB)
    # `most` is one more than allowed: a body that reaches it is too long, not complete.
    data = inflating.decompress(body, most)
    if not inflating.eof and len(data) < most:
        raise EOFError
    return data


def _gunzipped(body: bytes, most: int) -> bytes:
    """The same of a gzip, which may have several members (RFC 1952, 2.2), as appended logs do."""
    data = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        while len(data) < most:
            try:
                part = file.read1(most - len(data))
            except gzip.BadGzipFile as error:
                # What is behind the last member and is none means nothing to others either.
                if data and "Not a gzipped file" in str(error):
                    break
                raise
            if not part:
                break
            data += part
    return bytes(data)
