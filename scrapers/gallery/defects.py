"""Which items are spoilt, and how: planted by rate, found again by number, never by search."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageOps

from scrapers.gallery.catalogue import Defect
from scrapers.gallery.chance import Shuffle
from scrapers.gallery.shelf import Shelf

COPIES = (
    Defect.EXACT_COPY,
    Defect.RE_ENCODED,
    Defect.RESCALED,
    Defect.LIGHT_CROP,
    Defect.MIRRORED,
)
"""Defects of a picture that has an original; never two of them in one picture."""

REFERENCE_SIZE = 240
"""The size of collection for which rates are written down as counts."""

_MAINTENANCE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Picture unavailable</title></head>
<body><h1>This picture cannot be shown</h1><p>Please try again later (file {key}).</p></body>
</html>
"""


class Plan:
    """The defects of a collection, each item having one at most.

    Items are shuffled and the first places go to the defects, kind by kind. The original of a copy
    is the next faultless item of the same creator; two copies may share one.
    """

    def __init__(self, shelf: Shelf, size: int, seed: int, counts: Mapping[Defect, int]) -> None:
        """``counts`` are those of a collection of `REFERENCE_SIZE`; others follow in proportion."""
        self._shelf = shelf
        self._order = Shuffle(size, seed, "defects")
        self._ends: list[tuple[int, Defect]] = []
        end = 0
        for defect, count in counts.items():
            end += int(count * size / REFERENCE_SIZE + 0.5)
            self._ends.append((end, defect))

    def of(self, item: int) -> tuple[Defect | None, int | None]:
        """The defect of ``item`` and, for a copy, the item of which it is one."""
        defect = self._drawn(item)
        if defect not in COPIES:
            return defect, None
        original = next((i for i in self._shelf.after(item) if self._drawn(i) is None), None)
        return (None, None) if original is None else (defect, original)

    def _drawn(self, item: int) -> Defect | None:
        place = self._order.place(item)
        return next((defect for end, defect in self._ends if place < end), None)


def copied(picture: Image.Image, defect: Defect, rng: np.random.Generator) -> Image.Image:
    """What a copy of ``picture`` shows; of an exact or re-encoded one, the same."""
    width, height = picture.size
    if defect is Defect.MIRRORED:
        return ImageOps.mirror(picture)
    if defect is Defect.RESCALED:
        return picture.resize(rescaled_size((width, height), rng), Image.Resampling.LANCZOS)
    if defect is Defect.LIGHT_CROP:
        return picture.crop(crop_box((width, height), rng))
    return picture


def rescaled_size(size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Size of a copy at a half to four fifths of the original's sides."""
    factor = rng.uniform(0.5, 0.8)
    return round(size[0] * factor), round(size[1] * factor)


def crop_box(size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Box that takes 2 to 4 % of the width and of the height away, unevenly."""
    width, height = size
    cut_x, cut_y = rng.uniform(0.02, 0.04, 2)
    share_x, share_y = rng.uniform(0, 1, 2)
    left, top = round(width * cut_x * share_x), round(height * cut_y * share_y)
    return left, top, width - round(width * cut_x) + left, height - round(height * cut_y) + top


def copied_size(size: tuple[int, int], defect: Defect, rng: np.random.Generator) -> tuple[int, int]:
    """Size of `copied` without painting anything; ``rng`` as there."""
    if defect is Defect.RESCALED:
        return rescaled_size(size, rng)
    if defect is Defect.LIGHT_CROP:
        left, top, right, bottom = crop_box(size, rng)
        return right - left, bottom - top
    return size


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
    picture.save(file, "JPEG", quality=quality)
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
