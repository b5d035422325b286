"""Bodies that were sent compressed although nobody asked for it, unpacked within bounds."""

from __future__ import annotations

import zlib
from typing import Final

PLAIN: Final = frozenset({"", "identity"})
_ZLIB: Final = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS


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
    inflating = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        data = inflating.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise UnpackError(f"not {encoding} as its head says ({error})") from error
    if len(data) > max_bytes:
        raise UnpackError(f"longer than the {max_bytes:,} bytes allowed once it is unpacked")
    if not inflating.eof:
        raise UnpackError(f"its {encoding} ends early")
    return data
