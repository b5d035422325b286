"""Damaged, empty and stand-in pictures, and how pictures are encoded."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

_MAINTENANCE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Picture unavailable</title></head>
<body><h1>This picture cannot be shown</h1><p>Please try again later (file {key}).</p></body>
</html>
"""


def blank(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """One colour and a sensor's noise: what is left of a failed scan; luminance std below 2."""
    width, height = size
    tone = rng.uniform(40, 225) + rng.uniform(-12, 12, 3)
    noise = rng.normal(0, 1.2, (height, width, 1))
    return Image.fromarray(np.clip(tone + noise, 0, 255).astype(np.uint8), "RGB")


def stand_in(size: tuple[int, int]) -> Image.Image:
    """The picture that a site shows for one it has not: an empty frame, grey on grey."""
    width, height = size
    picture = Image.new("RGB", size, (236, 236, 236))
    for inset, tone in ((0.12, 200), (0.14, 246), (0.30, 214), (0.32, 246)):
        margin = round(min(size) * inset)
        picture.paste((tone,) * 3, (margin, margin, width - margin, height - margin))
    return picture


def encoded(picture: Image.Image, quality: int) -> bytes:
    """``picture`` as a baseline JPEG."""
    file = io.BytesIO()
    # Pillow keeps the options of a save in the picture, which other threads encode meanwhile.
    picture.copy().save(file, "JPEG", quality=quality)
    return file.getvalue()


def encoded_png(picture: Image.Image) -> bytes:
    """``picture`` without loss, as a few were uploaded; packed quickly rather than tightly."""
    file = io.BytesIO()
    picture.copy().save(file, "PNG", compress_level=1)
    return file.getvalue()


def re_encoding_quality(rng: np.random.Generator) -> int:
    """JPEG quality of a re-encoded copy: visibly worse, still the same picture."""
    return int(rng.integers(40, 61))


def truncated(data: bytes) -> bytes:
    """The first part of a file whose transfer broke off in the middle of the scan."""
    return data[: len(data) * 55 // 100]


def html_page(key: str) -> bytes:
    """A page of the site where a picture was asked for."""
    return _MAINTENANCE.format(key=key).encode()
