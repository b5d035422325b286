"""The mark that a site lays over its images, found without ever having been shown one.

A mark that stays in place is what the gradients of a collection agree on (Dekel, Rubinstein, Liu
and Freeman, "On the Effectiveness of Visible Watermarks", CVPR 2017). Where the mean gradient of
many images stands out from chance there is a mark, and a matched filter with it scores each
image. Without such a place there is no template, and nobody is accused.

`python -m tests.benches.watermark --vary overlay.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from curation.images.gradients import central_differences
from curation.watermark.layout import Field, Layout
from pipeline.core.shards import Pixels

Mark = npt.NDArray[np.complex64]
"""A template, in the same form: (side, side), zero where there is no mark."""
Floats = npt.NDArray[np.float64]
Responses = npt.NDArray[np.floating[Any]]

MAX_SHIFT: Final = 3
"""Pixels by which the mark may lie beside its place."""
MARKED_SCORE: Final = 6.0
"""Score above which an image counts as marked in the description of an overlay."""
SURE_SCORE: Final = 8.0
"""Score above which an image helps to learn the mark."""

_SURE_STRENGTH: Final = 0.5
"""And of the template's own strength: of three words in one place each has .8 to 1.2 on its images
and .2 on those of another word, of which a single sure one would let in all, round by round
(`python -m tests.benches.watermark --several`)."""
_AMBIGUOUS: Final = (5.0, 10.0)
"""Scores between which hardly any image lies where the template is a mark."""
_FLATTEN: Final = 4.0
"""Grey levels a pixel under which a gradient counts as weak."""
_MIN_AMPLITUDE: Final = 0.06
"""Mean normalised gradient (0..1) below which a place is no part of a mark."""
_BLUR_SHARE: Final = 0.01
"""Of the side: what is wider than that is the outline of what the images show, not a mark."""
_NARROW: Final = 1.5
"""Pixels; what is wider is an outline, and outlines of like things meet as well."""
_NEIGHBOURHOOD: Final = 2
_MIN_NEIGHBOURS: Final = 5
"""Pixels of the 5 x 5 around one that must stand out as well; strokes do, single pixels do not."""
_MIN_PIXELS: Final = 24
"""Fewer pixels than this make no mark."""
_FAINT: Final = 0.35
"""Opacity relative to the typical one: marks have .4 of it and more, chance meetings up to .25."""
_MIN_SHOWN: Final = 0.25
"""Of a mark that must be in the square; less of it says nothing about the image."""
_MARGIN: Final = 2
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Consensus:
    """Sums over images, which add up in any number of parts."""

    images: int
    total: npt.NDArray[np.complex128]
    """Of the normalised gradients: (side, side)."""
    squares: Floats
    """Of their squared lengths: (side, side)."""

    def __add__(self, other: Consensus) -> Consensus:
        return Consensus(
            self.images + other.images, self.total + other.total, self.squares + other.squares
        )


@dataclass(frozen=True)
class Scores:
    """What the matched filter says of n images."""

    score: Floats
    """Standard deviations by which the mark's place exceeds all other shifts of the same image; nan
    where the mark would not be in the square."""
    strength: Floats
    """Of the mark, in units of the template."""
    shifts: npt.NDArray[np.int64]
    """(n, 2): pixels down and across by which the mark lies off its place."""
    inverse: Floats
    """As ``score``, of the mark with its lighter and darker sides exchanged."""

    @classmethod
    def concatenated(cls, parts: Iterable[Scores]) -> Scores:
        """Those of all ``parts``, in their order."""
        lists = list(parts)
        return cls(
            np.concatenate([part.score for part in lists]),
            np.concatenate([part.strength for part in lists]),
            np.concatenate([part.shifts for part in lists]),
            np.concatenate([part.inverse for part in lists]),
        )

    @property
    def is_marked(self) -> npt.NDArray[np.bool_]:
        """Which images carry the mark."""
        return self.score > MARKED_SCORE

    @property
    def is_inverted(self) -> npt.NDArray[np.bool_]:
        """Which images have the mark's edges, but dark where the mark is light."""
        return (self.inverse > MARKED_SCORE) & ~(self.score > MARKED_SCORE)

    @property
    def carries(self) -> npt.NDArray[np.bool_]:
        """Which of them carry it about as strongly as most, and are not like it by chance."""
        return self.is_marked & (self.opacity >= _FAINT)

    @property
    def ambiguous(self) -> float:
        """How many images neither clearly carry the mark nor clearly do not, per marked image."""
        low, high = _AMBIGUOUS
        between = (self.score > low) & (self.score < high)
        return float(between.sum() / max(self.is_marked.sum(), 1))

    @property
    def opacity(self) -> Floats:
        """The strength relative to the median of the marked images (1 where there are none)."""
        marked = self.strength[self.is_marked]
        return self.strength / (float(np.median(marked)) if len(marked) else 1.0)

    def tempered(self) -> Scores:
        """The same, but with a score in proportion where the mark would be too faint.

        Among many places of many images something meets the mark by chance; where a mark jitters,
        even in one image of a thousand. But what meets it so is much fainter than a mark.
        """
        return replace(self, score=self.score * np.minimum(self.opacity / _FAINT, 1))


