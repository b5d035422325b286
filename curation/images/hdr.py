"""The two curves of HDR (ITU-R BT.2100), on a display of sRGB, as Chromium tones them down.

Up to reference white light is halved; above, a Bezier curve leads to `PEAK_NITS`, which is white
(the reference white tone mapping of SMPTE ST 2094-50, without headroom). What a colour's largest
component loses, the others lose too, so that its hue stays.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import ImageFilter

from curation.images.code_points import BT_2020, PQ, SRGB, Hdr, to_xyz

Floats = npt.NDArray[np.float64]

# ITU-R BT.2408: diffuse white of HDR, and the display for which HLG's curve is stated (BT.2100).
WHITE_NITS: Final = 203.0
PEAK_NITS: Final = 1000.0
KNEE: Final = 0.5
"""What reference white becomes. This and the bend were fitted to Chromium 156, which
`tests/benches/browser_images.py` asks again."""
BEND: Final = 0.65
"""How far the middle point of the curve lies towards where its first part would reach white."""
# BT.2100, for a peak of 1000 nits; other peaks have other exponents.
_SYSTEM_GAMMA: Final = 1.2
_LUMINANCE: Final = np.array([0.2627, 0.6780, 0.0593])
_GRID: Final = 65
"""Points a side of the table of colours; between them Pillow interpolates."""


@functools.lru_cache(maxsize=4)
def table_of(hdr: Hdr) -> ImageFilter.Color3DLUT:
    """From stored colours to sRGB."""
    axis = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red runs fastest
    stored = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    nits = _pq(stored) if hdr.transfer == PQ else _hlg(stored)
    light = _toned((nits / WHITE_NITS) @ _matrix(hdr.chromaticities, BT_2020))
    srgb = _encoded(light @ _matrix(BT_2020, SRGB))
    return ImageFilter.Color3DLUT(_GRID, srgb.astype(np.float32).ravel())


def _matrix(source: tuple[float, ...], target: tuple[float, ...]) -> npt.NDArray[np.floating]:
    """From light by the primaries of ``source`` to light by those of ``target``, in rows."""
    matrix: npt.NDArray[np.floating] = np.linalg.solve(to_xyz(target), to_xyz(source)).T
    return matrix


def _pq(stored: Floats) -> Floats:
    root = stored ** (1 / 78.84375)
    share = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    nits: Floats = 10_000 * share ** (1 / 0.1593017578125)
    return nits


def _hlg(stored: Floats) -> Floats:
    bright = np.exp((stored - 0.55991073) / 0.17883277) + 0.28466892
    scene = np.where(stored <= 0.5, stored**2 / 3, bright / 12)
    luminance = scene @ _LUMINANCE
    nits: Floats = PEAK_NITS * scene * luminance[:, None] ** (_SYSTEM_GAMMA - 1)
    return nits


def _toned(light: Floats) -> Floats:
    """``light``, of which 1 is reference white, as light of which 1 is the display's white."""
    largest = light.max(axis=1).clip(1e-9)
    way = np.linspace(0, 1, 1024)
    ends = ((1.0, KNEE), (PEAK_NITS / WHITE_NITS, 1.0))
    middle = ((1 - BEND) + BEND / KNEE, (1 - BEND) * KNEE + BEND)
    brightness, shown = (
        (1 - way) ** 2 * first + 2 * way * (1 - way) * between + way**2 * last
        for first, between, last in zip(ends[0], middle, ends[1], strict=True)
    )
    target = np.where(largest <= 1, KNEE * largest, np.interp(largest, brightness, shown))
    toned: Floats = light * (target / largest)[:, None]
    return toned


def _encoded(light: Floats) -> Floats:
    clipped = light.clip(0, 1)
    encoded: Floats = np.where(
        clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055
    )
    return encoded
