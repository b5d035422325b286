"""What a file may cost: known from what it says of itself, before any pixel is made."""

from __future__ import annotations

from typing import Final

from curation.images.jpeg_markers import looks_like_scans, walk

MAX_SIDE: Final = 65_535
"""Of a picture in pixels; no JPEG has more. A line of millions takes gigabytes to be resized."""
MAX_SCANS: Final = 100
"""Of a progressive JPEG. Encoders write about ten; each costs a pass over the whole picture, so
that thousands of empty ones are a bomb ("Two Issues with the JPEG Standard", libjpeg-turbo)."""
_BYTES_A_PIXEL: Final = 17
"""As much as a decoded picture and its conversion to RGB ever take."""


def excess_of(size: tuple[int, int], max_megapixels: float) -> str | None:
    """What is too much about a picture of that ``size``; None where nothing is."""
    megapixels = size[0] * size[1] / 1e6
    if megapixels > max_megapixels:
        return f"{megapixels:.1f} megapixels, more than {max_megapixels:g}"
    if max(size) > MAX_SIDE:
        return f"{size[0]:,} x {size[1]:,} pixels, a side of more than {MAX_SIDE:,}"
    return None


def excess_of_scans(data: bytes) -> str | None:
    """The same about the scans of a JPEG, of which the bytes behind its picture are none."""
    if looks_like_scans(data) <= MAX_SCANS:
        return None
    scans = walk(data).scans
    return f"{scans:,} scans, more than {MAX_SCANS}" if scans > MAX_SCANS else None


def is_room_for(pixels: int) -> bool:
    """Whether the memory is there that so many pixels can take."""
    try:
        bytearray(pixels * _BYTES_A_PIXEL)
    except MemoryError:
        return False
    return True
