"""From the bytes of a file to the RGB pixels a viewer would see, or to the reason there are none.

Decoding is full, never scaled: only then does it prove that the file is whole.
"""

from __future__ import annotations

import functools
import io
import json
import re
import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pipeline.core.schema import Reason

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP", "JPEG2000", "PPM")
"""What the web serves as pictures; a parser that is not asked cannot be attacked."""

# `decode` holds the bound of the params against the header instead, before any pixel is made.
Image.MAX_IMAGE_PIXELS = None

_SRGB: Final = ImageCms.createProfile("sRGB")
_MAX_DETAIL: Final = 120
_MODES_WITH_ALPHA: Final = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_MODES_OF_16_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_PICTURE_MARKS: Final = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG"), "PNG"),
    (re.compile(rb"GIF8"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"(II\*\0|MM\0\*)"), "TIFF"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp(hei|hev|mif)", re.DOTALL), "HEIF"),
)
_OTHER_MARKS: Final = (
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"PK\x03\x04"), "ZIP archive"),
    (re.compile(rb"\x1f\x8b"), "gzip data"),
    (re.compile(rb"....ftyp", re.DOTALL), "video"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video"),
)
_SVG = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg", re.I | re.S
)
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|title|script|div|p)\b", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Decoded:
    """A picture that is whole: upright, opaque, sRGB."""

    image: Image.Image
    """Mode RGB."""
    format: str
    """Pillow's name of the file format."""
    mode: str
    """Pillow's mode of the file, before the conversion to RGB."""


@dataclass(frozen=True)
class Fault:
    """Why there are no pixels."""

    reason: Reason
    """`Reason.UNREADABLE` or `Reason.NOT_AN_IMAGE`."""
    detail: str
    """What is wrong with the bytes, in a few words."""


def decode(data: bytes, *, max_megapixels: float) -> Decoded | Fault:
    """Decode the first frame of ``data``: EXIF orientation applied, on white, in sRGB.

    An embedded colour profile is honoured; one that cannot be read is ignored, as browsers do.
    Pictures of more than ``max_megapixels`` are refused before they are decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of metadata that nobody reads here
            return _decode(data, max_megapixels)
    except MemoryError:
        raise
    except UnidentifiedImageError:
        return _unknown(data)
    # Decoders answer hostile bytes with whatever their parsing ran into (OSError, SyntaxError,
    # struct.error, ...); whichever it is, this file is unreadable and the others are not.
    except Exception as error:
        return Fault(Reason.UNREADABLE, _short(str(error) or type(error).__name__))


def _decode(data: bytes, max_megapixels: float) -> Decoded | Fault:
    with Image.open(io.BytesIO(data), formats=FORMATS) as file:
        megapixels = file.width * file.height / 1e6
        if megapixels > max_megapixels:
            detail = f"{megapixels:.1f} megapixels, more than {max_megapixels:g}"
            return Fault(Reason.UNREADABLE, detail)
        file_format, mode = file.format or "", file.mode
        profile = file.info.get("icc_profile") or b""
        file.load()
        ImageOps.exif_transpose(file, in_place=True)
        return Decoded(_to_rgb(file, profile), file_format, mode)


def _to_rgb(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode in _MODES_OF_16_BITS:
        image = _eight_bits(image)
    elif image.mode == "F":
        raise ValueError("floating-point samples without an agreed white")
    if image.mode in _MODES_WITH_ALPHA or "transparency" in image.info:
        return _on_white(image.convert("RGBA"), profile)
    if image.mode in {"P", "1"}:
        image = image.convert("RGB")
    image = _to_srgb(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """The upper byte of 16-bit samples; Pillow's own conversion clips at 255 in some modes."""
    samples = np.asarray(image).astype(np.int64).clip(0, 0xFFFF) >> 8
    return Image.fromarray(samples.astype(np.uint8))


def _on_white(image: Image.Image, profile: bytes) -> Image.Image:
    colours = _to_srgb(image.convert("RGB"), profile)
    white = Image.new("RGB", image.size, "white")
    return Image.composite(colours, white, image.getchannel("A"))


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _transform(profile, image.mode) if profile else None
    if transform is None:
        return image
    return ImageCms.applyTransform(image, transform) or image


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from ``profile`` to sRGB, or None where there is nothing to do."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.buildTransform(source, _SRGB, mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None


def _unknown(data: bytes) -> Fault:
    """What bytes are that no image format claims."""
    if not data:
        return Fault(Reason.UNREADABLE, "no bytes")
    for mark, name in _PICTURE_MARKS:
        if mark.match(data):
            return Fault(Reason.UNREADABLE, f"{name} that cannot be opened")
    for mark, name in _OTHER_MARKS:
        if mark.match(data):
            return Fault(Reason.NOT_AN_IMAGE, name)
    kind = _kind_of_text(data)
    if kind is None:
        return Fault(Reason.UNREADABLE, "no known image format")
    return Fault(Reason.NOT_AN_IMAGE, kind)


def _kind_of_text(data: bytes) -> str | None:
    """``SVG``, ``HTML``, ``JSON`` or ``text``; None where the bytes are no text."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if _CONTROL.search(text):
        return None
    if _SVG.match(text):
        return "SVG"
    if _HTML.match(text):
        return "HTML"
    return "JSON" if _is_json(text) else "text"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _short(message: str) -> str:
    # Pillow puts the address of the buffer into some of its messages.
    message = re.sub(r"<_io\.BytesIO object at 0x[0-9a-f]+>", "the file", " ".join(message.split()))
    return message[:_MAX_DETAIL]
