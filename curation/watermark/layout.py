"""Where each image lies on its stored square, and how the squares are laid over one another.

Images served in one size lie on one another as they are. Where sizes differ, a mark at a fixed
distance from a corner is elsewhere in each square: there each image is laid upon a canvas of the
same side, so that its corner meets the canvas' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Field = npt.NDArray[np.complex64]
"""Gradients of n images as complex numbers, across + i down: (n, side, side)."""
Numbers = npt.NDArray[np.float64]
Squaring = Literal["crop", "pad", "stretch"]

_BORDER: Final = 3
"""Pixels beside the padding whose gradients are the padding's."""


@dataclass(frozen=True)
class Geometry:
    """How n pictures lie on squares of one side; pairs are (down, across)."""

    side: int
    sizes: Numbers
    """(n, 2): pixels of the pictures as they were served."""
    scale: Numbers
    """(n, 2): stored pixels per served one."""
    origin: Numbers
    """(n, 2): where on the square the picture's first pixel begins; negative where it was cut."""

    @classmethod
    def of(cls, sizes: Numbers, cuts: Numbers, squaring: Squaring, side: int) -> Geometry:
        """That of pictures of ``sizes`` (n, 2), of which ``cuts`` (n, 2) pixels were cut off."""
        if squaring == "stretch":
            return cls(side, sizes, side / sizes, np.zeros_like(sizes))
        shown = sizes.max(axis=1) if squaring == "pad" else sizes.min(axis=1)
        scale = np.repeat(side / shown[:, None], 2, axis=1)
        origin = (side - sizes * scale) / 2 if squaring == "pad" else -cuts * scale
        return cls(side, sizes, scale, origin)

    def take(self, rows: npt.NDArray[np.int64]) -> Geometry:
        """That of some of the pictures."""
        return Geometry(self.side, self.sizes[rows], self.scale[rows], self.origin[rows])

    def in_place(self) -> Layout:
        """Squares that lie on one another as they are."""
        return Layout(self._pictures(), None, None)

    def anchored(self, anchor: tuple[float, float], per_pixel: Numbers) -> Layout:
        """Pictures that meet at ``anchor``, a place from (0, 0) to (1, 1) in each of them.

        ``per_pixel`` (n,) are the canvas' pixels per pixel of the picture as it was served.
        """
        zoom, room = self.scale / per_pixel[:, None], self.side / per_pixel[:, None]
        meeting = self.scale * np.array(anchor) * (self.sizes - room) + self.origin
        # From the edges of pixels, in which the above counts, to their centres.
        return Layout(self._pictures(), zoom, meeting + (zoom - 1) / 2)

    def shows(self, anchor: tuple[float, float], share: float) -> npt.NDArray[np.bool_]:
        """Which squares hold ``anchor``, or miss it by at most ``share`` of their side."""
        place = self.origin + self.scale * self.sizes * np.array(anchor)
        missed = np.maximum(-place, place - self.side).max(axis=1)
        return np.asarray(missed <= share * self.side)

    def _pictures(self) -> Numbers:
        """(n, 2, 2): where each begins and ends on its square; beyond it where it was cut."""
        ends = self.origin + self.scale * self.sizes
        return np.stack([self.origin, ends], axis=2)


@dataclass(frozen=True)
class Layout:
    """How n squares are laid upon a canvas: a canvas' pixel p is the square's zoom * p + start."""

    pictures: Numbers
    zoom: Numbers | None
    """(n, 2); None where the canvas is the square itself."""
    start: Numbers | None

    def only(self, chosen: npt.NDArray[np.bool_ | np.int64] | slice) -> Layout:
        """That of the ``chosen`` squares."""
        if self.zoom is None or self.start is None:
            return Layout(self.pictures[chosen], None, None)
        return Layout(self.pictures[chosen], self.zoom[chosen], self.start[chosen])

    def picture_only(self, field: Field) -> Field:
        """``field`` of the squares without the edges that padding makes, changed in its place."""
        side = field.shape[1]
        begin = np.where(self.pictures[..., 0] > 0, np.ceil(self.pictures[..., 0]) + _BORDER, 0)
        end = np.where(
            self.pictures[..., 1] < side, np.floor(self.pictures[..., 1]) - _BORDER, side
        )
        for image, (top, left), (bottom, right) in zip(
            field, begin.astype(int).tolist(), end.astype(int).tolist(), strict=True
        ):
            image[:top] = image[bottom:] = 0
            image[:, :left] = image[:, right:] = 0
        return field

    def onto_canvas(self, field: Field) -> Field:
        """``field`` of the squares, as it lies on the canvas."""
        if self.zoom is None or self.start is None:
            return field
        laid = np.empty_like(field)
        for image, zoom, start, out in zip(field, self.zoom, self.start, laid, strict=True):
            _sampled(image, zoom, start, out)
        return laid

    def onto_squares(self, mark: Field) -> Field:
        """``mark`` (side, side) of the canvas as it lies on each square, or on all of them."""
        if self.zoom is None or self.start is None:
            return mark
        laid = np.empty((len(self.zoom), *mark.shape), mark.dtype)
        for zoom, start, out in zip(self.zoom, self.start, laid, strict=True):
            _sampled(mark, 1 / zoom, -start / zoom, out)
        return laid

    def shown(self, marks: Field, mark: Field) -> Numbers:
        """(n,) Share of ``mark`` that is seen in each of ``marks``, which `onto_squares` made."""
        if self.zoom is None:
            return np.ones(len(self.pictures))
        whole = float(np.sum(np.abs(mark) ** 2)) * self.zoom.prod(axis=1)
        return np.asarray(np.sum(np.abs(marks) ** 2, axis=(1, 2)) / whole)


def _sampled(field: Field, zoom: Numbers, start: Numbers, out: Field) -> None:
    ndimage.affine_transform(field, zoom, start, order=1, mode="constant", output=out)
