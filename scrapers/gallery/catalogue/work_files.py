"""The files that WikiArt keeps of a work: folder and suffix, which sizes there are, how large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

ROOT_SHARE = 1 / 7
"""Of some styles: files that lie in the root of a host, as some of the oldest uploads do."""
_NUMBERED_SHARE = 0.1
_SUFFIXES = ((0.06, ".JPG"), (0.07, ".jpeg"), (0.08, ".png"))
"""Each up to that share; all others are ``.jpg``."""
PNG = ".png"
JPG = ".jpg"


class FilePlace(NamedTuple):
    """A folder of the image hosts, with a slash at both ends, and the suffix of a file in it."""

    folder: str
    suffix: str


def place_of(artist: str, rng: np.random.Generator, *, in_root: bool) -> FilePlace:
    """Where a file of ``artist`` (a slug) lies.

    Args:
        artist: names the folder.
        rng: decides.
        in_root: whether the work is of a style of which some files lie in the root.
    """
    below, number, upload = rng.random(), int(rng.integers(100, 200)), rng.random()
    suffix = next((suffix for share, suffix in _SUFFIXES if upload < share), JPG)
    if in_root and below < ROOT_SHARE:
        return FilePlace("/", suffix)
    numbered = f"/{number:05}" if below > 1 - _NUMBERED_SHARE else ""
    return FilePlace(f"{numbered}/images/{artist}/", suffix)


@dataclass(frozen=True)
class Variant:
    """A derivative: the box it fits into, and the original that it takes to exist."""

    box: tuple[int, int]
    needs: tuple[int, int] = (0, 0)
    """It exists where the original reaches one of these (width, height)."""


_ANY_HEIGHT = 1_000_000
VARIANTS = {
    "Blog": Variant((500, _ANY_HEIGHT), (500, 500)),
    "Large": Variant((750, 600), (750, 600)),
    "PortraitSmall": Variant((140, _ANY_HEIGHT)),
    "Portrait": Variant((400, _ANY_HEIGHT), (400, 400)),
    "HalfHD": Variant((1280, 800), (1280, 800)),
    "HD": Variant((1920, 1200), (1920, 1200)),
    "PinterestSmall": Variant((210, _ANY_HEIGHT)),
    "PinterestLarge": Variant((280, _ANY_HEIGHT)),
}
"""In the order in which a listing row's ``map`` counts them."""


def exists(size: tuple[int, int], variant: str) -> bool:
    """Whether an original of ``size`` (width, height) has the derivative."""
    known = VARIANTS.get(variant)
    return known is not None and (size[0] >= known.needs[0] or size[1] >= known.needs[1])


def derived_size(size: tuple[int, int], variant: str) -> tuple[int, int]:
    """Size of the derivative: inside its box, in proportion, never larger than the original."""
    box = VARIANTS[variant].box
    share = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def listing_map(size: tuple[int, int]) -> str:
    """The ``map`` of a listing row: a digit for each derivative that exists, a star for others."""
    digits = (str(i) if exists(size, name) else "*" for i, name in enumerate(VARIANTS))
    return "".join(digits) + "*"
