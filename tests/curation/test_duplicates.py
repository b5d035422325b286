from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from curation.duplicates.confirmation import MIN_REGISTERED, Likeness, compare, gradient_correlation
from curation.duplicates.lab import to_lab
from curation.images.decode import Decoded, decode
from curation.images.squares import resized
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import SYMMETRIES, Symmetry, apply
from tests.curation.pictures import composition, encoded

PARAMS = Dedupe()
SEEDS = range(12)


def small(image: Image.Image) -> Pixels:
    return resized(np.asarray(image), "crop", (64,))[64]


def likeness(
    firsts: list[Image.Image], seconds: list[Image.Image], symmetry: Symmetry = Symmetry.IDENTITY
) -> Likeness:
    which = np.full(len(firsts), SYMMETRIES.index(symmetry), np.uint8)
    return compare(
        np.stack([small(image) for image in firsts]),
        np.stack([small(image) for image in seconds]),
        which,
        PARAMS,
    )


def saved_again(image: Image.Image) -> Image.Image:
    decoded = decode(encoded(image, "JPEG", quality=40), max_megapixels=10)
    assert isinstance(decoded, Decoded)
    return Image.fromarray(decoded.pixels)


def cropped(share: float) -> Callable[[Image.Image], Image.Image]:
    """Cuts ``share`` of the width off on the left and half of that at the top."""
    return lambda image: image.crop(
        (round(image.width * share), round(image.height * share / 2), *image.size)
    )


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved again": saved_again,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "cropped by 2 %": cropped(0.02),
    "cropped by 4 %": cropped(0.04),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copies_are_near(change: Callable[[Image.Image], Image.Image]) -> None:
    originals = [composition(seed) for seed in SEEDS]
    assert likeness(originals, [change(image) for image in originals]).is_near(PARAMS).all()


@pytest.mark.parametrize("symmetry", SYMMETRIES)
def test_a_transformed_copy_is_near_under_its_symmetry_only(symmetry: Symmetry) -> None:
    originals = [composition(seed, (300, 300)) for seed in SEEDS]
    moved = [
        Image.fromarray(np.ascontiguousarray(apply(symmetry, np.asarray(image))))
        for image in originals
    ]
    assert likeness(originals, moved, symmetry).is_near(PARAMS).all()
    if symmetry is not Symmetry.IDENTITY:
        assert not likeness(originals, moved).is_near(PARAMS).any()


def test_other_works_and_colourways_are_distinct() -> None:
    originals = [composition(seed) for seed in SEEDS]
    others = [composition(seed + 100) for seed in SEEDS]
    colourways = [composition(seed, hue=2.0) for seed in SEEDS]
    assert not likeness(originals, others).is_near(PARAMS).any()
    in_other_colours = likeness(originals, colourways)
    assert not in_other_colours.is_near(PARAMS).any()
    assert in_other_colours.chroma_distance.min() > PARAMS.max_chroma_distance


def quilt(seed: int) -> Image.Image:
    """Sharp little patches, of which the edges miss each other once a crop has moved them."""
    patches = np.random.default_rng(seed).integers(40, 216, (16, 16), np.uint8)
    grey = Image.fromarray(patches).resize((448, 448), Image.Resampling.NEAREST)
    return grey.convert("RGB")


def test_crops_of_finely_structured_pictures_are_laid_over_their_originals() -> None:
    originals = [quilt(seed) for seed in SEEDS]
    crops = [image.crop((4, 12, 432, 446)) for image in originals]
    found = likeness(originals, crops)
    assert found.is_near(PARAMS).all()
    assert (found.gradient_correlation >= MIN_REGISTERED).all()
    stretched = [image.crop((0, 0, 385, 448)) for image in originals]
    assert not likeness(originals, stretched).is_near(PARAMS).any(), "14 % are no light crop"


def test_the_band_between_is_doubtful() -> None:
    params = Dedupe()
    measured = [  # distance, correlation of the gradients, distance of the chroma and of the tone
        ((2.5, 0, 0, np.inf), "near"),
        ((9, 0.85, 12.0, 4.0), "near"),
        ((9, 0.84, 12.0, 4.0), "doubtful"),
        ((9, 0.85, 12.0, 4.1), "doubtful"),
        ((9, 0.85, 12.1, 4.0), "doubtful"),
        ((9, 0.70, 20.0, 10.0), "doubtful"),
        ((9, 0.69, 1.0, 1.0), ""),
        ((9, 0.9, 20.1, 1.0), ""),
        ((9, 0.9, 1.0, 10.1), ""),
    ]
    likeness = Likeness(*np.array([row for row, _ in measured], np.float32).T)
    assert likeness.is_near(params).tolist() == [word == "near" for _, word in measured]
    assert likeness.is_doubtful(params).tolist() == [word == "doubtful" for _, word in measured]


def test_the_correlation_is_that_of_the_definition() -> None:
    """The Fourier transform against the sum written out, at a shift of two rows and one column."""
    noise = np.random.default_rng(6).normal(50, 10, (1, 70, 70)).astype(np.float32)
    left, right = noise[:, 3:67, 3:67], noise[:, 5:69, 4:68]
    down, across = np.gradient(noise[0].astype(float))
    field = across + 1j * down
    a, b = field[8:66, 7:65], field[8:66, 7:65]
    expected = (a * np.conj(b)).real.sum() / np.sqrt((abs(a) ** 2).sum() * (abs(b) ** 2).sum())
    assert expected == pytest.approx(1)
    assert gradient_correlation(left, right)[0] == pytest.approx(expected, abs=1e-4)
    assert gradient_correlation(left, right[:, ::-1])[0] < 0.2


def test_flat_pictures_have_no_correlation_and_are_near_by_their_colour() -> None:
    flat = [Image.new("RGB", (80, 80), colour) for colour in ("#306090", "#316191", "#904020")]
    same = likeness([flat[0]], [flat[1]])
    assert same.gradient_correlation[0] == 0
    assert same.is_near(PARAMS)[0]
    assert not likeness([flat[0]], [flat[2]]).is_near(PARAMS)[0]


def test_lab_of_known_colours() -> None:
    """White, black and the sRGB primaries, as Lindbloom's calculator has them."""
    colours = np.array(
        [[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8
    )
    expected = np.array(
        [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18],
         [32.30, 79.19, -107.86]]
    )  # fmt: skip
    np.testing.assert_allclose(to_lab(colours), expected, atol=0.03)
