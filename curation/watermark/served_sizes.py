"""Which images a site's mark lies in one place on: those served in one size, or of one shape.

After squaring and resizing, a mark that a site lays over pictures of one size is in one place. A
mark in proportion to the picture stays there for other sizes of the same shape, too.

`python -m tests.benches.watermark --vary served_sizes.NAME VALUE ...` finds its constant again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

SAME_SHAPE: Final = 0.02
"""Largest relative difference of the aspect ratios of two images of one shape."""

Names = npt.NDArray[np.object_]


def groups(
    widths: npt.NDArray[Any], heights: npt.NDArray[Any], min_images: int
) -> tuple[Names, npt.NDArray[np.bool_]]:
    """The group of each image ("" for none), and whether it helps to find the group's mark.

    A size that at least ``min_images`` share is a group, named like ``640x480``; images of rarer
    sizes but of the same shape join it and are only scored. What then remains is grouped by
    shape, named like ``shape-1.33``, where there are enough of them.
    """
    names = np.array(
        [f"{width}x{height}" for width, height in zip(widths, heights, strict=True)], object
    )
    shapes = np.log(widths / heights) if len(names) else np.empty(0)
    sizes, first, counts = np.unique(names.astype(str), return_index=True, return_counts=True)
    common = counts >= min_images
    helps = np.isin(names.astype(str), sizes[common])
    rare = np.flatnonzero(~helps)
    names[rare] = ""
    if common.any():
        distances = np.abs(shapes[rare, None] - shapes[first[common]][None, :])
        joins = distances.min(axis=1) <= np.log1p(SAME_SHAPE)
        names[rare[joins]] = sizes[common][distances.argmin(axis=1)][joins]
        rare = rare[~joins]
    bins = np.round(shapes[rare] / (2 * np.log1p(SAME_SHAPE)))
    for value in np.unique(bins):
        members = rare[bins == value]
        if len(members) >= min_images:
            names[members] = f"shape-{np.exp(value * 2 * np.log1p(SAME_SHAPE)):.2f}"
            helps[members] = True
    return names, helps
