"""Any mode of a decoded picture to opaque sRGB, as a viewer would show it on white."""

from __future__ import annotations

import functools
import io
from typing import Final

import numpy as np
from PIL import Image, ImageCms

_SRGB: Final = ImageCms.createProfile("sRGB")
_LAB: Final = ImageCms.createProfile("LAB")
_MODES_WITH_ALPHA: Final = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_MODES_OF_16_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})


def to_rgb(image: Image.Image, profile: bytes) -> Image.Image:
    """``image`` in mode RGB.

    An embedded colour ``profile`` is honoured; one that cannot be read, or is not of the image's
    mode, is ignored, as browsers do.

    Raises:
        ValueError: the samples are floating-point numbers, which have no agreed white.
    """
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


def changes(profile: bytes, mode: str) -> bool:
    """Whether `to_rgb` alters the colours of a picture in ``mode`` because of its ``profile``."""
    return _transform(profile, mode) is not None


def _eight_bits(image: Image.Image) -> Image.Image:
    """The upper byte of 16-bit samples; Pillow's own conversion clips at 255 in some modes."""
    samples = np.asarray(image)
    return Image.fromarray((samples.clip(0, 0xFFFF) >> 8).astype(np.uint8))


def _on_white(image: Image.Image, profile: bytes) -> Image.Image:
    colours = _to_srgb(image.convert("RGB"), profile)
    white = Image.new("RGB", image.size, "white")
    white.paste(colours, mask=image.getchannel("A"))
    return white


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    transform = _transform(profile, image.mode)
    if transform is None:
        return image
    return ImageCms.applyTransform(image, transform) or image


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from ``profile`` to sRGB, or None where there is nothing to do."""
    if mode == "LAB":
        return ImageCms.buildTransform(_LAB, _SRGB, "LAB", "RGB")
    if not profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.buildTransform(source, _SRGB, mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None
