"""The size that a JPEG XL file states (ISO/IEC 18181-1, 9.2), read before anything is decoded."""

from __future__ import annotations

from typing import Final

from curation.images.boxes import boxes

_CODESTREAM: Final = b"\xff\x0a"
# The longest size header has 2 + 30 + 3 + 2 + 30 bits behind two bytes: 11 bytes are enough.
_HEAD_BYTES: Final = 16
_RATIOS: Final = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_LENGTHS: Final = (9, 13, 18, 30)
"""Bits of a side, by the two bits before it."""


class _Bits:
    """Bits, the lowest of the first byte first."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        taken = self._number & ((1 << count) - 1)
        self._number >>= count
        return taken


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of the picture in ``data``; None where none is stated."""
    stream = data if data.startswith(_CODESTREAM) else _stream(data)
    if not stream.startswith(_CODESTREAM):
        return None
    bits = _Bits(stream[len(_CODESTREAM) : _HEAD_BYTES])
    is_small = bits.take(1)
    height = _side(bits, is_small)
    ratio = bits.take(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return _side(bits, is_small), height


def _side(bits: _Bits, is_small: int) -> int:
    return 8 * (bits.take(5) + 1) if is_small else bits.take(_LENGTHS[bits.take(2)]) + 1


def _stream(data: bytes) -> bytes:
    """The beginning of the codestream in a container."""
    for box in boxes(data):
        if box.name == b"jxlc":
            return box.body[:_HEAD_BYTES]
        if box.name == b"jxlp":
            return box.body[4 : 4 + _HEAD_BYTES]
    return b""
