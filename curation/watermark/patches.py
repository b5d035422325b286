"""A mark that jitters from image to image: matched by patches of single images, then averaged.

Where a mark lies up to 8 pixels off its place, the mean gradient of a collection blurs to nothing.
But a patch of one marked image, some letters of the word, fits every other marked image near the
same place, and a patch of a painted tree fits none. So patches of 24 images are matched with all
others, each against its own shifts, and the patch that most images have begins a template.

`python -m tests.benches.watermark --vary patches.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from curation.watermark.layout import Field, Layout
from curation.watermark.overlay import (
    Consensus,
    Responses,
    high_pass,
    moved_consensus,
    normalised_gradients,
)
from pipeline.core.shards import Pixels

REACH: Final = 8
"""Pixels by which a mark may jitter to each side of its place, on 256."""

_DONORS: Final = 24
"""Images whose patches are tried; on brush strokes only the smoothest of them have a good one."""
_FEW: Final = 8
"""Of the first images, of which another one than the donor must have a patch before these are all
asked, which halves the cost. Where a third of all have it, none does in one case of 17."""
_FIRST: Final = 24
_MIN_FIRST: Final = 4
"""Of the first images, the donor among them, that must have a patch before all are asked. Where two
fifths of all have it, fewer than four of them do in one case of a thousand."""
_PATCH: Final = (32, 64)
"""Height and width of a patch: some letters of a word."""
_STEP: Final = (16, 32)
_HIT: Final = 6.0
"""Standard deviations by which a patch must fit better than at its other shifts."""
_MIN_ENERGY: Final = 24.0
"""Of a patch's gradients (each shorter than 1), below which there is nothing to find again."""
_BEATS: Final = 1.5
"""Times by which it must fit better than at any of them."""
_LIKENESS: Final = 0.25
"""Of the patch's own energy that must be found again."""
_MIN_PATCH_SHARE: Final = 0.3
"""Of the images that must have a patch of it: among brush strokes not every patch is found."""
_PEAK: Final = 3
"""Pixels around the best shift that are no other shift."""


@dataclass(frozen=True)
class Patch:
    """The patch of a donor that most images have, and where they have it."""

    images: npt.NDArray[np.int64]
    shifts: npt.NDArray[np.int64]
    """(n, 2): pixels down and across by which each image's mark lies off the donor's."""


def consensus_of_patches(pixels: Pixels, layout: Layout) -> Consensus | None:
    """The sums over those of ``pixels`` (n, side, side, 3) that share a patch, laid over it.

    None where no patch is found in enough of the images.
    """
    field = layout.picture_only(normalised_gradients(pixels))
    patch = _best_patch(high_pass(field))
    if patch is None:
        return None
    return moved_consensus(field[patch.images], patch.shifts, layout.only(patch.images))


def _best_patch(field: Field) -> Patch | None:
    side = field.shape[1]
    margin = 2 * REACH
    padded = np.pad(field, ((0, 0), (margin, margin), (margin, margin)))
    best: Patch | None = None
    for top in range(0, side - _PATCH[0] + 1, _STEP[0]):
        for left in range(0, side - _PATCH[1] + 1, _STEP[1]):
            area = padded[
                :, top : top + _PATCH[0] + 2 * margin, left : left + _PATCH[1] + 2 * margin
            ]
            best = max(filter(None, (best, _best_donor(area, margin))), key=_size, default=None)
    return best if best is not None and _size(best) >= _MIN_PATCH_SHARE * len(field) else None


def _size(patch: Patch) -> int:
    return len(patch.images)


def _best_donor(area: Field, margin: int) -> Patch | None:
    """The donor whose middle of the ``area`` (n, height, width) most of the images have."""
    first = fft.fft2(area[:_FIRST])
    likely = [
        template
        for donor, template in _templates(area[:_DONORS], margin)
        if _size(_hits(first[:_FEW], template, margin)) > (donor < _FEW)
        and _size(_hits(first, template, margin)) >= _MIN_FIRST
    ]
    if not likely:
        return None
    spectra = fft.fft2(area)
    return max((_hits(spectra, template, margin) for template in likely), key=_size)


def _templates(donors: Field, margin: int) -> Iterator[tuple[int, Field]]:
    """The middle of each area (height, width) in which there is something to find again."""
    middle = np.s_[margin:-margin, margin:-margin]
    for donor, area in enumerate(donors):
        template = np.zeros_like(area)
        template[middle] = area[middle]
        if _energy(template) >= _MIN_ENERGY:
            yield donor, template


def _energy(template: Field) -> float:
    return float(np.sum(np.abs(template) ** 2))


def _hits(spectra: Field, template: Field, margin: int) -> Patch:
    """Which images, by their ``spectra`` (n, height, width), have it at one shift above others."""
    response = fft.ifft2(spectra * np.conj(fft.fft2(template))).real
    offsets = np.arange(-margin, margin + 1)
    window = response[:, offsets[:, None], offsets[None, :]]
    # Few images have as much of the patch, so the rest is asked of those alone.
    likely = np.flatnonzero(window.max(axis=(1, 2)).astype(float) > _LIKENESS * _energy(template))
    peaks, heights = _stands_out(window[likely].astype(float))
    images = likely[heights]
    return Patch(images, offsets[peaks[heights]])


def _stands_out(window: Responses) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Where each response (n, side, side) is highest (n, 2), and whether it is so there alone."""
    count, side, _ = window.shape
    flat = window.reshape(count, side * side)
    peak = flat.max(axis=1)
    places = np.stack(np.divmod(flat.argmax(axis=1), side), axis=1)
    apart = np.abs(np.arange(side) - places[..., None]) > _PEAK
    others = apart[:, 0, :, None] | apart[:, 1, None, :]
    total = others.sum(axis=(1, 2))
    mean = (window * others).sum(axis=(1, 2)) / total
    spread = np.sqrt((((window - mean[:, None, None]) * others) ** 2).sum(axis=(1, 2)) / total)
    second = (window * others).max(axis=(1, 2))
    return places, (peak - mean > _HIT * spread) & (peak > _BEATS * second)
