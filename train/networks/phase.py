"""How far a training has come, where that decides what is trained."""

from __future__ import annotations

from dataclasses import dataclass

KIMG = 1000


@dataclass(frozen=True)
class Phase:
    """What is trained after some number of images; a network that does not grow has one."""

    resolution: int
    fade: float = 1.0
    """How far the resolution is faded in, 0..1."""
    number: int = 0
    """Counts fades and stable periods; the optimizers forget at each change."""


def images(kimg: float) -> int:
    """Thousands of images as a number of images."""
    return round(kimg * KIMG)
