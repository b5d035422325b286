"""The EXIF orientation: how a picture must be turned to be seen as it was meant."""

from __future__ import annotations

from typing import Final

from PIL import Image

_TAG: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = frozenset(_TURNS[orientation] for orientation in (5, 6, 7, 8))


def turn_of(file: Image.Image) -> Image.Transpose | None:
    """What turns ``file`` upright; None where it is, or where its EXIF data cannot be read."""
    try:
        return _TURNS.get(file.getexif().get(_TAG, 1))
    # The parser stumbles over hostile metadata in many ways; the picture beside it may be whole.
    except Exception:
        return None


def turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """``image``, upright."""
    return image if turn is None else image.transpose(turn)


def turned_size(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    """Width and height after the turn."""
    return size[::-1] if turn in _LYING else size
