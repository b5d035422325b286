"""From the bytes of a file to the RGB pixels a viewer would see, or to the reason there are none.

Every decoder here reads a file to its end, at whatever scale it draws it, and so proves it whole.
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from curation.images import impostors, plain_jpeg
from curation.images.colour import changes, to_rgb
from curation.images.orientation import turn_of, turned, turned_size
from pipeline.core.schema import Reason
from pipeline.core.shards import Pixels

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM")
"""What the web serves as pictures; a parser that is not asked cannot be attacked."""

ENOUGH_PX: Final = 2048
"""The shorter side down to which a very large picture may be scaled while it is decoded: eight
times what is kept of it, which costs no quality that could be seen and saves most of the memory."""

# `decode` holds the bound of the params against the header instead, before any pixel is made.
Image.MAX_IMAGE_PIXELS = None
# Pillow keeps the memory of a few pictures instead of returning it after each: asking the system
# for it anew costs as much time as decoding.
Image.core.set_blocks_max(4)  # type: ignore[attr-defined] # documented, but not typed
# What Pillow has to say about a file becomes its fault, not a line on the user's terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())
# Work is shared out by image; threads of a decoder would only be in each other's way.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

_MAX_SCANS: Final = 100
"""Of a progressive JPEG. Encoders write about ten; each costs a pass over the whole picture, so
that thousands of empty ones are a bomb ("Two Issues with the JPEG Standard", libjpeg-turbo)."""
_MARKER: Final = 0xFF
_START_OF_SCAN: Final = 0xDA
_MAX_DETAIL: Final = 120
_PREMULTIPLIED: Final = {"RGBA": "RGBa", "LA": "La"}
_MEAN_IS_A_COLOUR: Final = frozenset({"L", "RGB", "CMYK", "YCbCr"})
_BYTES_A_PIXEL: Final = 17
"""As much as a decoded picture and its conversion to RGB ever take."""


@dataclass(frozen=True)
class Decoded:
    """A picture that is whole: upright, opaque, sRGB."""

    pixels: Pixels
    """RGB (h, w, 3); scaled down where the file's shorter side has `ENOUGH_PX` twice or more."""
    format: str
    """Pillow's name of the file format."""
    mode: str
    """Pillow's mode of the file, before the conversion to RGB."""
    size: tuple[int, int]
    """Width and height of the upright picture at its full scale."""


@dataclass(frozen=True)
class Fault:
    """Why there are no pixels."""

    reason: Reason
    """`Reason.UNREADABLE` or `Reason.NOT_AN_IMAGE`."""
    detail: str
    """What is wrong with the bytes, in a few words."""


def decode(data: bytes, *, max_megapixels: float) -> Decoded | Fault:
    """Decode the first frame of ``data``: EXIF orientation applied, on white, in sRGB.

    Pictures of more than ``max_megapixels`` are refused before they are decoded.

    Raises:
        MemoryError: there is not enough for a picture that keeps to ``max_megapixels``.
    """
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of metadata that nobody reads here
            with Image.open(io.BytesIO(data), formats=FORMATS) as file:
                pixels = file.width * file.height
                bomb = _bomb(file, data, max_megapixels)
                if bomb:
                    return Fault(Reason.UNREADABLE, bomb)
                with _no_words_from_libtiff() if file.format == "TIFF" else nullcontext():
                    return _decoded(file, data)
    except UnidentifiedImageError:
        return _unidentified(data)
    except MemoryError:
        if not _is_room_for(pixels):
            raise
        return Fault(Reason.UNREADABLE, "asks for more memory than its pixels need")
    # Decoders answer hostile bytes with whatever their parsing ran into (OSError, SyntaxError,
    # struct.error, ...); whichever it is, this file is unreadable and the others are not.
    except Exception as error:
        return Fault(Reason.UNREADABLE, _short(str(error) or type(error).__name__))


@contextmanager
def _no_words_from_libtiff() -> Iterator[None]:
    """Keep standard error to ourselves: libtiff writes to it, past Python, what it dislikes."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _decoded(file: Image.Image, data: bytes) -> Decoded:
    file_format, mode, size = file.format or "", file.mode, file.size
    profile = file.info.get("icc_profile") or b""
    if file_format == "JPEG" and _reduced(size) == size and not changes(profile, mode):
        pixels = plain_jpeg.pixels_of(file, data) if turn_of(file) is None else None
        if pixels is not None:
            return Decoded(pixels, file_format, mode, size)
    image = _image(file, profile)
    turn = turn_of(file)  # some formats have it behind the pixels
    return Decoded(np.asarray(turned(image, turn)), file_format, mode, turned_size(size, turn))


def _image(file: Image.Image, profile: bytes) -> Image.Image:
    """What Pillow makes of ``file``, in mode RGB."""
    # JPEG alone can be drawn at a half, a quarter or an eighth; for the others nothing happens.
    file.draft(None, _reduced(file.size))
    file.load()
    return _averaged(to_rgb(_averaged(file), profile))


def _averaged(image: Image.Image) -> Image.Image:
    """``image`` averaged down to `ENOUGH_PX` where it has twice that and a mode that allows it.

    Done before the conversion to RGB where possible, which would need the memory several times.
    """
    scale = min(image.size) // ENOUGH_PX
    if scale < 2 or "transparency" in image.info:
        return image
    if image.mode in _PREMULTIPLIED:
        return image.convert(_PREMULTIPLIED[image.mode]).reduce(scale).convert(image.mode)
    return image.reduce(scale) if image.mode in _MEAN_IS_A_COLOUR else image


def _bomb(file: Image.Image, data: bytes, max_megapixels: float) -> str | None:
    """Why ``file`` would cost too much to decode; None where it would not."""
    megapixels = file.width * file.height / 1e6
    if megapixels > max_megapixels:
        return f"{megapixels:.1f} megapixels, more than {max_megapixels:g}"
    scans = _scans(data) if file.format in {"JPEG", "MPO"} else 0
    return f"{scans:,} scans, more than {_MAX_SCANS}" if scans > _MAX_SCANS else None


def _scans(data: bytes) -> int:
    """How often a scan begins in the bytes of a JPEG, in a quarter of the time of `bytes.count`."""
    octets = np.frombuffer(data, np.uint8)
    after_marks = octets[1:][octets[:-1] == _MARKER]
    return int(np.count_nonzero(after_marks == _START_OF_SCAN))


def _reduced(size: tuple[int, int]) -> tuple[int, int]:
    scale = max(1, min(size) // ENOUGH_PX)
    return size[0] // scale, size[1] // scale


def _is_room_for(pixels: int) -> bool:
    try:
        bytearray(pixels * _BYTES_A_PIXEL)
    except MemoryError:
        return False
    return True


def _unidentified(data: bytes) -> Fault:
    if not data:
        return Fault(Reason.UNREADABLE, "no bytes")
    damaged = impostors.damaged_picture(data)
    if damaged is not None:
        return Fault(Reason.UNREADABLE, f"{damaged} that cannot be opened")
    kind = impostors.something_else(data)
    if kind is not None:
        return Fault(Reason.NOT_AN_IMAGE, kind)
    return Fault(Reason.UNREADABLE, "no known image format")


def _short(message: str) -> str:
    # Pillow puts the address of the buffer into some of its messages.
    message = re.sub(r"<_io\.BytesIO object at 0x[0-9a-f]+>", "the file", " ".join(message.split()))
    return message[:_MAX_DETAIL]
