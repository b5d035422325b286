"""Whether pictures show what they were drawn of: is the right condition the nearest of ten?

A kernel ridge regression from what is seen of an image to its vector is fitted to real images that
were trained on; what it reads from another picture is compared with that picture's own vector and
with nine others. This is the R-precision of Xu et al. (AttnGAN, 2018, section 4), with a reader
that a few hundred images are enough for in place of their networks of pictures and words. Of real
images that were held out it says how good the reader is. Seen are thumbnails: features of a network
read real images better, and drawn ones, which are softer, far worse
(`python -m tests.benches.text`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.core.shards import Pixels
from train.metrics.distances import squared_distances
from train.metrics.evaluation import rounded
from train.metrics.nearest import thumbnails

CANDIDATES: Final = 10
"""The right condition among them."""
CAPTION: Final = f"caption, of {CANDIDATES}"
"""What it is called among the attributes that pictures are asked for."""
MOST_READ: Final = 2000
"""Real images that the reader learns from."""
MOST_JUDGED: Final = 512
"""Pictures that are judged, and real images that are."""
PENALTY: Final = 0.1
"""Of the regression (`python -m tests.benches.text` has the share of real images by others)."""

Vectors = npt.NDArray[np.floating[Any]]
Matrix = npt.NDArray[np.float64]


class CaptionReader:
    """Reads vectors from what is seen of pictures."""

    def __init__(self, seen: Matrix, vectors: Vectors, penalty: float = PENALTY) -> None:
        """Fit it to what is ``seen`` (n, d) of images, and their ``vectors`` (n, k)."""
        self._seen = seen
        self.middle: Matrix = vectors.mean(axis=0, dtype=np.float64)
        apart = squared_distances(self._seen, self._seen)
        self._width = float(np.median(apart)) or 1.0
        kernel = np.exp(-apart / self._width) + penalty * np.eye(len(apart))
        self._weights = np.linalg.solve(kernel, vectors - self.middle)

    def __call__(self, seen: Matrix) -> Matrix:
        """The vectors (m, k) that what is ``seen`` (m, d) speaks for, less the mean of all."""
        apart = squared_distances(seen, self._seen)
        read: Matrix = np.exp(-apart / self._width) @ self._weights
        return read


@dataclass(frozen=True)
class Captioned:
    """Pictures, and what each should show."""

    seen: Matrix
    """(m, d)"""
    vectors: Vectors
    """(m, k)"""

    @classmethod
    def of(cls, pixels: Pixels, vectors: Vectors) -> Captioned:
        """By the thumbnails of ``pixels`` (m, s, s, 3)."""
        return cls(thumbnails(pixels).astype(np.float64), vectors)


def judge_captions(
    shown: Captioned, held_out: Captioned, drawn: Captioned
) -> dict[str, Any] | None:
    """How often the right caption is found: of pictures ``drawn`` of those that are ``held_out``.

    By a reader that has learnt from ``shown``, real images that were trained on. ``right`` stands
    beside ``chance`` and beside ``reals``, the same of the images held out. None: too few of these
    have captions of their own.
    """
    reader = CaptionReader(shown.seen, shown.vectors)
    right = share_right(reader, drawn, held_out.vectors)
    reals = share_right(reader, held_out, held_out.vectors)
    if right is None or reals is None:
        return None
    return {
        "right": rounded(right),
        "chance": 1 / CANDIDATES,
        "reals": rounded(reals),
        "images": len(drawn.vectors),
        "held_out": len(held_out.vectors),
        "captions": len(np.unique(held_out.vectors, axis=0)),
    }


def share_right(reader: CaptionReader, judged: Captioned, candidates: Vectors) -> float | None:
    """How often the right vector is the nearest of `CANDIDATES`, by the cosine from the mean.

    The others are drawn from ``candidates`` (c, k) that differ from it; the share is what all ways
    to draw them come to, so nothing is random. None: there are too few candidates.
    """
    count = len(judged.vectors)
    everything = np.concatenate([judged.vectors, candidates])
    distinct, place = np.unique(everything, axis=0, return_inverse=True)
    others = len(distinct) - 1
    if others < CANDIDATES - 1 or not count:
        return None
    cosines = _unit_vectors(reader(judged.seen)) @ _unit_vectors(distinct - reader.middle).T
    is_right = place.reshape(-1)[:count, None] == np.arange(len(distinct))
    right = cosines[is_right][:, None]
    nearer = ((cosines >= right) & ~is_right).sum(axis=1)
    chosen = CANDIDATES - 1
    ways = comb(others, chosen)
    return float(np.mean([comb(others - int(before), chosen) / ways for before in nearer]))


def _unit_vectors(vectors: Vectors) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Matrix = vectors / np.maximum(lengths, np.finfo(np.float64).tiny)
    return scaled
