"""Whether the gallery's shop is as alike as a real one: how many pictures a hash takes for one.

``python -m tests.benches.shop [IMAGES] [FOLDER]`` hashes that many faultless pictures of the shop,
and as many of the folder's, and prints how many others an image has within each radius, for hashes
of 64, 144 and 256 bits (DCT of the 64-pixel luminance, one bit each for being above the median);
then what a picture costs to paint. Its table stands in docs/curation.md.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console
from scipy.fft import dctn

from curation.images.squares import resized
from scrapers.gallery.catalogue.shop import Shop

SEED, BRANDS = 3, 12
RADII = {8: (5, 7, 10, 12), 12: (11, 17, 23, 28), 16: (20, 30, 40, 51)}
"""Bits that may differ, by the frequencies of each axis that are hashed."""
_AT_ONCE = 1000


def main(images: int, folder: Path | None) -> None:
    """Print the table."""
    console = Console(soft_wrap=True, markup=False, highlight=False)
    started = time.process_time()
    sets = {"shop": hashable(islice(shop(images), images))}
    cost = 1000 * (time.process_time() - started) / images
    if folder is not None:
        sets[folder.name] = hashable(islice(_opened(folder), images))
    console.print(f"| bits | radius | {' | '.join(sets)} |\n|---|---|{'---|' * len(sets)}")
    for frequencies, radii in RADII.items():
        counts = [neighbours(luminance, frequencies) for luminance in sets.values()]
        for radius, *row in zip(radii, *counts, strict=True):
            told = " | ".join(f"{count:.3f}" for count in row)
            console.print(f"| {frequencies**2} | {radius} | {told} |")
    console.print(f"{cost:.1f} ms of CPU to paint, encode, decode and square a picture")


def shop(listed: int) -> Iterator[Image.Image]:
    """The faultless pictures of a shop with that many listings, and a few more."""
    catalogue = Shop(SEED, max(60, listed * 2), BRANDS)
    for watch in catalogue.watches:
        [picture] = watch.pictures
        data = None if picture.defects else catalogue.image(picture, "ExtraLarge")
        if data is not None:
            yield Image.open(io.BytesIO(data)).convert("RGB")


def _opened(folder: Path) -> Iterator[Image.Image]:
    for path in sorted(folder.glob("*.jpg")):
        yield Image.open(path).convert("RGB")


def hashable(pictures: Iterator[Image.Image]) -> npt.NDArray[np.float32]:
    """The luminance of their squares of 64 pixels: (n, 64, 64)."""
    squares = [resized(np.asarray(picture), "crop", (64,))[64] for picture in pictures]
    luma = np.array([0.299, 0.587, 0.114], np.float32)
    return np.stack([square.astype(np.float32) @ luma for square in squares])


def neighbours(luminance: npt.NDArray[np.float32], frequencies: int) -> list[float]:
    """Other pictures within each radius of one of them, on average."""
    blocks: npt.NDArray[Any] = dctn(luminance, axes=(1, 2), norm="ortho")
    rows = blocks[:, :frequencies, :frequencies].reshape(len(luminance), -1)
    signs = np.where(rows > np.median(rows, axis=1, keepdims=True), 1.0, -1.0).astype(np.float32)
    counts = np.zeros(len(RADII[frequencies]))
    for start in range(0, len(signs), _AT_ONCE):
        distances = (frequencies**2 - signs[start : start + _AT_ONCE] @ signs.T) / 2
        counts += [(distances < radius + 0.5).sum() for radius in RADII[frequencies]]
    return [float(count / len(signs)) - 1 for count in counts]


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 3200,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
