from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from curation.duplicates.alignment import align
from curation.duplicates.bounds import (
    LEAST_COMMON,
    LEAST_FEATURES,
    UNTONED_REGION,
    is_near,
    turned_on_plain_ground,
)
from curation.duplicates.candidates import Candidates
from curation.duplicates.cielab import to_lab
from curation.duplicates.classification import classify
from curation.duplicates.hues import hue_distances
from curation.duplicates.regions import line
from curation.duplicates.verification import Likeness, verify
from curation.images.decode import Decoded, decode
from curation.images.squares import resized
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.shards import Pixels
from tests.curation.pictures import composition, encoded, watch

PARAMS = Dedupe()
SEEDS = range(8)
IDENTITY = np.array([0.0, 1, 0, 0, 0, 1])


def small(image: Image.Image) -> Pixels:
    return resized(np.asarray(image), "crop", (64,))[64]


def likeness(firsts: list[Image.Image], seconds: list[Image.Image]) -> Likeness:
    first, second = (np.stack([small(image) for image in some]) for some in (firsts, seconds))
    return verify(first, second, np.tile(IDENTITY, (len(first), 1)))


def saved_again(image: Image.Image, quality: int = 50) -> Image.Image:
    decoded = decode(encoded(image, "JPEG", quality=quality), max_megapixels=10)
    assert isinstance(decoded, Decoded)
    return Image.fromarray(decoded.pixels)


def marked(image: Image.Image) -> Image.Image:
    letters = Image.new("L", image.size)
    place = image.width * 0.2, image.height * 0.6
    ImageDraw.Draw(letters).text(place, "a shop name", fill=150, font_size=image.width // 10)
    made = image.copy()
    made.paste((70, 70, 70), mask=letters)
    return made


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved again": saved_again,
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "paler": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "cropped": lambda image: image.crop((8, 8, image.width - 8, image.height - 8)),
}
WORKS = [composition(seed, (400, 400)) for seed in SEEDS]
WATCHES = [watch(seed) for seed in SEEDS]


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("originals", [WORKS, WATCHES], ids=["works", "watches"])
def test_copies_are_near(
    originals: list[Image.Image], change: Callable[[Image.Image], Image.Image]
) -> None:
    alike = likeness(originals, [saved_again(change(image), 85) for image in originals])
    assert is_near(alike, PARAMS).tolist() == [True] * len(originals)
    assert (alike.features > LEAST_FEATURES).all()


def test_a_line_of_text_over_a_watch_is_a_mark() -> None:
    alike = likeness(WATCHES, [saved_again(marked(image), 85) for image in WATCHES])
    assert is_near(alike, PARAMS).all()
    assert (alike.region_distance > UNTONED_REGION).all()


def test_letters_do_not_move_a_soft_picture_that_they_lie_on() -> None:
    """They have most of its edges, so that laying it over the other one follows them."""
    soft = [
        ImageEnhance.Brightness(image.filter(ImageFilter.GaussianBlur(8))).enhance(0.5)
        for image in WORKS
    ]
    lettered = []
    for number, image in enumerate(soft):
        letters = Image.new("L", image.size)
        place = 20 + 5 * number, 60 + 30 * number
        ImageDraw.Draw(letters).text(place, "www.artshop.com", fill=40, font_size=34)
        made = image.copy()
        made.paste((255, 255, 255), mask=letters)
        lettered.append(saved_again(made, 85))
    first, second = (np.stack([small(image) for image in some]) for some in (soft, lettered))
    assert (align(first, second, np.tile(IDENTITY, (len(first), 1))).shift > 0.3).sum() >= 3
    alike = likeness(soft, lettered)
    assert alike.shift.tolist() == [0] * len(soft)
    assert alike.edge_distance.min() > 0.1
    assert (alike.line > 2.5).all()
    assert is_near(alike, PARAMS).all()


def test_a_hue_is_turned_only_where_its_blocks_agree() -> None:
    """Saving turns the colours of each block of a JPEG its own way, another metal all of them."""
    rng = np.random.default_rng(4)
    golden = np.tile(np.array([150, 120, 60], np.float32), (2, 64, 64, 1))
    turned_too = golden.copy()
    blocks = rng.normal(0, 8, (8, 8)).astype(np.float32)
    turned_too[0, ..., 2] += np.kron(blocks - blocks.mean(), np.ones((8, 8), np.float32))
    turned_too[1, ..., 2] += 16
    unchanged = np.array([[1.0, 0, 1, 1, 1]] * 2)
    seen = np.ones((2, 64, 64), bool)
    distances = hue_distances(golden, turned_too, seen, unchanged).max(axis=1)
    assert distances[0] == 0
    assert distances[1] > 2


