"""Places to which a site may tie its mark, where the sizes in which it serves images differ.

`python -m tests.benches.watermark --vary anchors.NAME VALUE ...` finds its constants again.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from curation.watermark.layout import Geometry, Layout

SHOWN_WITHIN: Final = 0.2
"""Of the side that may be missing at a place, for an image to help to find a mark there."""


Unit = Literal["px", "width", "height"]


class Anchor(NamedTuple):
    """A place in every picture, and what the mark and its distance from there are counted in."""

    name: str
    down: float
    """0..1 of the height; ``across`` likewise of the width."""
    across: float
    unit: Unit
    """Pixels of the picture as it was served, or its width, or its height."""

    def helps(self, geometry: Geometry) -> npt.NDArray[np.bool_]:
        """Which squares show the place, or nearly do."""
        return geometry.shows((self.down, self.across), SHOWN_WITHIN)

    def tied(self, geometry: Geometry) -> Tie:
        """A mark there, in the size in which it lies on a typical one of the squares."""
        units = geometry.scale[:, 1] * self.counted_in(geometry)
        return Tie(self, float(np.median(units)))

    def counted_in(self, geometry: Geometry) -> npt.NDArray[np.float64]:
        """(n,) Pixels of the pictures, as they were served, in one unit."""
        heights, widths = geometry.sizes.T
        if self.unit == "px":
            return np.ones(len(widths))
        return np.asarray(widths if self.unit == "width" else heights)


class Tie(NamedTuple):
    """An anchor, and how many of a canvas' pixels its unit takes."""

    anchor: Anchor
    unit: float

    def layout(self, geometry: Geometry) -> Layout:
        """The pictures of ``geometry`` upon a canvas on which they meet at the anchor."""
        per_pixel = self.unit / self.anchor.counted_in(geometry)
        return geometry.anchored((self.anchor.down, self.anchor.across), per_pixel)


_PLACES: Final = {
    "bottom-right": (1.0, 1.0),
    "bottom-left": (1.0, 0.0),
    "top-right": (0.0, 1.0),
    "top-left": (0.0, 0.0),
    "bottom": (1.0, 0.5),
    "middle": (0.5, 0.5),
}
_UNITS: Final[tuple[Unit, ...]] = ("px", "width", "height")

ANCHORS: Final = tuple(
    Anchor(f"{name}-{unit}", down, across, unit)
    for unit in _UNITS
    for name, (down, across) in _PLACES.items()
)
