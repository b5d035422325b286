"""From the bytes of a file to the RGB pixels a browser shows, or to the reason there are none.

What Chromium draws is right (`tests/images` compares the two); but a torn file is no picture here.
Every decoder reads a file to its end, at whatever scale it draws it, and so proves it whole.
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
from PIL.GifImagePlugin import GifImageFile
from PIL.WebPImagePlugin import WebPImageFile

from curation.images import (
    jpeg_decoder,
    jpeg_markers,
    jxl_header,
    optional_formats,
    png_chunks,
    sniff,
)
from curation.images.code_points import Description
from curation.images.colour import changes, descriptions_of, to_rgb
from curation.images.limits import excess_of, excess_of_scans, is_room_for
from curation.images.orientation import turn_of, turned, turned_size
from pipeline.core.schema import FaultKind
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

_JPEG: Final = frozenset({"JPEG", "MPO"})
_TORN: Final = ("truncated", "broken data stream")
"""What Pillow says of a file that ends before its picture does, or goes on with something else."""
# `fault_detail` is a column of a table and a line of a terminal: Pillow can quote whole chunks.
_MAX_DETAIL: Final = 120
_PREMULTIPLIED: Final = {"RGBA": "RGBa", "LA": "La"}
_MEAN_IS_A_COLOUR: Final = frozenset({"L", "RGB", "CMYK", "YCbCr"})


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

    reason: FaultKind
    """`FaultKind.UNREADABLE` or `FaultKind.NOT_AN_IMAGE`."""
    detail: str
    """What is wrong with the bytes, in a few words."""


def decode(data: bytes, *, max_megapixels: float) -> Decoded | Fault:
    """Decode what a browser shows first of ``data``: upright, on white, in sRGB.

    Pictures of more than ``max_megapixels`` are refused before they are decoded.

    Raises:
        MemoryError: there is not enough for a picture that keeps to ``max_megapixels``.
    """
    optional = optional_formats.format_of(data)
    if optional is not None:
        fault = _optional_fault(optional, data, max_megapixels)
        if fault is not None:
            return fault
    formats = FORMATS if optional is None else (*FORMATS, optional.pillow_name)
    if data.startswith(png_chunks.SIGNATURE):
        still = png_chunks.still_of(data)
        if still.flaw is not None:
            return Fault(FaultKind.UNREADABLE, f"PNG: {still.flaw}")
        return _attempt(still.data, formats, max_megapixels, still)
    outcome = _attempt(data, formats, max_megapixels)
    if isinstance(outcome, Fault) and data.startswith(b"\xff\xd8") and _is_torn(outcome):
        closed = jpeg_markers.closed(data)
        return outcome if closed is None else _attempt(closed, formats, max_megapixels)
    return outcome


def _is_torn(fault: Fault) -> bool:
    return any(words in fault.detail for words in _TORN)


def _optional_fault(
    kind: optional_formats.OptionalFormat, data: bytes, max_megapixels: float
) -> Fault | None:
    """Why a file of this ``kind`` cannot be read here; None where it may be tried."""
    if not optional_formats.prepare(kind):
        return Fault(
            FaultKind.UNREADABLE,
            f"{kind.name}, for which Salon needs an extra: pip install 'salon[{kind.extra}]'",
        )
    # The plugin for JPEG XL decodes all of a file when it is opened, whatever its size.
    size = jxl_header.size_of(data) if kind.pillow_name == "JXL" else (0, 0)
    excess = "no size in its header" if size is None else excess_of(size, max_megapixels)
    return Fault(FaultKind.UNREADABLE, excess) if excess else None


def _attempt(
    data: bytes,
    formats: tuple[str, ...],
    max_megapixels: float,
    still: png_chunks.Still | None = None,
) -> Decoded | Fault:
    """The picture in ``data``, which a PNG's ``still`` was made of."""
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of metadata that nobody reads here
            with Image.open(io.BytesIO(data), formats=formats) as file:
                pixels = file.width * file.height
                canvas = still.place.canvas if still and still.place else file.size
                excess = excess_of(file.size, max_megapixels) or excess_of(canvas, max_megapixels)
                if not excess and file.format in _JPEG:
                    excess = excess_of_scans(data)
                if excess:
                    return Fault(FaultKind.UNREADABLE, excess)
                with _no_words_from_libtiff() if file.format == "TIFF" else nullcontext():
                    return _decoded(file, data, still)
    except UnidentifiedImageError:
        return _unidentified(data)
    except MemoryError:
        if not is_room_for(pixels):
            raise
        return Fault(FaultKind.UNREADABLE, "asks for more memory than its pixels need")
    # Decoders answer hostile bytes with whatever their parsing ran into (OSError, SyntaxError,
    # struct.error, ...); whichever it is, this file is unreadable and the others are not.
    except Exception as error:
        return Fault(FaultKind.UNREADABLE, _short(str(error) or type(error).__name__))