def test_a_line_of_text_is_long_and_low() -> None:
    plain = np.full((3, 64, 64), 30, np.float32)
    changed = plain.copy()
    changed[0, 40:46, 10:50] = 60
    changed[1, 20:40, 20:40] = 60
    expected = [40 / 6, 0, 0]
    assert line(plain, changed, np.ones(plain.shape, bool)).tolist() == pytest.approx(expected)


def test_one_dial_or_bezel_in_another_colour_is_another_watch() -> None:
    """On a white ground the mean over the picture is below what nobody can see."""
    for part in ("dial", "bezel", "strap"):
        alike = likeness(WATCHES, [watch(seed, other=part) for seed in SEEDS])
        assert not is_near(alike, PARAMS).any(), part
        assert (alike.gradient_correlation > 0.9).all()
    assert alike.lab_distance.max() < 8


TONED = {"region_distance": 1.9, "edge_distance": 0.02, "tone_change": 14.0}
LETTERED = {
    "region_distance": 3.3,
    "region_chroma": 2.6,
    "edge_distance": 0.06,
    "least_chroma": 3.0,
}
SILVER = {
    "region_distance": 3.2,
    "edge_distance": 0.09,
    "tone_change": 13.5,
    "common_change": 2.4,
    "strip_region_distance": 0.9,
    "strip_edge_distance": 0.02,
}
HALF_A_PIXEL = {
    "region_distance": 1.28,
    "edge_distance": 0.029,
    "tone_change": 5.1,
    "shift": 0.52,
    "chroma_distance": 0.9,
}
THUMBNAIL = {"region_distance": 2.2, "light_distance": 0.3, "region_chroma": 2.2}
WHITE_ON_DARK = {
    "region_distance": 11.9,
    "edge_distance": 0.91,
    "strip_region_distance": 1.7,
    "region_chroma": 1.6,
    "least_chroma": 6.2,
}
SCATTERED = {"region_distance": 1.0, "edge_distance": 0.12, "strip_edge_distance": 0.1}


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param(TONED | {"ground_change": 6.0}, True, id="a brighter ground, a black watch"),
        pytest.param(TONED | {"ground_change": 0.5}, False, id="a brighter dial, on white"),
        pytest.param(TONED | {"common_change": 3.0}, True, id="a brighter strap"),
        pytest.param(TONED | {"framing": 0.9}, True, id="a light painting, toned"),
        pytest.param(LETTERED, True, id="grey letters over gold"),
        pytest.param(LETTERED | {"edge_distance": 0.007}, False, id="silver hands for golden ones"),
        pytest.param(SILVER, False, id="a silver dial for a white one"),
        pytest.param(TONED | {"dark_change": 6.0}, True, id="darker hands on a light watch"),
        pytest.param(HALF_A_PIXEL, False, id="two photographs of one strap"),
        pytest.param(THUMBNAIL | {"chroma_distance": 1.9}, True, id="a thumbnail of 64 pixels"),
        pytest.param(THUMBNAIL | {"chroma_distance": 0.3}, False, id="golden hands for steel"),
        pytest.param(WHITE_ON_DARK | {"line": 4.0}, True, id="white letters on a dark picture"),
        pytest.param(WHITE_ON_DARK | {"line": 1.0}, False, id="another dial on one strap"),
        pytest.param(SCATTERED, True, id="fine edges, saved again"),
        pytest.param(SCATTERED | {"shift": 1.0}, False, id="two sizes of one watch"),
        pytest.param(SCATTERED | {"region_distance": 2.0}, False, id="stones for strokes"),
    ],
)
def test_bounds_measured_on_real_watches(measures: dict[str, float], expected: bool) -> None:
    """Each as `verify` measured one; what is not named agrees, on plain ground."""
    agrees = dict.fromkeys((field.name for field in fields(Likeness)), 0.0)
    agrees |= {"gradient_correlation": 0.99, "features": 0.6, "framing": 0.2}
    columns = (agrees | measures).items()
    alike = Likeness(**{name: np.array([value], np.float32) for name, value in columns})
    assert is_near(alike, PARAMS).tolist() == [expected]


