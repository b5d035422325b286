"""The two curves of HDR (ITU-R BT.2100), shown on a display of sRGB as Chromium shows them.

White is at `WHITE_NITS`, and what is brighter is white: on the default canvas nothing is toned down.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import ImageFilter

from curation.images.code_points import PQ, Hdr

Floats = npt.NDArray[np.float64]

WHITE_NITS: Final = 406.0
"""Twice the 203 of ITU-R BT.2408; measured on Chromium 156 (`tests/benches/browser_images.py`)."""
_HLG_NITS: Final = 1000.0
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
    light = (nits / WHITE_NITS) @ np.reshape(hdr.to_srgb, (3, 3)).T
    return ImageFilter.Color3DLUT(_GRID, _encoded(light).astype(np.float32).ravel())


def _pq(stored: Floats) -> Floats:
    root = stored ** (1 / 78.84375)
    share = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    nits: Floats = 10_000 * share ** (1 / 0.1593017578125)
    return nits


def _hlg(stored: Floats) -> Floats:
    bright = np.exp((stored - 0.55991073) / 0.17883277) + 0.28466892
    scene = np.where(stored <= 0.5, stored**2 / 3, bright / 12)
    luminance = scene @ _LUMINANCE
    return _HLG_NITS * scene * luminance[:, None] ** (_SYSTEM_GAMMA - 1)


def _encoded(light: Floats) -> Floats:
    clipped = light.clip(0, 1)
    return np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
