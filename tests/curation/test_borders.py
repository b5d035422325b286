from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from curation.duplicates.borders import MAX_LEVELS, MOST_LINES, margins, trimmed, without
from curation.images.squares import resized
from pipeline.core.shards import Pixels
from tests.curation.pictures import composition


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


def test_the_square_in_the_middle_is_brought_to_the_old_size() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[4:60, 12:52] = (90, 30, 200)
    inside = without(picture, np.array([4, 4, 12, 12]))
    assert inside.shape == picture.shape
    assert (inside == (90, 30, 200)).all()


def test_a_bordered_copy_without_its_border_is_nearly_what_it_was() -> None:
    originals = [composition(seed, (300, 300)) for seed in range(8)]
    bordered = [ImageOps.expand(image, 20, "white") for image in originals]

    def small(image: Image.Image) -> Pixels:
        return resized(np.asarray(image), "crop", (64,))[64]

    before, after = (np.stack([small(one) for one in some]) for some in (originals, bordered))
    apart, together = (
        np.abs(some.astype(int) - before).mean(axis=(1, 2, 3)) for some in (after, trimmed(after))
    )
    assert (together < apart / 3).all()
