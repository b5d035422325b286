from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from curation.duplicates import cielab
from curation.duplicates.candidate_layouts import PAIRS_OF_AN_IMAGE, near_in_layout
from curation.duplicates.candidate_shortlist import layouts_under
from curation.duplicates.candidates import SQUARES, Candidates, view_of
from curation.duplicates.descriptors import (
    BORDERED,
    INNER,
    SHIFTED,
    SIDE,
    Descriptors,
    describe,
    layouts,
)
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, apply
from tests.curation.pictures import composition

NOTHING = Candidates(*np.empty((2, 0), np.int64), *np.empty((2, 0), np.uint8))
WHOLE = np.array([[0, 0, SIDE, SIDE]], np.float32)


def small(seed: int, crop: float = 0.0, border: int = 0) -> Pixels:
    """A picture of 64 pixels, of which ``crop`` is cut off on each side."""
    image = composition(seed, (320, 320))
    cut = round(320 * crop)
    image = image.crop((cut, cut, 320 - cut, 320 - cut)).resize((SIDE, SIDE))
    made = np.array(image)
    if border:
        shrunk = np.asarray(image.resize((SIDE - 2 * border,) * 2))
        made[:] = 250
        made[border:-border, border:-border] = shrunk
    return made


def planes(pictures: Pixels) -> npt.NDArray[np.float32]:
    """L*, a* and b* (n, 3, 64, 64)."""
    return np.ascontiguousarray(cielab.to_lab(pictures).transpose(0, 3, 1, 2))


def found_in(seen: Descriptors, settled: Candidates = NOTHING) -> dict[tuple[int, int], int]:
    pairs = near_in_layout(seen, np.zeros(len(seen.hashes), bool), settled)
    return {
        (int(a), int(b)): int(placement)
        for a, b, placement in zip(pairs.first, pairs.second, pairs.placement, strict=True)
    }


def test_the_first_frequencies_are_means_and_slopes() -> None:
    flat = np.full((1, 3, SIDE, SIDE), 40, np.float32)
    flat[:, 1:] = 5
    layout = layouts(flat, WHOLE)[0]
    assert layout[0] == pytest.approx(0.3 * 40, abs=0.01)
    assert layout[[64, 73]].tolist() == [5, 5]
    assert np.abs(layout[1:64]).max() < 0.01


def test_the_layout_of_a_part_is_that_of_the_part_cut_out() -> None:
    whole = planes(small(3)[None])
    box = np.array([[16, 16, 48, 48]], np.float32)
    cut = whole[:, :, 16:48, 16:48].repeat(2, axis=2).repeat(2, axis=3)
    np.testing.assert_allclose(layouts(whole, box), layouts(cut, WHOLE), atol=0.05)


@pytest.mark.parametrize("index", range(len(SYMMETRIES)))
def test_layouts_turn_with_their_pictures(index: int) -> None:
    picture = small(4)
    turned = np.ascontiguousarray(apply(SYMMETRIES[index], picture))[None]
    expected = layouts(planes(turned), WHOLE)
    layout = layouts_under(layouts(planes(picture[None]), WHOLE), index)
    np.testing.assert_allclose(layout, expected, atol=0.1)


def test_slopes_tell_what_a_shift_of_the_view_does() -> None:
    """Half a pixel down and to the left; a picture of slow waves, whose layout changes evenly."""
    picture = small(5)
    seen = describe(picture[None])
    edge = SIDE * (1 - INNER[SHIFTED]) / 2
    shift = np.array([-0.5, 0.5], np.float32)
    low, high = edge + shift, SIDE - edge + shift
    shifted = layouts(planes(picture[None]), np.concatenate([low, high])[None])
    slopes = seen.slopes[0].astype(np.float32)
    before = seen.layouts[0, SHIFTED].astype(np.float32)
    told, away = before + shift @ slopes, np.abs(shifted[0] - before).max()
    assert np.abs(told - shifted[0]).max() < 0.1 * away


def test_a_crop_on_one_side_is_nearer_than_a_picture_of_the_same_layout() -> None:
    """A corner of a picture is cut off, and there are many others nearly like it in colours."""
    rng = np.random.default_rng(6)
    pictures = [small(0)]
    pictures += [np.clip(small(0) + rng.normal(0, 3, 3), 0, 255).astype(np.uint8) for _ in range(3)]
    pictures += [np.roll(small(0), (0, shift), (0, 1)) for shift in (4, -4)]
    whole = Image.fromarray(small(0)).resize((640, 640))
    cut = whole.crop((0, 0, 608, 608)).resize((SIDE, SIDE), Image.Resampling.BOX)
    nearest = found_in(describe(np.stack([*pictures, np.asarray(cut)])))
    assert (0, 6) in nearest


def test_crops_and_borders_meet_their_originals_in_the_view_that_fits() -> None:
    pictures = [small(seed) for seed in range(6)]
    pictures += [small(0, crop=0.05), small(1, border=3)]
    nearest = found_in(describe(np.stack(pictures)))
    view, is_second = view_of(np.array([nearest[0, 6]], np.uint8))
    assert (int(view[0]), bool(is_second[0])) == (2, False), "within 90 % of the original"
    view, is_second = view_of(np.array([nearest[1, 7]], np.uint8))
    assert is_second
    assert view in (2, BORDERED)


def test_what_is_settled_is_not_looked_at_again() -> None:
    seen = describe(np.stack([small(0), small(0, 0.01), small(0, 0.02)]))
    settled = Candidates(*np.array([[0], [2]]), *np.zeros((2, 1), np.uint8))
    assert set(found_in(seen, settled)) == {(0, 1), (1, 2)}


def test_a_crowd_of_one_layout_costs_a_few_pairs_an_image() -> None:
    count = 200
    seen = describe(np.repeat(small(0)[None], count, axis=0))
    assert count / 2 <= len(found_in(seen)) <= 2 * PAIRS_OF_AN_IMAGE * count


def test_flat_pictures_are_sought_in_all_symmetries() -> None:
    slope = np.linspace(90, 120, SIDE)[:, None, None] * np.ones((1, SIDE, 3))
    pictures = np.stack([slope, slope.swapaxes(0, 1), small(1)]).astype(np.uint8)
    seen = describe(np.ascontiguousarray(pictures))
    flat = near_in_layout(seen, np.array([True, True, False]), NOTHING)
    assert (flat.first.tolist(), flat.second.tolist()) == ([0], [1])
    assert SYMMETRIES[flat.symmetry[0]] in {"transpose", "rot90"}
    assert flat.placement.tolist() == [SQUARES]


def test_one_image_or_none_has_no_pairs_near_in_layout() -> None:
    assert found_in(describe(np.empty((0, SIDE, SIDE, 3), np.uint8))) == {}
    assert found_in(describe(small(0)[None])) == {}
