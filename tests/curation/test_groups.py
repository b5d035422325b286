from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from curation.images import overview
from curation.images.facts import examine
from curation.selection.copy_quality import MEASURED_SIDE
from curation.selection.evidence import CopyPairs, gather
from curation.selection.groups import labels, stars
from curation.selection.overrides import Override, with_overrides
from curation.selection.preference import BY_ID, Preference, preference
from pipeline.core.params.ingest import Ingest
from tests.curation.pictures import composition
from tests.decision_tables import Row, id_of, image, inputs, score


def edges(*pairs: tuple[int, int]) -> CopyPairs:
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return CopyPairs(ends[:, 0], ends[:, 1], np.zeros(len(ends), bool), np.zeros(len(ends)))


def ranked(count: int, kept: tuple[int, ...] = ()) -> Preference:
    """Images of falling size: row 0 is the most preferred unless a curator keeps another."""
    ones = np.ones(count)
    mask = np.isin(np.arange(count), kept)
    return Preference(
        mask, np.zeros(count, bool), ones, np.zeros(count, bool), ones,
        np.arange(count, 0, -1.0), ones,
        np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool),
        np.zeros(count, np.int64), ("2026-05-04",),
    )  # fmt: skip


def attached(pairs: CopyPairs, order: Preference) -> dict[int, int]:
    leaves, _ = stars(pairs, order)
    return dict(zip(leaves.leaf.tolist(), leaves.centre.tolist(), strict=True))


def test_a_chain_is_cut_where_images_are_no_longer_alike() -> None:
    chain = edges(*((row, row + 1) for row in range(5)))
    assert attached(chain, ranked(6)) == {1: 0, 3: 2, 5: 4}


def test_a_star_takes_only_the_neighbours_of_its_centre() -> None:
    assert attached(edges((0, 2), (1, 2), (2, 3), (1, 3)), ranked(4)) == {2: 0, 3: 1}


def test_the_ends_of_a_pair_may_be_named_in_any_order() -> None:
    assert attached(edges((2, 0), (3, 1), (2, 1)), ranked(4)) == {2: 0, 3: 1}


def test_what_a_curator_keeps_is_a_centre_and_is_told() -> None:
    order = ranked(4, kept=(2, 3))
    leaves, kept_leaves = stars(edges((0, 2), (2, 3), (1, 3)), order)
    assert dict(zip(leaves.leaf.tolist(), leaves.centre.tolist(), strict=True)) == {0: 2, 1: 3}
    assert kept_leaves.leaf.tolist() == [3]
    assert kept_leaves.centre.tolist() == [2]


PAIRS = st.integers(2, 12).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.sets(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
                lambda ends: ends[0] < ends[1]
            )
        ),
        st.sets(st.integers(0, count - 1)),
    )
)


def by_the_book(count: int, pairs: set[tuple[int, int]], order: list[int]) -> dict[int, int]:
    """Take images in order; each that is free becomes a centre and takes its free neighbours."""
    owner: dict[int, int] = {}
    for centre in order:
        if centre in owner:
            continue
        owner[centre] = centre
        for other in order:
            near = (min(centre, other), max(centre, other)) in pairs
            if near and other not in owner:
                owner[other] = centre
    return {leaf: centre for leaf, centre in owner.items() if leaf != centre}


@given(PAIRS)
def test_stars_are_those_of_the_plain_procedure(
    example: tuple[int, set[tuple[int, int]], set[int]],
) -> None:
    count, pairs, _ = example
    centres = attached(edges(*sorted(pairs)), ranked(count))
    assert centres == by_the_book(count, pairs, list(range(count)))
    assert not set(centres.values()) & set(centres), "a leaf is no centre"


@given(PAIRS)
def test_everything_linked_shares_the_label_of_the_best(
    example: tuple[int, set[tuple[int, int]], set[int]],
) -> None:
    count, pairs, kept = example
    order = ranked(count, tuple(kept))
    label = labels(edges(*sorted(pairs)), order)
    rank = order.rank(np.arange(count))
    component = {row: {row} for row in range(count)}
    for a, b in pairs:
        joined = component[a] | component[b]
        for row in joined:
            component[row] = joined
    assert label.tolist() == [min(component[row], key=lambda r: rank[r]) for row in range(count)]


