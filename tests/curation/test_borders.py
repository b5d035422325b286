from __future__ import annotations

import numpy as np

from curation.duplicates.borders import MAX_LEVELS, MOST_LINES, margins
from curation.duplicates.descriptors import describe
from pipeline.core.shards import Pixels


def framed(top: int, bottom: int, left: int, right: int, wobble: int = 0) -> Pixels:
    """Noise with lines of one colour, another on each side, at its edges."""
    rng = np.random.default_rng(top + 100 * left)
    picture = rng.integers(0, 256, (64, 64, 3), np.uint8)
    sides = (
        (np.s_[:top], (250, 250, 250)), (np.s_[64 - bottom :], (20, 25, 30)),
        (np.s_[:, :left], (250, 250, 250)), (np.s_[:, 64 - right :], (240, 245, 250)),
    )  # fmt: skip
    for place, colour in sides:
        picture[place] = colour
    if wobble:
        picture[: max(top - 1, 0), 10] -= np.uint8(wobble)
    return picture


def test_lines_of_one_colour_are_counted_on_each_side() -> None:
    pictures = [framed(0, 0, 0, 0), framed(0, 0, 4, 7), framed(3, 5, 0, 0), framed(0, 0, 0, 30)]
    expected = [[0, 0, 0, 0], [0, 0, 4, 7], [3, 5, 0, 0], [0, 0, 0, MOST_LINES]]
    assert margins(np.stack(pictures)).tolist() == expected


def test_what_jpeg_leaves_of_one_colour_is_one_colour() -> None:
    pictures = np.stack([framed(4, 0, 0, 0, MAX_LEVELS), framed(4, 0, 0, 0, MAX_LEVELS + 1)])
    assert margins(pictures)[:, 0].tolist() == [4, 0]


def test_the_view_within_a_border_is_the_square_in_the_middle_of_what_is_left() -> None:
    picture = framed(4, 4, 12, 12)[None]
    inside = describe(np.ascontiguousarray(picture)).inside
    assert inside.tolist() == [[12, 12, 52, 52]]
