"""Which items are spoilt, and how: planted by rate, found again by number, never by search."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from scrapers.gallery.catalogue import Defect
from scrapers.gallery.chance import Shuffle
from scrapers.gallery.copies import COPIES
from scrapers.gallery.shelf import Shelf

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
        """The defect of ``item`` and, for a copy or a colourway, the item it is made after."""
        defect = self._drawn(item)
        if defect not in COPIES and defect is not Defect.COLOURWAY:
            return defect, None
        original = next((i for i in self._shelf.after(item) if self._drawn(i) is None), None)
        return (None, None) if original is None else (defect, original)

    def _drawn(self, item: int) -> Defect | None:
        place = self._order.place(item)
        return next((defect for end, defect in self._ends if place < end), None)


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


def re_encoding_quality(rng: np.random.Generator) -> int:
    """JPEG quality of a re-encoded copy: visibly worse, still the same picture."""
    return int(rng.integers(40, 61))


def truncated(data: bytes) -> bytes:
    """The first part of a file whose transfer broke off in the middle of the scan."""
    return data[: len(data) * 55 // 100]


def html_page(key: str) -> bytes:
    """A page of the site where a picture was asked for."""
    return _MAINTENANCE.format(key=key).encode()
