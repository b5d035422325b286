"""Whether two images show the same picture, seen on their 64-pixel squares.

Two things must agree: where the edges are (the correlation of the gradients of L*, at the best of
a few small shifts and crops), and the colours, since one composition in two colourings is two
works. Pictures whose colours agree nearly everywhere need no edges at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from curation.candidates import under_symmetries
from curation.lab import distance, to_lab
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.shards import Pixels

MAX_SHIFT: Final = 3
"""Pixels by which one image may lie beside the other."""
CROPS: Final = (1.0, 2.0)
"""Pixels of 64 that a crop may have taken from each side."""

_FAINT: Final = 1e-6

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Likeness:
    """How alike each of n pairs is."""

    lab_distance: Floats
    """Mean CIE76 distance."""
    gradient_correlation: Floats
    """-1..1; 0 where one of the two is perfectly flat."""
    chroma_distance: Floats
    """Mean distance in a* and b*."""

    @classmethod
    def concatenated(cls, parts: Iterable[Likeness]) -> Likeness:
        """That of the pairs of all ``parts``, in their order."""
        lists = list(parts)
        names = ("lab_distance", "gradient_correlation", "chroma_distance")
        empty = np.empty(0, np.float32)
        return cls(*(np.concatenate([empty, *(getattr(p, n) for p in lists)]) for n in names))

    def is_near(self, params: Dedupe) -> npt.NDArray[np.bool_]:
        """Which pairs show the same picture."""
        return (self.lab_distance <= params.max_lab_distance) | (
            (self.gradient_correlation >= params.min_gradient_correlation)
            & (self.chroma_distance <= params.max_chroma_distance)
        )

    def is_doubtful(self, params: Dedupe) -> npt.NDArray[np.bool_]:
        """Which of the others a person should look at."""
        return (
            ~self.is_near(params)
            & (self.gradient_correlation >= params.doubtful_gradient_correlation)
            & (self.chroma_distance <= params.doubtful_chroma_distance)
        )


def compare(
    first: Pixels, second: Pixels, symmetries: npt.NDArray[np.uint8], params: Dedupe
) -> Likeness:
    """Measure n pairs of images (n, side, side, 3), the first of each under its symmetry.

    The correlation is only worked out where the colours leave the question open, and crops are
    only tried where the uncropped edges neither agree nor clearly disagree; it is 0 elsewhere.
    """
    left, right = under_symmetries(to_lab(first), symmetries), to_lab(second)
    lab_distance = distance(left, right).mean(axis=(1, 2))
    chroma_distance = distance(left[..., 1:], right[..., 1:]).mean(axis=(1, 2))
    correlation = np.zeros(len(left), np.float32)
    is_open = (chroma_distance <= params.doubtful_chroma_distance) | (
        lab_distance <= params.max_lab_distance
    )
    correlation[is_open] = gradient_correlation(left[is_open, ..., 0], right[is_open, ..., 0])
    is_open &= (correlation < params.min_gradient_correlation) & (correlation >= 0.3)
    correlation[is_open] = np.maximum(
        correlation[is_open],
        cropped_correlation(left[is_open, ..., 0], right[is_open, ..., 0]),
    )
    return Likeness(lab_distance, correlation, chroma_distance)


def gradient_correlation(left: Floats, right: Floats) -> Floats:
    """Normalised correlation of the gradient fields of n pairs of L* (n, side, side): (n,).

    The best over shifts of ``left`` by up to `MAX_SHIFT` pixels each way, on the part of
    ``right`` that is then still covered.
    """
    moving, window = _gradient(left), _gradient(right)
    inside = np.zeros(window.shape[1:], np.float32)
    inside[MAX_SHIFT:-MAX_SHIFT, MAX_SHIFT:-MAX_SHIFT] = 1
    window = window * inside
    products = np.fft.ifft2(np.fft.fft2(moving) * np.conj(np.fft.fft2(window))).real
    shifts = np.arange(-MAX_SHIFT, MAX_SHIFT + 1)
    products = products[:, shifts[:, None], shifts[None, :]]
    norms = _window_energy(moving) * np.sum(np.abs(window) ** 2, axis=(1, 2))[:, None, None]
    correlations = np.where(norms > _FAINT, products / np.sqrt(np.maximum(norms, _FAINT)), 0)
    best: Floats = correlations.max(axis=(1, 2)).astype(np.float32)
    return best


def cropped_correlation(left: Floats, right: Floats) -> Floats:
    """The best `gradient_correlation` when either image is a crop of the other's inside."""
    tried = [
        gradient_correlation(*pair)
        for margin in CROPS
        for pair in ((_inside(left, margin), right), (left, _inside(right, margin)))
    ]
    best: Floats = np.max(tried, axis=0)
    return best


def _gradient(lightness: Floats) -> npt.NDArray[np.complex64]:
    """Central differences as one complex field: across + i down."""
    padded = np.pad(lightness, ((0, 0), (1, 1), (1, 1)), mode="edge")
    field: npt.NDArray[np.complex64] = np.empty(lightness.shape, np.complex64)
    field.real = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    field.imag = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    return field


def _window_energy(field: npt.NDArray[np.complex64]) -> npt.NDArray[np.float64]:
    """Sum of squares of ``field`` under the window at each shift: (n, shifts, shifts)."""
    n, side = field.shape[:2]
    sums = np.zeros((n, side + 1, side + 1))
    sums[:, 1:, 1:] = np.cumsum(np.cumsum(np.abs(field) ** 2.0, axis=1), axis=2)
    begin = np.arange(2 * MAX_SHIFT + 1)
    end = begin + side - 2 * MAX_SHIFT
    rows = sums[:, end] - sums[:, begin]
    energy: npt.NDArray[np.float64] = rows[:, :, end] - rows[:, :, begin]
    return energy


def _inside(lightness: Floats, margin: float) -> Floats:
    """The images without ``margin`` pixels at each side, enlarged to their old size."""
    side = lightness.shape[1]
    places = margin + (np.arange(side) + 0.5) * (side - 2 * margin) / side - 0.5
    lower = np.clip(np.floor(places).astype(int), 0, side - 2)
    weight = (places - lower).astype(np.float32)
    matrix = np.zeros((side, side), np.float32)
    matrix[np.arange(side), lower] = 1 - weight
    matrix[np.arange(side), lower + 1] = weight
    enlarged: Floats = np.asarray(matrix @ lightness @ matrix.T, np.float32)
    return enlarged
