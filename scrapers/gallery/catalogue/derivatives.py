"""The sizes in which WikiArt keeps a picture: which exist, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass


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
