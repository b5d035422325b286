"""A canvas at working resolution: noise, masks and layers of paint in linear amounts.

Compositions are laid at a few hundred pixels, where a layer costs a fraction of a millisecond, and
only the finished painting is brought to the size of its photograph, where weave and brush strokes
are added. Coordinates run from 0 to 1 over the shorter side; the longer side is longer than 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scrapers.gallery.painters.painting.palettes import Colours
from scrapers.gallery.seeded import generator

Field = NDArray[np.floating[Any]]
"""(height, width) of one value a pixel, or a shape that spreads to it."""

_TILE = 512


def smooth(value: Field) -> Field:
    """0 below 0, 1 above 1, and an S between them."""
    share = value.clip(0.0, 1.0)
    return cast("Field", share * share * (3.0 - 2.0 * share))


def length(x: Field, y: Field) -> Field:
    """Of the vector (x, y), in operations that every processor rounds alike."""
    return cast("Field", np.sqrt(x * x + y * y))


class Canvas:
    """A painting in the making."""

    def __init__(self, size: tuple[int, int], detail: int, rng: np.random.Generator) -> None:
        """Stretch a canvas for a photograph of ``size``; its longer side has ``detail`` pixels."""
        share = min(1.0, detail / max(size))
        self.size = size
        self.rng = rng
        self.width, self.height = (max(2, round(side * share)) for side in size)
        short = min(self.width, self.height)
        self.pixel = 1.0 / short
        self.right, self.bottom = self.width / short, self.height / short
        self.x: Field = ((np.arange(self.width, dtype=np.float32) + 0.5) / short)[None, :]
        self.y: Field = ((np.arange(self.height, dtype=np.float32) + 0.5) / short)[:, None]
        self.pixels = np.zeros((self.height, self.width, 3), dtype=np.float32)

    def noise(self, across: float, down: float, octaves: int = 1) -> Field:
        """Smooth noise, about -1..1, with ``across`` by ``down`` bumps to a unit of length."""
        total = np.zeros((self.height, self.width), dtype=np.float32)
        for octave in range(octaves):
            columns = min(self.width, max(2, round(across * self.right * 2**octave) + 1))
            rows = min(self.height, max(2, round(down * self.bottom * 2**octave) + 1))
            grid = self.rng.normal(0.0, 0.5, (rows, columns)).astype(np.float32)
            wide = Image.fromarray(grid).resize((self.width, self.height), Image.Resampling.BICUBIC)
            total += np.asarray(wide) * np.float32(0.55**octave)
        return total

    def wave(self, bumps: float, *, along_x: bool) -> Field:
        """Smooth noise in one direction only: (1, width) or (height, 1), about -1..1."""
        length, extent = (self.width, self.right) if along_x else (self.height, self.bottom)
        knots = max(3, round(bumps * extent) + 1)
        values = self.rng.normal(0.0, 0.5, (1, knots)).astype(np.float32)
        line = np.asarray(Image.fromarray(values).resize((length, 1), Image.Resampling.BICUBIC))
        return line if along_x else line.T

    def prime(self, paint: Field) -> None:
        """Cover the whole canvas with ``paint``, (height, width, 3)."""
        self.pixels[:] = paint

    def lay(self, amount: Field, colour: Field | Colours) -> None:
        """Cover with ``colour`` (3,) or (height, width, 3) where and as far as ``amount`` says."""
        touched = amount > 0.0
        columns, rows = _extent(touched.max(axis=0)), _extent(touched.max(axis=1))
        paint = np.broadcast_to(np.asarray(colour, dtype=np.float32), self.pixels.shape)
        below = self.pixels[rows, columns]
        share = np.asarray(amount[rows, columns, None], dtype=np.float32)
        below += (paint[rows, columns] - below) * share

    def stain(self, amount: Field, colour: Colours) -> None:
        """Let thin paint sink in: light is filtered by ``colour``, never covered."""
        filtered = (np.asarray(colour, dtype=np.float32) / 255.0 - 1.0).clip(-0.97, 0.0)
        self.pixels *= amount[..., None] * filtered + np.float32(1.0)

    def shade(self, amount: Field) -> None:
        """Lighten (above 0) or darken (below 0) by a share of the brightness."""
        self.pixels *= 1.0 + amount[..., None]

    def photograph(self, weave: float, brush: float) -> Image.Image:
        """The painting at full size, with the surface of its canvas and the light on it."""
        flat = Image.fromarray(self.pixels.clip(0.0, 255.0).astype(np.uint8), "RGB")
        pixels = np.asarray(flat.resize(self.size, Image.Resampling.BICUBIC)).astype(np.int16)
        pixels += self._surface(weave, brush)[..., None]
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8), "RGB")

    def _surface(self, weave: float, brush: float) -> NDArray[np.int16]:
        """(height, width) of relief, cut at a random place from cloth that repeats."""
        width, height = self.size
        down, across = (int(v) for v in self.rng.integers(_TILE, size=2))
        strokes = 0.5 + 3.0 * brush
        cloth = weave * 3.5 * _cloth() + strokes * _strokes() + 0.8 * _grain()
        rolled = np.roll(cloth.round().astype(np.int16), (down, across), axis=(0, 1))
        repeats = (-(-height // _TILE), -(-width // _TILE))
        return cast("NDArray[np.int16]", np.tile(rolled, repeats)[:height, :width])


def _extent(touched: NDArray[np.bool_]) -> slice:
    """From the first to the last place that is touched."""
    places = np.flatnonzero(touched)
    return slice(int(places[0]), int(places[-1]) + 1) if len(places) else slice(0)


@lru_cache(maxsize=1)
def _cloth() -> Field:
    """Threads over and under one another, three pixels apart, none quite like the next."""
    rng = generator(0, "cloth")
    rows = np.arange(_TILE)[:, None]
    columns = np.arange(_TILE)[None, :]
    warp = np.sin(2 * np.pi * columns * (171 / _TILE)) * rng.uniform(0.6, 1.4, (1, _TILE))
    weft = np.sin(2 * np.pi * rows * (171 / _TILE)) * rng.uniform(0.6, 1.4, (_TILE, 1))
    return cast("Field", ((warp + weft) * 0.5).astype(np.float32))


@lru_cache(maxsize=1)
def _grain() -> Field:
    """Film grain: one independent value a pixel, standard deviation 1."""
    return generator(0, "grain").normal(0.0, 1.0, (_TILE, _TILE)).astype(np.float32)


@lru_cache(maxsize=1)
def _strokes() -> Field:
    """Marks of a wide brush, mostly crosswise, that join at the edges of the tile."""
    rng = generator(0, "strokes")
    spectrum = np.fft.rfft2(rng.normal(0.0, 1.0, (_TILE, _TILE)))
    down = np.fft.fftfreq(_TILE)[:, None] * _TILE
    across = np.fft.rfftfreq(_TILE)[None, :] * _TILE
    band_pass = np.exp(-((across / 14.0) ** 2)) * np.exp(-((down / 90.0) ** 2))
    marks = np.fft.irfft2(spectrum * band_pass, (_TILE, _TILE))
    return cast("Field", (marks / marks.std()).astype(np.float32))
