"""Whether two images show the same picture, seen on their 64-pixel squares.

Two things must agree: where the edges are (the correlation of the gradients of L*, at the best of
a few small shifts and crops), and the colours, since one composition in two colourings is two
works. The colours are compared once as they are, with room for another camera, and strictly once
the tone of the whole picture was evened out (`curation.duplicates.tone`). Pictures whose colours
agree nearly everywhere need no edges at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from curation.duplicates.candidates import under_symmetries
from curation.duplicates.lab import distance, to_lab
from curation.duplicates.neighbours import Indices
from curation.duplicates.registration import registered
from curation.duplicates.tone import tone_distance
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.shards import Pixels

MAX_SHIFT: Final = 3
"""Pixels by which one image may lie beside the other."""
MIN_TO_REGISTER: Final = 0.3
"""Correlation from which on laying one image over the other is worth a try."""
MIN_REGISTERED: Final = 0.94
"""Correlation that a crop reaches once it lies over its original. Two photographs of one model of
watch stay below: on real and on painted pictures, crops have .93 to .99 and others up to .93."""
MAX_CHROMA_TO_REGISTER: Final = 20.0
"""Before that, colours beside each other differ; after it, `Dedupe` bounds them."""

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
    tone_distance: Floats
    """Root mean square CIE76 distance at one tone; infinite where it was not needed."""

    @property
    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four measures."""
        return (
            self.lab_distance,
            self.gradient_correlation,
            self.chroma_distance,
            self.tone_distance,
        )

    @classmethod
    def concatenated(cls, parts: Iterable[Likeness]) -> Likeness:
        """That of the pairs of all ``parts``, in their order."""
        none = (np.empty(0, np.float32),) * 4
        columns = zip(none, *(part.columns for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))

    def only(self, chosen: Indices) -> Likeness:
        """That of some of the pairs."""
        return Likeness(*(column[chosen] for column in self.columns))

    def is_near(self, params: Dedupe) -> npt.NDArray[np.bool_]:
        """Which pairs show the same picture."""
        return (self.lab_distance <= params.max_lab_distance) | (
            (self.gradient_correlation >= params.min_gradient_correlation)
            & (self.tone_distance <= params.max_tone_distance)
            & (self.chroma_distance <= params.max_chroma_distance)
        )

    def is_doubtful(self, params: Dedupe) -> npt.NDArray[np.bool_]:
        """Which of the others a person should look at."""
        return (
            ~self.is_near(params)
            & (self.gradient_correlation >= params.doubtful_gradient_correlation)
            & (self.tone_distance <= params.doubtful_tone_distance)
            & (self.chroma_distance <= params.doubtful_chroma_distance)
        )


def compare(
    first: Pixels, second: Pixels, symmetries: npt.NDArray[np.uint8], params: Dedupe
) -> Likeness:
    """Measure n pairs of images (n, side, side, 3), the first of each under its symmetry.

    Pairs that are not near as they lie, but may be crops of one picture, are measured once more
    after one was laid over the other, and are that much alike where it fits. Where the colours
    already rule a pair out the correlation stays 0.
    """
    left, right = under_symmetries(_seen(first), symmetries), _seen(second)
    found = _as_they_lie(left, right, params)
    is_open = (
        ~found.is_near(params)
        & (found.gradient_correlation >= MIN_TO_REGISTER)
        & (found.chroma_distance <= MAX_CHROMA_TO_REGISTER)
    )
    again = _as_they_lie(registered(left[is_open], right[is_open]), right[is_open], params)
    fits = again.gradient_correlation >= MIN_REGISTERED
    crops = np.flatnonzero(is_open)[fits]
    for before, after in zip(found.columns, again.columns, strict=True):
        before[crops] = after[fits]
    return found


def _seen(pixels: Pixels) -> Floats:
    """L*a*b* and sRGB levels of each pixel: (n, side, side, 6)."""
    return np.concatenate([to_lab(pixels), pixels.astype(np.float32)], axis=-1)


def _as_they_lie(left: Floats, right: Floats, params: Dedupe) -> Likeness:
    lab_distance = distance(left[..., :3], right[..., :3]).mean(axis=(1, 2))
    chroma_distance = distance(left[..., 1:3], right[..., 1:3]).mean(axis=(1, 2))
    is_open = chroma_distance <= max(params.doubtful_chroma_distance, MAX_CHROMA_TO_REGISTER)
    is_open |= lab_distance <= params.max_lab_distance
    correlation = np.zeros(len(left), np.float32)
    correlation[is_open] = gradient_correlation(left[is_open, ..., 0], right[is_open, ..., 0])
    tone = np.full(len(left), np.inf, np.float32)
    is_open &= correlation >= params.doubtful_gradient_correlation
    tone[is_open] = tone_distance(left[is_open, ..., 3:], right[is_open, ..., 3:])
    return Likeness(lab_distance, correlation, chroma_distance, tone)


def gradient_correlation(left: Floats, right: Floats) -> Floats:
    """Normalised correlation of the gradient fields of n pairs of L* (n, side, side): (n,).

    The best over shifts of ``left`` by up to `MAX_SHIFT` pixels each way, on the part of
    ``right`` that is then still covered.
    """
    moving, window = _gradient(left), _gradient(right)
    inside = np.zeros(window.shape[1:], np.float32)
    inside[MAX_SHIFT:-MAX_SHIFT, MAX_SHIFT:-MAX_SHIFT] = 1
    window = window * inside
    products = fft.ifft2(fft.fft2(moving) * np.conj(fft.fft2(window))).real
    shifts = np.arange(-MAX_SHIFT, MAX_SHIFT + 1)
    products = products[:, shifts[:, None], shifts[None, :]]
    norms = _window_energy(moving) * np.sum(np.abs(window) ** 2, axis=(1, 2))[:, None, None]
    correlations = np.where(norms > _FAINT, products / np.sqrt(np.maximum(norms, _FAINT)), 0)
    best: Floats = correlations.max(axis=(1, 2)).astype(np.float32)
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