def turned(image: Image.Image) -> Image.Image:
    """By two degrees, cut within, so that no corner tells."""
    larger = image.rotate(2, Image.Resampling.BICUBIC)
    return larger.crop((9, 9, image.width - 9, image.height - 9))


def test_a_watch_turned_on_white_may_be_another_photograph() -> None:
    assert turned_on_plain_ground(likeness(WATCHES, [turned(image) for image in WATCHES])).all()
    for change in (saved_again, COPIES["cropped"]):
        alike = likeness(WATCHES, [change(image) for image in WATCHES])
        assert not turned_on_plain_ground(alike).any()
    rng = np.random.default_rng(3)
    full = Image.fromarray(rng.integers(0, 255, (12, 12, 3), np.uint8)).resize((400, 400))
    alike = likeness([full], [turned(full)])
    assert alike.turn.min() > 1.5
    assert not turned_on_plain_ground(alike).any(), "all of it turns"


def test_a_white_dial_is_not_a_silver_one_in_another_tone() -> None:
    """On white, where nothing else is as light, brightening alone would explain it."""
    both = []
    for dial in ("#ccced2", "#f0f0ee"):
        image = Image.new("RGB", (400, 400), "#fdfdfd")
        pen = ImageDraw.Draw(image)
        pen.rectangle((160, 0, 240, 400), fill="#1a2440")
        pen.ellipse((100, 100, 300, 300), fill=dial, outline="#b07c58", width=24)
        pen.line((200, 200, 200, 130), "#202024", 8)
        pen.line((200, 200, 260, 200), "#202024", 8)
        both.append(image)
    alike = likeness(both[:1], both[1:])
    assert alike.common_change.max() < LEAST_COMMON
    assert not is_near(alike, PARAMS).any()
    brighter = [ImageEnhance.Brightness(image).enhance(1.2) for image in WATCHES]
    assert likeness(WATCHES, brighter).common_change.min() > LEAST_COMMON


def test_strokes_on_white_are_not_one_because_the_white_is() -> None:
    """A cue and a ring: thin things in the middle of nothing."""
    cue, ring = (Image.new("RGB", (400, 400), "white") for _ in range(2))
    ImageDraw.Draw(cue).line((200, 60, 200, 340), "#443322", 6)
    ImageDraw.Draw(ring).ellipse((150, 60, 250, 160), outline="#443322", width=6)
    assert not is_near(likeness([cue], [ring]), PARAMS).any()


def test_other_works_and_colourways_are_distinct() -> None:
    others = [composition(seed + 100, (400, 400)) for seed in SEEDS]
    colourways = [composition(seed, (400, 400), hue=2.0) for seed in SEEDS]
    assert not is_near(likeness(WORKS, others), PARAMS).any()
    assert not is_near(likeness(WORKS, colourways), PARAMS).any()


def test_grey_copies_agree_in_their_lightness_alone() -> None:
    alike = likeness(WORKS, [ImageOps.grayscale(image).convert("RGB") for image in WORKS])
    assert not is_near(alike, PARAMS).any()
    assert (alike.light_distance < 2).all()
    assert (alike.least_chroma < 1).all()


@pytest.mark.parametrize(("grey_first", "suspicion"), [(False, "grey"), (True, "detail")])
def test_grey_is_said_only_where_the_other_has_colours(grey_first: bool, suspicion: str) -> None:
    grey = ImageOps.grayscale(WORKS[2]).convert("RGB")
    first = grey.copy() if grey_first else WORKS[2]
    ImageDraw.Draw(grey).ellipse((195, 195, 215, 215), fill="white")
    pair = np.zeros(1, np.int64)
    candidates = Candidates(pair, pair + 1, np.zeros(1, np.uint8), np.zeros(1, np.uint8))
    digests = np.array(["a", "b"], object)
    classified = classify(
        candidates,
        likeness([first], [grey]),
        digests,
        np.zeros(2, bool),
        Dedupe(min_doubtful_chance=0),
    )
    assert classified.suspicion.tolist() == [suspicion]


def test_flat_pictures_have_no_features() -> None:
    flat = [Image.new("RGB", (80, 80), colour) for colour in ("#306090", "#316191")]
    alike = likeness(flat[:1], flat[1:])
    assert is_near(alike, PARAMS).all()
    assert alike.features[0] < LEAST_FEATURES


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
