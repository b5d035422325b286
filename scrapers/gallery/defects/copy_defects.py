"""What copies of a picture look like: as other people save, scan, photograph and mark it."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from scrapers.gallery.items import Defect
from scrapers.gallery.painters.watch.photograph import marked

COPIES: Final = (
    Defect.EXACT_COPY,
    Defect.RE_ENCODED,
    Defect.RESCALED,
    Defect.LIGHT_CROP,
    Defect.MIRRORED,
    Defect.THUMBNAIL,
    Defect.BLURRED,
    Defect.TONED,
    Defect.QUARTER_TURNED,
    Defect.MARKED_COPY,
    Defect.TILTED,
    Defect.BORDERED,
)
"""Defects of a picture that has an original; never two of them in one picture."""

_WHITE: Final = (255, 255, 255)


def copied(picture: Image.Image, defect: Defect, rng: np.random.Generator) -> Image.Image:
    """What a copy of ``picture`` shows; of an exact or re-encoded one, the same."""
    match defect:
        case Defect.RESCALED | Defect.THUMBNAIL:
            size = copied_size(picture.size, defect, rng)
            return picture.resize(size, Image.Resampling.LANCZOS)
        case Defect.LIGHT_CROP:
            return picture.crop(crop_box(picture.size, rng))
        case Defect.MIRRORED:
            return ImageOps.mirror(picture)
        case Defect.QUARTER_TURNED:
            return picture.transpose(
                Image.Transpose.ROTATE_90 if rng.random() < 0.5 else Image.Transpose.ROTATE_270
            )
        case Defect.BLURRED:
            return picture.filter(ImageFilter.GaussianBlur(0.004 * max(picture.size)))
        case Defect.TONED:
            return _toned(picture, rng)
        case Defect.MARKED_COPY:
            return marked(picture)
        case Defect.TILTED:
            angle = rng.uniform(1.2, 2.2) * (1 if rng.random() < 0.5 else -1)
            return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=_WHITE)
        case Defect.BORDERED:
            return ImageOps.expand(picture, _border(picture.size), _WHITE)
        case _:
            return picture


def copied_size(size: tuple[int, int], defect: Defect, rng: np.random.Generator) -> tuple[int, int]:
    """Size of `copied` without painting anything; ``rng`` as there."""
    width, height = size
    match defect:
        case Defect.RESCALED:
            factor = rng.uniform(0.5, 0.8)
            return round(width * factor), round(height * factor)
        case Defect.THUMBNAIL:
            factor = rng.uniform(150, 220) / min(size)
            return round(width * factor), round(height * factor)
        case Defect.LIGHT_CROP:
            left, top, right, bottom = crop_box(size, rng)
            return right - left, bottom - top
        case Defect.QUARTER_TURNED:
            return height, width
        case Defect.BORDERED:
            return width + 2 * _border(size), height + 2 * _border(size)
        case _:
            return size


def crop_box(size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Box that takes 2 to 4 % of the width and of the height away, unevenly."""
    width, height = size
    cut_x, cut_y = rng.uniform(0.02, 0.04, 2)
    share_x, share_y = rng.uniform(0, 1, 2)
    left, top = round(width * cut_x * share_x), round(height * cut_y * share_y)
    return left, top, width - round(width * cut_x) + left, height - round(height * cut_y) + top


def _border(size: tuple[int, int]) -> int:
    """Pixels of white that a scan leaves on each side: 6 % of the shorter side."""
    return round(0.06 * min(size))


def _toned(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Brighter, paler, or darker in the middle tones and warmer, as another camera has it."""
    change = int(rng.integers(3))
    if change == 0:
        return ImageEnhance.Brightness(picture).enhance(1.25)
    if change == 1:
        return ImageEnhance.Contrast(picture).enhance(0.75)
    levels = np.arange(256) / 255
    warmth = ((1.25, 1.04), (1.25, 1.0), (1.25, 0.94))
    tables = [np.clip(255 * levels**power * gain, 0, 255) for power, gain in warmth]
    return picture.point(np.concatenate(tables).astype(np.uint8).tolist())