def normalised_gradients(pixels: Pixels) -> Field:
    """The luminance gradients of ``pixels`` (n, side, side, 3), shortened to less than 1.

    Divided by their own length + 4, so that no strong edge outvotes the faint ones.
    """
    luminance = pixels.astype(np.float32) @ _LUMA
    padded = np.pad(luminance, ((0, 0), (1, 1), (1, 1)), mode="edge")
    field = central_differences(padded)
    shortened = 1 / (np.abs(field) + np.float32(_FLATTEN))
    field.real *= shortened
    field.imag *= shortened
    return field


def high_pass(field: Field) -> Field:
    """``field`` (n, side, side) without what is wide: outlines, of which like things have like."""
    sharp = np.empty_like(field)
    for row, image in enumerate(field):
        sharp[row] = image - blurred(image, _NARROW)
    return sharp


def consensus(pixels: Pixels, layout: Layout) -> Consensus:
    """The sums over ``pixels`` (n, side, side, 3), laid upon one another by ``layout``."""
    field = layout.onto_canvas(layout.picture_only(normalised_gradients(pixels)))
    lengths = field.real.astype(float) ** 2 + field.imag.astype(float) ** 2
    return Consensus(len(field), field.sum(axis=0, dtype=np.complex128), lengths.sum(axis=0))


def template(sums: Consensus, min_consensus: float) -> Mark | None:
    """What the images agree on, or None where that is nothing.

    A place is part of the mark where the mean gradient, less its own blur, exceeds its standard
    error ``min_consensus`` times.
    """
    mean = sums.total / sums.images
    variance = np.maximum(sums.squares / sums.images - np.abs(mean) ** 2, 0)
    sharp = mean - blurred(mean, _BLUR_SHARE * len(mean))
    amplitude = np.abs(sharp)
    kept = amplitude > min_consensus * np.sqrt(variance / sums.images)
    kept &= amplitude > _MIN_AMPLITUDE
    # The blur of what lies beside padding reaches into it, where nothing varies.
    kept &= sums.squares > 0
    kept[:_MARGIN] = kept[-_MARGIN:] = False
    kept[:, :_MARGIN] = kept[:, -_MARGIN:] = False
    kept &= _neighbours(kept) >= _MIN_NEIGHBOURS
    if kept.sum() < _MIN_PIXELS:
        return None
    return np.where(kept, sharp, 0).astype(np.complex64)


def scores(pixels: Pixels, mark: Mark, layout: Layout, reach: int = MAX_SHIFT) -> Scores:
    """How much each of ``pixels`` (n, side, side, 3) shows ``mark``, at most ``reach`` off."""
    return _matched(layout.picture_only(normalised_gradients(pixels)), mark, layout, reach)


def aligned_consensus(
    pixels: Pixels, mark: Mark, layout: Layout, reach: int = MAX_SHIFT
) -> Consensus:
    """The sums over those of ``pixels`` that surely carry ``mark``, each moved into place."""
    field = layout.picture_only(normalised_gradients(pixels))
    matched = _matched(field, mark, layout, reach)
    sure = (matched.score > SURE_SCORE) & (matched.strength >= _SURE_STRENGTH)
    return moved_consensus(field[sure], matched.shifts[sure], layout.only(sure))