UNLIKE = list(range(160, 224))
"""Sharpness of parts that differ, by which a turned copy is told from one that is not."""
PREFERENCES: list[tuple[Row, Row, str]] = [
    # The lower id is that of b: it speaks against the first where something else decides.
    (image("a", width=900), image("b", width=640), "larger: 900x300 against 640x300"),
    (image("b", bytes=500), image("a", bytes=900), BY_ID),
    (image("b", bytes=900), image("a", bytes=500), BY_ID),
    (
        image("a", bytes=900, sharpness=102.0),
        image("b", bytes=500),
        "the other has less detail than a copy",
    ),
    (
        image("a", bytes=900, luminance_std=40.0, mean_rgb=[100.0] * 3),
        image("b", bytes=500, luminance_std=30.0, mean_rgb=[100.0] * 3),
        "the other has lost tones beside a copy: clipped, or paler",
    ),
    (
        image("a", bytes=900, luminance_std=30.0, mean_rgb=[100.0] * 3),
        image("b", bytes=500, luminance_std=38.0, mean_rgb=[125.0] * 3, clipped=0.2),
        "the other has lost tones beside a copy: clipped, or paler",
    ),
    (
        image("b", bytes=500, luminance_std=30.0, mean_rgb=[100.0] * 3),
        image("a", bytes=900, luminance_std=38.0, mean_rgb=[125.0] * 3),
        BY_ID,
    ),
    (
        image("a", bytes=900, clipped=0.5, most_common=0.5, mean_rgb=[220.0] * 3),
        image(
            "b", bytes=500, clipped=0.0, most_common=0.5, mean_rgb=[160.0] * 3, luminance_std=15.0
        ),
        "the other has lost tones beside a copy: clipped, or paler",
    ),
    (
        image("a", bytes=900, sharpness_cells=UNLIKE),
        image("b", bytes=500, sharpness_cells=UNLIKE, blockiness=1.5),
        "the other shows the blocks of a JPEG more than a copy",
    ),
    (
        image("b", bytes=500, sharpness_cells=UNLIKE, blockiness=1.5),
        image("a", bytes=900, sharpness_cells=UNLIKE[::-1]),
        BY_ID,
    ),
    (
        image("a", bytes=900, sharpness_cells=UNLIKE, sharpness=99.0),
        image("b", bytes=500, sharpness_cells=UNLIKE, blockiness=1.5, sharpness=110.0),
        "as much detail, and smoother: 99.0 against 110.0",
    ),
    (
        image("a", capture="2026-02-01"),
        image("b", sharpness_cells=[160] * 60 + [480] * 4, sharpness=180.0),
        "the other has letters or a mark that a copy lacks",
    ),
    (
        image("a", bytes=900, capture="2026-01-01"),
        image("b", bytes=500, capture="2026-02-01"),
        "captured earlier: 2026-01-01 against 2026-02-01",
    ),
    (image("a", width=900, bytes=1), image("b", width=899), "larger: 900x300 against 899x300"),
    (
        image("a", sharpness=900.0),
        image("b", sharpness=120.0, width=4000, height=3000),
        "sharper at one size: 900 against 120",
    ),
    (
        image("a", sharpness=140.0, width=401),
        image("b", sharpness=400.0),
        "larger: 401x300 against 400x300",
    ),
    (
        image("a", sharpness=900.0, width=401),
        image("b", sharpness=1700.0),
        "larger: 401x300 against 400x300",
    ),
    (
        image("a", sharpness=500.0),
        image("b", sharpness=1700.0, height=200),
        "larger: 400x300 against 400x200",
    ),
]


def test_the_first_difference_decides_and_is_told() -> None:
    for better, worse, why in PREFERENCES:
        given_both = gather(inputs([better, worse]))
        order = preference(given_both, edges((0, 1)))
        rows = [
            given_both.images["image_id"].to_pylist().index(r["image_id"]) for r in (better, worse)
        ]
        assert order.rank(np.array([0, 1]))[rows].tolist() == [0, 1]
        assert order.why(*rows) == why


def test_among_equals_the_lower_id_is_first() -> None:
    order = preference(gather(inputs([image("a"), image("b")])), edges((0, 1)))
    assert order.rank(np.array([0, 1])).tolist() == [0, 1]
    assert order.why(0, 1) == "equal in all that counts, and first by id"


