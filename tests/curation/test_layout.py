from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from curation.images.squares import Squaring, resized, window
from curation.watermark.anchors import ANCHORS, Anchor
from curation.watermark.layout import Geometry

SIZES = [(300, 420), (512, 512), (700, 610), (333, 256), (1000, 760)]
"""Height and width."""
NEAR = {"bottom-right": (-60, -80), "top-left": (60, 80), "middle": (20, -30)}
"""Pixels down and across from the place to a dot."""


def geometry(squaring: Squaring) -> Geometry:
    windows = [window(width, height, 0.5) for height, width in SIZES]
    cuts = np.array([(cut.top, cut.left) for cut in windows], float)
    if squaring == "crop":
        return Geometry.of(np.array(SIZES, float), cuts, "crop", 256)
    assert squaring != "crop_salient"
    return Geometry.of(np.array(SIZES, float), np.zeros_like(cuts), squaring, 256)


def dotted(anchor: Anchor, squaring: Squaring) -> npt.NDArray[np.complex64]:
    """A dot of 12 pixels, or of its share of a side, in each picture; its ink in squares."""
    squares = []
    down, across = NEAR[anchor.name.removesuffix(f"-{anchor.unit}")]
    for height, width in SIZES:
        picture = np.full((height, width, 3), 255, np.uint8)
        unit = {"px": 1.0, "width": width / 512, "height": height / 512}[anchor.unit]
        y, x = anchor.down * height + down * unit, anchor.across * width + across * unit
        reach = 6 * unit
        picture[round(y - reach) : round(y + reach), round(x - reach) : round(x + reach)] = 0
        squares.append(255 - resized(picture, squaring, (256,))[256].mean(axis=2))
    return np.stack(squares).astype(np.complex64)


def centres(fields: npt.NDArray[np.complex64]) -> npt.NDArray[np.float64]:
    """(n, 2): the middle of what is bright in each."""
    middles = []
    for field in fields:
        rows, columns = np.nonzero(field.real > 100)
        middles.append((rows.mean(), columns.mean()))
    return np.array(middles)


@pytest.mark.parametrize("squaring", ["crop", "pad", "stretch"])
@pytest.mark.parametrize(
    "anchor",
    [place for place in ANCHORS if place.name.removesuffix(f"-{place.unit}") in NEAR],
    ids=str,
)
def test_what_is_as_far_from_an_anchor_meets_on_the_canvas(
    anchor: Anchor, squaring: Squaring
) -> None:
    shapes = geometry(squaring)
    field = dotted(anchor, squaring)
    layout = anchor.tied(shapes).layout(shapes)
    canvas = layout.onto_canvas(field)
    ink = (canvas.real > 100).sum(axis=(1, 2))
    is_seen = np.asarray(ink > 0.7 * ink.max())  # a crop may cut into the dot
    assert is_seen.sum() >= 2
    assert is_seen.all() or squaring == "crop"
    assert np.ptp(centres(canvas[is_seen]), axis=0).max() < 1.6
    back = layout.only(is_seen).onto_squares(canvas[is_seen][0])
    assert np.abs(centres(back) - centres(field[is_seen])).max() < 1.6


def test_squares_in_place_are_left_alone() -> None:
    layout = geometry("crop").in_place()
    field = np.ones((len(SIZES), 8, 8), np.complex64)
    assert layout.onto_canvas(field) is field
    assert layout.onto_squares(field[0]) is not None
    assert layout.shown(field[0], field[0]).tolist() == [1.0] * len(SIZES)


def test_padding_and_its_edges_are_left_out() -> None:
    shapes = geometry("pad")
    field = shapes.in_place().picture_only(np.ones((len(SIZES), 256, 256), np.complex64))
    kept = [picture.real.sum() / 256**2 for picture in field]
    shares = [min(size) / max(size) for size in SIZES]
    assert kept == pytest.approx(shares, abs=0.04)
    assert all(now < share for now, share in zip(kept, shares, strict=True) if share < 1)
    uncut = geometry("crop").in_place().picture_only(np.ones((5, 256, 256), np.complex64))
    assert uncut.real.min() == 1