def moved_consensus(field: Field, shifts: npt.NDArray[np.int64], layout: Layout) -> Consensus:
    """The sums over ``field`` (n, side, side), each image moved back by its shift (n, 2)."""
    total = np.zeros(field.shape[1:], np.complex128)
    squares = np.zeros(field.shape[1:])
    back = [
        np.roll(image, (-down, -across), (0, 1))
        for image, (down, across) in zip(field, shifts.tolist(), strict=True)
    ]
    for moved in layout.onto_canvas(np.array(back, field.dtype).reshape(field.shape)):
        total += moved
        squares += moved.real.astype(float) ** 2 + moved.imag.astype(float) ** 2
    return Consensus(len(field), total, squares)


def _matched(field: Field, mark: Mark, layout: Layout, reach: int) -> Scores:
    marks = layout.onto_squares(mark)
    response = fft.ifft2(fft.fft2(field) * np.conj(fft.fft2(marks))).real
    offsets = np.arange(-reach, reach + 1)
    window = response[:, offsets[:, None], offsets[None, :]].reshape(len(field), -1)
    down, across = np.divmod(window.argmax(axis=1), len(offsets))
    near = np.arange(-2 * reach, 2 * reach + 1)
    mean, spread = _apart_from(response, response[:, near[:, None], near[None, :]])
    here = window.max(axis=1).astype(float)
    strength = here / np.maximum(np.sum(np.abs(marks) ** 2, axis=(-2, -1)), 1e-6)
    shifts = np.stack([offsets[down], offsets[across]], axis=1)
    spread = np.maximum(spread, 1e-6)
    score = (here - mean) / spread
    inverse = (mean - window.min(axis=1)) / spread
    hidden = layout.shown(marks, mark) < _MIN_SHOWN
    score[hidden] = inverse[hidden] = np.nan
    return Scores(score, strength, shifts, inverse)


def _apart_from(response: Responses, near: Responses) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each response (n, side, side) without the part ``near``."""
    all_shifts, few = (part.reshape(len(part), -1).astype(float) for part in (response, near))
    count = all_shifts.shape[1] - few.shape[1]
    mean = (all_shifts.sum(axis=1) - few.sum(axis=1)) / count
    squares = np.vecdot(all_shifts, all_shifts) - np.vecdot(few, few)
    return mean, np.sqrt(np.maximum(squares / count - mean**2, 0))


def picture(mark: Mark) -> npt.NDArray[np.uint8]:
    """The template as something to look at: the grey levels (side, side) with these gradients.

    Solves the Poisson equation by Fourier transform; mid-grey is what the mark leaves alone.
    """
    side = len(mark)
    frequency = 2 * np.pi * np.fft.fftfreq(side)
    across, down = 2j * np.sin(frequency)[None, :], 2j * np.sin(frequency)[:, None]
    power = np.abs(across) ** 2 + np.abs(down) ** 2
    divergence = np.conj(across) * fft.fft2(mark.real) + np.conj(down) * fft.fft2(mark.imag)
    spectrum = np.where(power > 1e-9, divergence / np.maximum(power, 1e-9), 0)
    levels: Floats = fft.ifft2(spectrum).real
    levels -= np.median(levels)
    largest = max(float(np.abs(levels).max()), 1e-9)
    return np.round(127.5 + 127.5 * levels / largest).astype(np.uint8)


def blurred(field: npt.NDArray[Any], sigma: float) -> npt.NDArray[Any]:
    """``field`` (side, side) under a Gaussian of ``sigma`` pixels, wrapped at the edges."""
    frequency = np.fft.fftfreq(len(field))
    gain = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    smooth: npt.NDArray[Any] = fft.ifft2(fft.fft2(field) * np.outer(gain, gain))
    return smooth


def _neighbours(kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many places around each, itself among them, are kept."""
    reach = range(-_NEIGHBOURHOOD, _NEIGHBOURHOOD + 1)
    count = np.zeros(kept.shape, np.int64)
    for down, across in itertools.product(reach, reach):
        count += np.roll(kept, (down, across), (0, 1))
    return count