def test_a_mark_weighs_more_than_size_and_a_curator_more_than_a_mark() -> None:
    both = [image("small"), image("large", width=4000)]
    ids = sorted([id_of("small"), id_of("large")])
    small, large = ids.index(id_of("small")), ids.index(id_of("large"))
    bare = gather(inputs(both, scores=[score("small", 1.2), score("large", 9.5)]))
    order = preference(bare, edges((0, 1)))
    assert order.rank(np.array([0, 1]))[small] == 0
    assert order.why(small, large) == "unmarked: score 1.2 against 9.5"
    order = preference(with_overrides(bare, {large: Override("keep", "ana")}), edges((0, 1)))
    assert order.rank(np.array([0, 1]))[large] == 0
    assert order.why(large, small) == "kept by a curator"


def test_only_a_copy_that_is_there_makes_an_image_blurred() -> None:
    three = [image(name, sharpness=s) for name, s in (("a", 150.0), ("b", 600.0), ("c", 2000.0))]
    bare = gather(inputs(three))
    row = {name: bare.images["image_id"].to_pylist().index(id_of(name)) for name in "abc"}
    chain = edges((row["a"], row["b"]), (row["b"], row["c"]))
    assert preference(bare, chain).blurred[[row[name] for name in "abc"]].tolist() == [
        True, True, False,
    ]  # fmt: skip
    lone = preference(bare, edges((row["b"], row["c"])))
    assert lone.blurred[[row[name] for name in "abc"]].tolist() == [False, True, False]
    assert lone.why(row["a"], row["b"]) == "the other is blurred beside a third copy"


def test_a_copy_that_was_enlarged_or_blurred_does_not_win_by_its_size() -> None:
    picture = textured((640, 480))
    enlarged = picture.resize((160, 120), Image.Resampling.LANCZOS).resize((1280, 960))
    blurred = picture.filter(ImageFilter.GaussianBlur(3)).resize((960, 720))
    for copy in (enlarged, blurred):
        both = [measured_image("small", picture), measured_image("large", copy)]
        gathered = gather(inputs(both))
        small = gathered.images["image_id"].to_pylist().index(id_of("small"))
        order = preference(gathered, edges((0, 1)))
        assert order.rank(np.array([0, 1]))[small] == 0
        assert order.why(small, 1 - small).startswith("sharper at one size: ")
    assert MEASURED_SIDE == overview.SIDE


def test_a_copy_that_was_written_on_and_saved_better_does_not_win() -> None:
    picture = composition(5, (480, 360))
    written = picture.copy()
    font = ImageFont.load_default(44)
    ImageDraw.Draw(written, "RGBA").text((90, 240), "shop24", (255, 255, 255, 110), font)
    both = [
        measured_image("clean", picture, 80),
        measured_image("written", written.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 95),
    ]
    assert both[0]["bytes"] < both[1]["bytes"]
    gathered = gather(inputs(both))
    clean = gathered.images["image_id"].to_pylist().index(id_of("clean"))
    order = preference(gathered, edges((0, 1)))
    assert order.rank(np.array([0, 1]))[clean] == 0
    assert order.why(clean, 1 - clean) == "the other has letters or a mark that a copy lacks"


def test_a_copy_that_was_saved_again_does_not_win_by_its_bytes() -> None:
    grain = np.random.default_rng(2).normal(0, 9, (360, 480, 1))
    shown = np.asarray(composition(6, (480, 360))) + grain
    picture = Image.fromarray(shown.clip(0, 255).astype(np.uint8))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=75)
    again = Image.open(file).convert("RGB").transpose(Image.Transpose.ROTATE_90)
    worse, original, better = (
        measured_image("worse", picture, 25),
        measured_image("original", picture, 75),
        measured_image("better", again, 95),
    )
    for copy, why in ((better, "as much detail"), (worse, "sharper at one size")):
        gathered = gather(inputs([original, copy]))
        row = gathered.images["image_id"].to_pylist().index(original["image_id"])
        order = preference(gathered, edges((0, 1)))
        assert order.rank(np.array([0, 1]))[row] == 0
        assert order.why(row, 1 - row).startswith(why)


def textured(size: tuple[int, int]) -> Image.Image:
    """Fine noise."""
    coarse = np.random.default_rng(4).integers(0, 256, (size[1] // 4, size[0] // 4, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def measured_image(name: str, picture: Image.Image, quality: int = 90) -> Row:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    facts, _ = examine(file.getvalue(), Ingest(sizes=(64,)))
    return image(name, **facts.row())
