"""The markers of a JPEG: where its picture ends, and in how many scans it is stored.

Files go on behind their picture (the film of a motion photo, a second picture, a camera's own
data), where any bytes may stand, and some lack the mark of the end.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
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
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers that begin a frame: the size of the picture, and its components."""
# A scan says how many low bits it leaves out (0 to 13); 15 stands for no scan yet.
_ALL_BITS: Final = 15
_ONLY_BYTES_BEHIND: Final = "extraneous bytes before marker 0xd9"
"""What libjpeg says where all pixels were there, and something stood before the end."""


class Walk(NamedTuple):
    """What a walk from marker to marker came by."""

    scans: int
    is_complete: bool
    """Whether the scans bring every bit of every frequency of each component."""
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
    place, scans = 2, 0
    missing: dict[int, list[int]] = {}
    while data[place : place + 1] == b"\xff" and place + 1 < len(data):
        mark = data[place + 1]
        if mark == _MARK:  # any number of them may stand before a marker
            place += 1
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place + 4 : place + 2 + length]
        if mark not in _SEGMENTS or len(segment) != length - 2:
            break
        if mark in _FRAMES:
            missing = {component: [_ALL_BITS] * 64 for component in segment[6::3]}
        if mark == _START_OF_SCAN:
            if not _is_scan(segment, missing.keys()):
                break
            scans += 1
            _fill(missing, segment)
        place += 2 + length
        if mark == _START_OF_SCAN:
            behind = _IN_A_SCAN.search(data, place)
            place = behind.start() if behind else len(data)
    is_complete = bool(missing) and not any(map(any, missing.values()))
    return Walk(scans, is_complete, place, data[place : place + 2] == _END)


def _is_scan(segment: bytes, components: AbstractSet[int]) -> bool:
    """Whether ``segment`` can be the head of a scan of some of ``components``."""
    count = segment[0] if segment else 0
    return len(segment) == 4 + 2 * count > 4 and components >= set(segment[1:-3:2])


def _fill(missing: dict[int, list[int]], segment: bytes) -> None:
    """Note which bits of which frequencies the scan with this head leaves ``missing``."""
    first, last, bits = segment[-3:]
    for component in segment[1:-3:2]:
        for frequency in range(first, min(last, 63) + 1):
            missing[component][frequency] = bits & 0x0F


def closed(data: bytes) -> bytes | None:
    """A JPEG that lacks its end mark, with it and without what follows; None: pixels are missing.

    Raises nothing: what libjpeg objects to is not whole.
    """
    end = walk(data)
    if end.is_closed or not end.is_complete:
        return None
    mended = data[: end.end] + _END
    try:
        _, _, space, _ = simplejpeg.decode_jpeg_header(mended)
        simplejpeg.decode_jpeg(mended, "CMYK" if space in {"CMYK", "YCCK"} else "GRAY")
    except ValueError as error:
        return mended if _ONLY_BYTES_BEHIND in str(error) else None
    return mended
