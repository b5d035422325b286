"""How a picture must be turned to be seen as it was meant: where browsers look, and nowhere else.

EXIF data count in a JPEG, in a PNG before its pixels, and in a TIFF, which browsers do not show.
WebP's do not count, nor does what XMP says in any format. AVIF and HEIF have properties of their
own for it.
"""

from __future__ import annotations

import io
from typing import Final

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

_TAG: Final = 0x0112
_SHORT: Final = 3
_PREFIX: Final = b"Exif\0\0"
_FORMATS: Final = frozenset({"JPEG", "MPO", "PNG", "AVIF"})
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
    exif = file.info.get("exif") if file.format in _FORMATS else None
    try:
        if isinstance(file, TiffImageFile):
            return _TURNS.get(file.tag_v2.get(_TAG, 1))
        if not exif:
            return None
        # Not `file.getexif()`, which goes on to look into XMP.
        tags = Image.Exif()
        tags.load(exif)
        turn = _TURNS.get(tags.get(_TAG, 1))
        return turn if turn is None or _is_short(exif) else None
    # The parser stumbles over hostile metadata in many ways; the picture beside it may be whole.
    except Exception:
        return None


def _is_short(exif: bytes) -> bool:
    """Whether the orientation is a short number, the only kind that browsers obey."""
    body = exif.removeprefix(_PREFIX)
    directory = ImageFileDirectory_v2(body[:8])
    file = io.BytesIO(body)
    file.seek(directory.next)
    directory.load(file)
    return directory.tagtype.get(_TAG) == _SHORT


def turned(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """``image``, upright."""
    return image if turn is None else image.transpose(turn)


def turned_size(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    """Width and height after the turn."""
    return size[::-1] if turn in _LYING else size
