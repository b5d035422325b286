"""Where WikiArt keeps the file of a work, and under which suffix it was uploaded."""

from __future__ import annotations

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
