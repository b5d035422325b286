"""What a reference looks like, whoever photographs it, and how one photograph is taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

RGB = tuple[int, int, int]


class CaseShape(StrEnum):
    """Outline of the case."""

    ROUND = "round"
    CUSHION = "cushion"
    TANK = "tank"


class Bezel(StrEnum):
    """What lies around the dial."""

    PLAIN = "plain"
    DIVER = "diver"
    FLUTED = "fluted"
    TACHYMETER = "tachymeter"


class Indices(StrEnum):
    """What marks the hours."""

    BATONS = "batons"
    ROMAN = "roman"
    ARABIC = "arabic"
    DOTS = "dots"


class Hands(StrEnum):
    """Shape of the hands."""

    BATON = "baton"
    DAUPHINE = "dauphine"
    SWORD = "sword"
    LEAF = "leaf"


class Strap(StrEnum):
    """What holds the watch to the wrist."""

    THREE_LINK = "three_link"
    FIVE_LINK = "five_link"
    LEATHER = "leather"
    RUBBER = "rubber"
    NATO = "nato"


@dataclass(frozen=True)
class WatchLook:
    """The visible design of one reference."""

    wordmark: str
    shape: CaseShape
    metal: str
    bezel: Bezel
    bezel_colour: RGB
    dial_colour: RGB
    sunburst: float
    """0 matt .. 1 strongly brushed towards the rim."""
    fume: float
    """How much darker the rim of the dial is than its middle, 0..1."""
    indices: Indices
    hands: Hands
    subdials: int
    subdial_contrast: bool
    date: bool
    strap: Strap
    strap_colour: RGB


@dataclass(frozen=True)
class Shot:
    """One photograph: where the watch lies, what time it shows, how it is lit."""

    size: tuple[int, int]
    radius: float
    """Of the case, as a share of the picture's width."""
    centre: tuple[float, float]
    """Shares of width and height."""
    turn: float
    """Radians, clockwise."""
    time: float
    """Hours past midnight, 0..12."""
    ground: tuple[RGB, RGB]
    """Colours of the ground above and below."""
    light: float
    """Direction the light comes from, radians."""
    shadow: float
    """Darkness of the shadow, 0..1."""
    soft: bool
    """Whether the picture is slightly out of focus."""
    textured: bool = False
    """Whether the ground has a grain or folds to be seen."""
