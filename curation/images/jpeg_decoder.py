"""Plain JPEGs, which nearly all images are: decoded straight into an array.

`simplejpeg` is the same libjpeg-turbo that Pillow uses and gives the same pixels, but Pillow keeps
four bytes a pixel in memory of its own, out of which they must be copied. Whatever is not plain or
not faultless is left to Pillow, so that there is one judge of strange files.
"""

from __future__ import annotations

from typing import Final

import simplejpeg
from PIL import Image

from pipeline.core.shards import Pixels

_MODES: Final = frozenset({"L", "RGB"})


def pixels_of(file: Image.Image, data: bytes) -> Pixels | None:
    """The RGB pixels (h, w, 3) of ``data``, which Pillow opened as ``file``; None: ask Pillow."""
    if file.format != "JPEG" or file.mode not in _MODES:
        return None
    try:
        height, width, *_ = simplejpeg.decode_jpeg_header(data)
        if (width, height) != file.size:
            return None
        pixels: Pixels = simplejpeg.decode_jpeg(data, "RGB", fastdct=False, fastupsample=False)
    except ValueError:
        return None
    return pixels
