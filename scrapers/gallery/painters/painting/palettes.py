"""Colours that artists of the gallery mix: palettes, their shifts in Oklch, and colour names."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.floating[Any]]
"""(n, 3) sRGB values in 0..255."""

PALETTES = (
    # The first colour is the ground; the rest are ordered from large fields to small accents.
    "6e1423 c8102e f2542d 2d0a12 f28f3b 8c1c13 f7c59f",  # reds over wine
    "f2a541 f25c05 d62828 fcbf49 7f1d1d eae2b7 003049",  # orange and yellow
    "14213d 1d4ed8 0b1026 3a86ff 7209b7 a2d2ff f1faee",  # night blues
    "0f4c5c 2a9d8f 083d3b 8ab17d e9c46a 1d3557 f1faee",  # sea greens
    "efe6d5 2b2d42 d90429 8d99ae edae49 1b998b 0b090a",  # primaries on raw linen
    "3c096c 7b2cbf e0aaff 10002b ff6d00 c77dff ff9e00",  # violets against orange
    "f4d6cc e5989b b5838d 6d6875 ffcdb2 9d4edd fdf0d5",  # rose and mauve
    "1b4332 2d6a4f 081c15 74c69d d8f3dc bc4749 f2e8cf",  # forest with brick
    "fefae0 dda15e bc6c25 606c38 283618 9b2226 e9d8a6",  # ochre and olive
    "0a0908 22333b 5e503f 49111c c6ac8f 0b3954 eae0d5",  # near blacks
    "f7f3e9 00509d fdc500 ffd500 003f88 c1121f 00296b",  # blue and yellow, hard
    "ffb703 fb8500 219ebc 023047 8ecae6 d00000 fff3b0",  # sun and water
    "f8edeb 9a031e 5f0f40 fb8b24 e36414 0f4c5c f9dcc4",  # plum, orange, petrol
    "2f3e46 52796f 84a98c cad2c5 354f52 e07a5f f4f1de",  # sage with coral
    "e8e4d9 e63946 457b9d 1d3557 a8dadc f4a261 2b2d42",  # cool stripes
    "4a0d67 a4161a e5383b 240046 f48c06 ffba08 f5f3f4",  # magenta to gold
    "c9e4ca 3b6064 364958 87bba2 55828b f2cc8f 81171b",  # mint and slate
    "f6bd60 f28482 84a59d f7ede2 f5cac3 6d597a 355070",  # pastel
    "5c0000 e01e37 b21e35 250902 ff7f51 720026 ffd6a5",  # one red in many
    "0b132b 1c2541 3a506b 5bc0be 6fffe9 ee6c4d f4d35e",  # deep turquoise
    "faf3dd aed9e0 5e6472 ffa69e b8f2e6 ef476f 118ab2",  # light washes
    "f1c0e8 8338ec 3a86ff ff006e fb5607 ffbe0b 240046",  # carnival
    "e6ccb2 7f5539 9c6644 ddb892 b08968 432818 bb3e03",  # browns
    "dfe7fd 4361ee 3a0ca3 f72585 7209b7 4cc9f0 fefae0",  # electric
)

_NAMES = {
    "Black": "141214", "Wine": "6a1a2a", "Red": "d01c2c", "Vermilion": "f0502c",
    "Orange": "f58a2a", "Ochre": "c8882f", "Yellow": "fbc530", "Cream": "f4ead2",
    "White": "f8f8f4", "Grey": "8c9096", "Slate": "44525e", "Brown": "6a4a34",
    "Olive": "5f6a36", "Green": "2f7a52", "Mint": "9ed8b4", "Turquoise": "2fa89e",
    "Petrol": "124c58", "Sky": "a4d2f0", "Blue": "2a5cc0", "Ultramarine": "1c2a78",
    "Night": "121a34", "Violet": "7028b4", "Lilac": "c8a0ee", "Plum": "5a1648",
    "Rose": "ee9c9c", "Mauve": "a8848e", "Magenta": "ee1c7c", "Salmon": "f6b89a",
}  # fmt: skip

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""Both matrices: Björn Ottosson, "A perceptual color space for image processing" (2020)."""


def from_hex(text: str) -> Colours:
    """(n, 3) colours from hex codes parted by blanks."""
    return np.array([[*bytes.fromhex(code)] for code in text.split()], dtype=np.float64)


def to_oklab(colours: Colours) -> Colours:
    """(n, 3) lightness 0..1 and the two opponent axes."""
    share = colours / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return cast("Colours", np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def from_oklab(lab: Colours) -> Colours:
    """(n, 3) sRGB; what the screen cannot show is clipped."""
    linear = np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab.T) ** 3).T.clip(0.0, 1.0)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cast("Colours", share * 255.0)


def shifted(colours: Colours, lightness: float, chroma: float, hue: float) -> Colours:
    """``colours`` made lighter by an amount, more vivid by a factor and turned by an angle."""
    lab = to_oklab(colours)
    cosine, sine = np.cos(hue), np.sin(hue)
    turned = lab[:, 1:] @ np.array([[cosine, sine], [-sine, cosine]]) * chroma
    return from_oklab(np.column_stack([(lab[:, 0] + lightness).clip(0.05, 0.98), turned]))


def distances(colours: Colours) -> Colours:
    """(n, n) Euclidean distances in Oklab; 0.1 is plainly another colour."""
    lab = to_oklab(colours)
    return cast("Colours", np.linalg.norm(lab[:, None] - lab[None, :], axis=2))


_WORDS = tuple(_NAMES)
_NAMED = to_oklab(from_hex(" ".join(_NAMES.values())))


def names(colours: Colours) -> list[str]:
    """The plain words for the colours, in their order."""
    nearest = np.linalg.norm(_NAMED - to_oklab(colours)[:, None], axis=2).argmin(axis=1)
    return [_WORDS[i] for i in nearest]
