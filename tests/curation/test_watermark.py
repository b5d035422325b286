from __future__ import annotations

from functools import cache
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont

from curation.images.squares import resized
from curation.watermark import estimation, grounds
from curation.watermark import overlay as watermark
from curation.watermark.anchors import ANCHORS, Anchor
from curation.watermark.layout import Geometry, Layout
from curation.watermark.overlay import Consensus, Mark, Scores, consensus, picture, scores, template
from curation.watermark.passes import Overlay
from curation.watermark.samples import Images
from curation.watermark.served_sizes import groups
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.shards import Pixels
from tests.curation.pictures import composition

IMAGES = 120
PLACE = (40, 150)
MIN_CONSENSUS = 7.0


def as_they_are(count: int) -> Layout:
    """Squares of square pictures, on one another."""
    sizes = np.full((count, 2), 160.0)
    return Geometry.of(sizes, np.zeros_like(sizes), "crop", 256).in_place()


def letters() -> npt.NDArray[np.float64]:
    """The mark's opacity, 0..1: a word on 256 x 256 pixels."""
    mask = Image.new("L", (256, 256))
    ImageDraw.Draw(mask).text(PLACE, "gallery24.test", fill=255, font=ImageFont.load_default(22))
    return np.asarray(mask) / 255


@cache
def photographs() -> Pixels:
    """Different pictures with a little grain, and one outline that all of them share."""
    rng = np.random.default_rng(9)
    made = [
        resized(np.asarray(composition(1000 + i, (160, 160))), "crop", (256,))[256]
        for i in range(IMAGES)
    ]
    pixels = np.stack(made).astype(float) + rng.normal(0, 4, (IMAGES, 256, 256, 1))
    down, across = np.mgrid[0:256, 0:256]
    for image, wobble in zip(pixels, rng.normal(0, 3, (IMAGES, 3)), strict=True):
        inside = np.hypot(down - 128 - wobble[0], across - 128 - wobble[1]) < 90 + wobble[2]
        image[inside] *= 0.7
    return pixels.clip(0, 255).astype(np.uint8)


MARKED = np.random.default_rng(10).random(IMAGES) < 0.55


def with_mark(opacity: float) -> Pixels:
    strength = opacity * letters()[None, ..., None] * MARKED[:, None, None, None]
    return np.round(photographs() * (1 - strength) + 255 * strength).astype(np.uint8)


def template_of(pixels: Pixels) -> Mark | None:
    return template(consensus(pixels, as_they_are(len(pixels))), MIN_CONSENSUS)


@pytest.fixture(scope="module")
def marked_pixels() -> Pixels:
    return with_mark(0.35)


@pytest.fixture(scope="module")
def mark(marked_pixels: Pixels) -> Mark:
    learnt = template_of(marked_pixels)
    assert learnt is not None
    return learnt


def test_where_there_is_no_mark_none_is_found() -> None:
    assert template_of(photographs()) is None


def test_the_template_lies_where_the_letters_are(mark: Mark) -> None:
    written = letters() > 0.2
    near = np.zeros_like(written)
    for down in range(-2, 3):
        for across in range(-2, 3):
            near |= np.roll(written, (down, across), (0, 1))
    assert near[mark != 0].mean() > 0.97
    assert np.count_nonzero(mark) > 0.3 * written.sum()


def test_every_marked_image_and_no_other_is_recognised(mark: Mark, marked_pixels: Pixels) -> None:
    matched = scores(marked_pixels, mark, as_they_are(IMAGES))
    assert matched.is_marked.tolist() == MARKED.tolist()
    assert np.median(matched.opacity[MARKED]) == pytest.approx(1)
    assert np.abs(matched.opacity[~MARKED]).max() < 0.5


def test_a_fainter_mark_scores_lower(mark: Mark) -> None:
    full, faint = (
        scores(with_mark(opacity)[MARKED][:30], mark, as_they_are(30)) for opacity in (0.35, 0.15)
    )
    assert (faint.strength < full.strength).mean() > 0.95


def test_what_carries_a_few_of_the_letters_teaches_nothing_of_the_mark(
    marked_pixels: Pixels,
) -> None:
    mark = template_of(marked_pixels[MARKED])
    assert mark is not None
    some_letters = letters()
    some_letters[:, 90:] = 0
    strength = 0.35 * some_letters[..., None]
    clean, layout = photographs()[:20], as_they_are(20)
    pixels = np.round(clean * (1 - strength) + 255 * strength).astype(np.uint8)
    matched = scores(pixels, mark, layout)
    assert (matched.score > watermark.SURE_SCORE).sum() > 10, "they stand out as much"
    assert watermark.aligned_consensus(pixels, mark, layout).images == 0
    assert watermark.aligned_consensus(with_mark(0.35)[:20], mark, layout).images > 5


def test_a_meeting_much_fainter_than_the_mark_scores_lower() -> None:
    before = Scores(
        np.array([30.0, 28.0, 7.0, 7.0]),
        np.array([1.0, 1.0, 0.2, 0.5]),
        np.zeros((4, 2), int),
        np.zeros(4),
    )
    assert before.is_marked.tolist() == [True, True, True, True]
    assert before.tempered().is_marked.tolist() == [True, True, False, True]
    assert before.tempered().score[[0, 1, 3]].tolist() == [30.0, 28.0, 7.0]


def test_sums_add_up_in_any_number_of_parts(marked_pixels: Pixels) -> None:
    slices = [marked_pixels[start : start + 23] for start in range(0, IMAGES, 23)]
    parts = [consensus(pixels, as_they_are(len(pixels))) for pixels in slices]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    whole = consensus(marked_pixels, as_they_are(IMAGES))
    assert total.images == whole.images == IMAGES
    np.testing.assert_allclose(total.total, whole.total, atol=1e-4)
    np.testing.assert_allclose(total.squares, whole.squares, rtol=1e-6)


