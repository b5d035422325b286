"""The markers of a JPEG: where its picture ends, and in how many scans it is stored.

Files go on behind their picture (the film of a motion photo, a second picture, a camera's own
data), where any bytes may stand, and some lack the mark of the end.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np
import simplejpeg

_START_OF_SCAN: Final = 0xDA
_END: Final = b"\xff\xd9"
_MARK: Final = 0xFF
_IN_A_SCAN: Final = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")
"""What ends the coded pixels: a marker, unless it is a zero that was stuffed or a restart."""
_SEGMENTS: Final = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xF0), 0xFE})
"""Markers that begin a segment which says its own length."""
_ONLY_BYTES_BEHIND: Final = "extraneous bytes before marker 0xd9"
"""What libjpeg says where all pixels were there, and something stood before the end."""


class Walk(NamedTuple):
    """What a walk from marker to marker came by."""

    scans: int
    end: int
    """The first byte behind the picture, its end mark excluded."""
    is_closed: bool
    """Whether the end mark stands there."""


def looks_like_scans(data: bytes) -> int:
    """How often two bytes say that a scan begins, at a quarter of the time of `bytes.count`.

    At least as many as there are; the others stand in metadata or behind the picture.
    """
    octets = np.frombuffer(data, np.uint8)
    after_marks = octets[1:][octets[:-1] == _MARK]
    return int(np.count_nonzero(after_marks == _START_OF_SCAN))


def walk(data: bytes) -> Walk:
    """Go through ``data`` from marker to marker, to the end of the picture."""
    place, scans, components = 2, 0, 0
    while data[place : place + 1] == b"\xff" and place + 1 < len(data):
        mark = data[place + 1]
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if mark == _MARK:  # any number of them may stand before a marker
            place += 1
            continue
        segment = data[place + 4 : place + 2 + length]
        if mark not in _SEGMENTS or len(segment) != length - 2:
            break
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            components = segment[5] if length > 7 else 0
        if mark == _START_OF_SCAN:
            if not _is_scan(segment, components):
                break
            scans += 1
        place += 2 + length
        if mark == _START_OF_SCAN:
            behind = _IN_A_SCAN.search(data, place)
            place = behind.start() if behind else len(data)
    return Walk(scans, place, data[place : place + 2] == _END)


def _is_scan(segment: bytes, components: int) -> bool:
    """Whether ``segment`` can be the head of a scan of a frame of so many ``components``."""
    return bool(segment) and 1 <= segment[0] <= components and len(segment) == 4 + 2 * segment[0]


def closed(data: bytes) -> bytes | None:
    """A JPEG that lacks its end mark, with it and without what follows; None: pixels are missing.

    Raises nothing: what libjpeg objects to is not whole.
    """
    end = walk(data)
    if end.is_closed or not end.scans:
        return None
    mended = data[: end.end] + _END
    try:
        _, _, space, _ = simplejpeg.decode_jpeg_header(mended)
        simplejpeg.decode_jpeg(mended, "CMYK" if space in {"CMYK", "YCCK"} else "GRAY")
    except ValueError as error:
        return mended if _ONLY_BYTES_BEHIND in str(error) else None
    return mended