@contextmanager
def _no_words_from_libtiff() -> Iterator[None]:
    """Keep standard error to ourselves: libtiff writes to it, past Python, what it dislikes."""
    sys.stderr.flush()
    standard_error = os.dup(2)
    try:
        null_device = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null_device, 2)
        os.close(null_device)
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)


def _decoded(file: Image.Image, data: bytes, still: png_chunks.Still | None) -> Decoded:
    file_format, mode, size = file.format or "", file.mode, file.size
    descriptions = still.descriptions if still else descriptions_of(file, data)
    if file_format == "JPEG" and _reduced(size) == size and not changes(descriptions, mode):
        pixels = jpeg_decoder.pixels_of(file, data) if turn_of(file) is None else None
        if pixels is not None:
            return Decoded(pixels, file_format, mode, size)
    image = _image(file, descriptions, still)
    if still is not None:
        file.info["exif"] = still.exif
        size = still.place.canvas if still.place else size
    turn = turn_of(file)  # some formats have it behind the pixels
    return Decoded(np.asarray(turned(image, turn)), file_format, mode, turned_size(size, turn))


def _image(
    file: Image.Image, descriptions: tuple[Description, ...], still: png_chunks.Still | None
) -> Image.Image:
    """What Pillow makes of ``file``, in mode RGB."""
    # JPEG alone can be drawn at a half, a quarter or an eighth; for the others nothing happens.
    file.draft(None, _reduced(file.size))
    part = file.tile[0].extents if isinstance(file, GifImageFile) and file.tile else None
    if isinstance(file, WebPImageFile) and file.is_animated:
        # Its first frame may leave some of the canvas clear, whatever the file says of itself.
        file.rawmode = file._mode = "RGBA"
    file.load()
    if still is not None and _ends_in_zeros(file) and png_chunks.is_short(still.data):
        raise OSError("image file is truncated: its last lines are missing")
    image: Image.Image = file
    if still is not None and still.is_grey and file.mode == "RGBA":
        image = Image.merge("LA", (file.getchannel("R"), file.getchannel("A")))
    if still is not None and still.place is not None:
        image = _on_canvas(image, still.place.canvas, (still.place.left, still.place.top))
    elif part and part != (0, 0, *file.size):
        image = _on_canvas(image.convert("RGBA").crop(part), file.size, part[:2])
    return _averaged(to_rgb(_averaged(image), descriptions))


def _ends_in_zeros(image: Image.Image) -> bool:
    """Whether the last two lines are zeros, as those are that no decoder wrote."""
    lines = image.crop((0, max(0, image.height - 2), image.width, image.height))
    by_line = np.asarray(lines).reshape(lines.height, -1)
    return not by_line.any(axis=1).all()


def _on_canvas(frame: Image.Image, size: tuple[int, int], place: tuple[int, int]) -> Image.Image:
    """The first ``frame`` of an animation, which leaves the rest of its canvas clear."""
    canvas = Image.new("RGBA", size)
    canvas.paste(frame.convert("RGBA"), place)
    return canvas


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


def _reduced(size: tuple[int, int]) -> tuple[int, int]:
    scale = max(1, min(size) // ENOUGH_PX)
    return size[0] // scale, size[1] // scale


def _unidentified(data: bytes) -> Fault:
    if not data:
        return Fault(FaultKind.UNREADABLE, "no bytes")
    damaged = sniff.damaged_picture(data)
    if damaged is not None:
        return Fault(FaultKind.UNREADABLE, f"{damaged} that cannot be opened")
    kind = sniff.something_else(data)
    if kind is not None:
        return Fault(FaultKind.NOT_AN_IMAGE, kind)
    return Fault(FaultKind.UNREADABLE, "no known image format")


def _short(message: str) -> str:
    if "libjxl" in message:  # which speaks of how to build it
        return "JPEG XL that cannot be decoded"
    # Pillow puts the address of the buffer into some of its messages.
    message = re.sub(r"<_io\.BytesIO object at 0x[0-9a-f]+>", "the file", " ".join(message.split()))
    return message[:_MAX_DETAIL]