def test_too_few_images_say_nothing(marked_pixels: Pixels) -> None:
    assert template_of(marked_pixels[:12]) is None


def test_the_picture_shows_the_letters_light_on_grey(mark: Mark) -> None:
    shown, written = picture(mark).astype(int), letters()
    assert shown.shape == (256, 256)
    assert shown[written > 0.9].mean() > shown[written == 0].mean() + 15


def agreed(mean: npt.NDArray[np.complex128], images: int) -> Consensus:
    """What ``images`` images with this mean gradient and no spread about it add up to."""
    return Consensus(images, mean * images, np.abs(mean) ** 2 * images)


def strokes(amplitude: float) -> npt.NDArray[np.complex128]:
    """Lines two pixels wide, up one side and down the other."""
    mean = np.zeros((64, 64), complex)
    mean[20:40, 10:50:8], mean[20:40, 11:50:8] = amplitude, -amplitude
    return mean


def test_what_is_no_stroke_of_a_mark_is_left_out() -> None:
    assert template(agreed(strokes(0.2), 1000), MIN_CONSENSUS) is not None
    assert template(agreed(strokes(0.04), 10**6), MIN_CONSENSUS) is None, "too faint to matter"
    specks = np.zeros((64, 64), complex)
    specks[4:-4:6, 4:-4:6] = 0.2
    assert template(agreed(specks, 1000), MIN_CONSENSUS) is None, "single pixels"
    few = np.where(np.arange(64)[:, None] < 24, strokes(0.2), 0)
    few[:, 20:] = 0
    assert template(agreed(few, 1000), MIN_CONSENSUS) is None, "hardly any pixels"


def test_a_broad_outline_that_all_images_share_is_no_mark() -> None:
    down, across = np.mgrid[0:256, 0:256] - 128.0
    ring = 0.3 * np.exp(-0.5 * ((np.hypot(down, across) - 80) / 6) ** 2)
    assert template(agreed(ring.astype(complex), 1000), MIN_CONSENSUS) is None


def test_gradients_are_shortened_below_one() -> None:
    field = watermark.normalised_gradients(photographs()[:3])
    assert field.shape == (3, 256, 256)
    assert np.abs(field).max() < 1
    empty = Consensus(1, np.zeros((64, 64), complex), np.zeros((64, 64)))
    assert template(empty, MIN_CONSENSUS) is None


def test_groups_by_served_size_and_shape() -> None:
    sizes = [(640, 480)] * 5 + [(320, 240), (321, 240)] + [(600, 600)] * 2 + [(600, 606), (9, 90)]
    widths, heights = (np.array(column) for column in zip(*sizes, strict=True))
    names, helps = groups(widths, heights, 3)
    assert names.tolist() == ["640x480"] * 7 + ["shape-1.00"] * 3 + [""]
    assert helps.tolist() == [True] * 5 + [False] * 2 + [True] * 3 + [False]
    assert groups(widths[:0], heights[:0], 3)[0].tolist() == []


def test_pictures_that_differ_beside_the_mark_are_as_many_grounds(mark: Mark) -> None:
    pixels, layout = photographs()[:30], as_they_are(30)
    still = np.zeros((30, 2), np.int64)
    shown = grounds.beside(grounds.laid(pixels, still, layout), mark, watermark.MAX_SHIFT)
    assert grounds.distinct(shown, 1000) == 30
    assert grounds.distinct(shown, 12) == 12, "no more are counted than are asked for"


def test_one_picture_that_differs_where_the_mark_lies_is_one_ground(mark: Mark) -> None:
    rng = np.random.default_rng(3)
    pixels = np.repeat(photographs()[:1], 30, axis=0)
    pixels[:, mark != 0] = rng.integers(0, 256, (30, np.count_nonzero(mark), 3))
    moved = np.stack(
        [np.roll(image, (12 * (row % 3), 0), (0, 1)) for row, image in enumerate(pixels)]
    )
    shifts = np.array([(12 * (row % 3), 0) for row in range(30)])
    laid = grounds.laid(moved, shifts, as_they_are(30))
    assert grounds.distinct(grounds.beside(laid, mark, watermark.MAX_SHIFT), 1000) == 1


def test_a_mark_tiled_over_everything_leaves_all_cells_to_compare() -> None:
    everywhere = np.ones((256, 256), np.complex64)
    laid = grounds.laid(photographs()[:5], np.zeros((5, 2), np.int64), as_they_are(5))
    assert grounds.beside(laid, everywhere, 0).shape == (5, grounds.CELLS_PER_SIDE**2)


def test_the_next_place_is_asked_where_the_clearest_has_no_mark() -> None:
    """A dark lower edge that pictures share stands out more than a mark that few squares show."""
    levels = {ANCHORS[0]: 1, ANCHORS[3]: 3, ANCHORS[5]: 2, ANCHORS[8]: 0.5}
    asked: list[float] = []

    def at(anchor: Anchor, *_: Any) -> Overlay | None:
        level = levels.get(anchor)
        return None if level is None else Overlay(np.full((4, 4), level, np.complex64), 3)

    def classified(start: Overlay, *_: Any) -> tuple[Overlay | None, None]:
        asked.append(float(start.mark[0, 0].real))
        return (start if asked[-1] == 1 else None), None

    sample = mock.Mock(spec=Images)
    with (
        mock.patch.object(estimation, "_at", at),
        mock.patch.object(estimation, "_classified", classified),
    ):
        overlay = estimation.estimate_tied(sample, Watermark(), "sizes that differ")
    assert overlay is not None
    assert asked == [3, 2, 1]
