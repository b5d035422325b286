from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from curation.watermark import (
    clusters,
    estimation,
    evidence,
    overlay,
    passes,
    patches,
    samples,
    strokes,
)
from curation.watermark.evidence import Evidence
from curation.watermark.layout import Geometry
from pipeline.core import shards, tables
from pipeline.core.errors import TableError
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK
from pipeline.core.shards import Pixels
from pipeline.stages import watermark
from tests.curation import layouts

COUNT = 64
SIDE = 128
PARAMS = Watermark(min_images=30)


@cache
def noise_pictures(seed: int) -> Pixels:
    """Coarse noise, enlarged: edges everywhere, nowhere the same."""
    coarse = np.random.default_rng(seed).integers(0, 256, (COUNT, 12, 12, 3), np.uint8)
    pixels = np.stack(
        [np.asarray(Image.fromarray(few).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
         for few in coarse]
    )  # fmt: skip
    pixels.flags.writeable = False
    return pixels


def word() -> Pixels:
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).text((10, 85), "gallery24.test", fill=255, font=ImageFont.load_default(14))
    return np.asarray(mask)


def blended(pixels: Pixels, mask: Pixels, opacity: float) -> Pixels:
    """White letters upon ``pixels`` (n, side, side, 3), where ``mask`` is 255."""
    strength = opacity * (mask / 255)[..., None]
    return np.round(pixels * (1 - strength) + 255 * strength).astype(np.uint8)


def every_second_marked(pixels: Pixels, mask: Pixels, opacity: float) -> Pixels:
    marked = pixels.copy()
    marked[::2] = blended(pixels[::2], mask if mask.ndim == 2 else mask[::2], opacity)
    return marked


def written(folder: Path, pixels: Pixels, rows: list[dict[str, Any]] | None = None) -> Paths:
    """A collection of ``pixels``, in one size unless ``rows`` say otherwise."""
    paths = Paths(folder, "watches")
    shards.write(paths.pixel_shard(pixels.shape[1], "a"), pixels)
    rows = rows or [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(len(pixels))]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return paths


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, str]:
    """Every second 640x640 image carries the word, no 640x480 one does; one image is torn.

    With what the stage said of them.
    """
    rows = [_row("torn", None, 0, 0, 0)]
    rows += [
        _row(f"{shard}{i:03d}", shard, i, 640, height)
        for shard, height, count in (("a", 640, COUNT), ("b", 480, COUNT // 2))
        for i in range(count)
    ]
    marked = every_second_marked(noise_pictures(1), word(), 0.4)
    paths = written(tmp_path_factory.mktemp("searched"), marked, rows)
    shards.write(paths.pixel_shard(SIDE, "b"), noise_pictures(2))
    with contextlib.redirect_stderr(io.StringIO()) as said:
        watermark.run(paths, PARAMS)
    return paths, " ".join(said.getvalue().split())


def _row(name: str, shard: str | None, row: int, width: int, height: int) -> dict[str, Any]:
    known = {"image_id": name, "sha256": name, "capture": "c", "bytes": 1, "shard": shard,
             "row": row, "width": width, "height": height, "square": "crop"}  # fmt: skip
    return {**dict.fromkeys(IMAGES.arrow.names), **known}


def images_of_one_size(paths: Paths, count: int = COUNT) -> samples.Images:
    """Those of the shard "a"."""
    sizes = np.full((count, 2), 640.0)
    geometry = Geometry.of(sizes, np.zeros_like(sizes), "crop", SIDE)
    return samples.Images(paths.pixels, [("a", row) for row in range(count)], geometry)


def scored(paths: Paths) -> dict[str, dict[str, Any]]:
    return {
        row["image_id"]: row for row in tables.read(paths.table("watermark"), WATERMARK).to_pylist()
    }


def names_of_marked(paths: Paths) -> set[str]:
    return {name for name, row in scored(paths).items() if (row["score"] or 0) > 6}


EVERY_SECOND = {f"a{i:03d}" for i in range(0, COUNT, 2)}


def test_marked_images_score_high_and_sizes_without_a_mark_have_no_score(
    searched: tuple[Paths, str],
) -> None:
    paths, said = searched
    rows = scored(paths)
    assert "torn" not in rows
    assert names_of_marked(paths) == EVERY_SECOND
    unmarked = [row for name, row in rows.items() if name.startswith("b")]
    assert {(row["template"], row["score"], row["opacity"]) for row in unmarked} == {
        (None, None, None)
    }
    assert f"96 images in 2 groups: 1 overlay (640x640 on 32), {COUNT} scored" in said
    described = json.loads((paths.overlay / "overlay.json").read_text())
    assert described["caution"] is None, "there are pixels enough"
    clean, marked = described["groups"]
    assert (clean["name"], clean["marks"], clean["images"]) == ("640x480", [], COUNT // 2)
    [mark] = marked["marks"]
    assert (mark["name"], mark["marked"], mark["scored"]) == ("640x640", COUNT // 2, COUNT)
    png = (paths.overlay / mark["picture"]).read_bytes()
    assert mark["sha256"] == hashlib.sha256(png).hexdigest()
    assert sorted(file.name for file in paths.overlay.iterdir()) == ["640x640.png", "overlay.json"]


def test_what_is_learnt_anew_finds_no_fewer_images(tmp_path: Path) -> None:
    clean = np.concatenate([noise_pictures(1), noise_pictures(2)])
    marked = np.arange(len(clean)) % 2 == 0
    faint = every_second_marked(clean, word(), 0.12)
    images = images_of_one_size(written(tmp_path, faint), len(clean))
    layout = images.geometry.in_place().only(marked)
    beginning = overlay.template(overlay.consensus(faint[marked], layout), 5.0)
    assert beginning is not None
    beginning[:, 22:] = 0
    rough = passes.Overlay(beginning, overlay.MAX_SHIFT)
    before = passes.score(images, rough, "a").is_marked
    sharpened = passes.sharpened(rough, images.tasks(), PARAMS.min_consensus, "a")
    after = passes.score(images, sharpened, "a").is_marked
    assert after.sum() >= before.sum() > 0.8 * marked.sum()
    assert not after[~marked].any()


def test_workers_and_the_split_of_the_work_change_nothing_that_is_written(
    searched: tuple[Paths, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, split = searched[0], Paths(tmp_path, "watches")
    shutil.copytree(whole.pixels, split.pixels)
    shutil.copytree(whole.table("images").parent, split.table("images").parent)
    split.table("watermark").unlink()
    monkeypatch.setenv("SALON_WORKERS", "2")
    monkeypatch.setattr(samples, "IMAGES_OF_ONE_TASK", 32)
    watermark.run(split, PARAMS)
    one_task, two_tasks = (
        [file.read_bytes() for file in (paths.table("watermark"), *sorted(paths.overlay.iterdir()))]
        for paths in (whole, split)
    )
    assert one_task == two_tasks


SHOPS = (("gallery24.test", (10, 85), 14), ("artshop", (40, 20), 16), ("dunord", (10, 85), 16))
"""The words of three shops, of which two lie in one place."""


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> tuple[Paths, list[int]]:
    """Pictures of which 45, 30 and 20 carry each shop's word, and the shop of each; 3 for none."""
    shares = (45, 30, 20)
    pixels = np.concatenate([noise_pictures(seed) for seed in (11, 12)])
    of_shop = np.repeat(range(4), [*shares, len(pixels) - sum(shares)])
    of_shop = np.random.default_rng(11).permutation(of_shop)
    for number, (text, place, size) in enumerate(SHOPS):
        mask = Image.new("L", (SIDE, SIDE))
        ImageDraw.Draw(mask).text(place, text, fill=255, font=ImageFont.load_default(size))
        pixels[of_shop == number] = blended(pixels[of_shop == number], np.asarray(mask), 0.4)
    return written(tmp_path_factory.mktemp("shops"), pixels), of_shop.tolist()


def test_each_shop_has_its_own_mark(
    shops: tuple[Paths, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    paths, of_shop = shops
    watermark.run(paths, PARAMS)
    names = ["640x640", "640x640-2", "640x640-3", None]
    marks = [row["template"] if row["score"] > 6 else None for row in scored(paths).values()]
    assert marks == [names[shop] for shop in of_shop]
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    assert [(mark["name"], mark["marked"]) for mark in group["marks"]] == [
        ("640x640", 45), ("640x640-2", 30), ("640x640-3", 20),
    ]  # fmt: skip
    pictures = [(paths.overlay / mark["picture"]).read_bytes() for mark in group["marks"]]
    assert len(set(pictures)) == 3
    said = "3 overlays (640x640 on 45, 640x640-2 on 30, 640x640-3 on 20), 128 scored"
    assert said in " ".join(capsys.readouterr().err.split())


def test_no_more_marks_are_sought_than_asked_for(shops: tuple[Paths, list[int]]) -> None:
    watermark.run(shops[0], PARAMS.model_copy(update={"max_marks": 1}))
    assert {row["template"] for row in scored(shops[0]).values()} == {"640x640"}


def test_what_is_alike_by_degrees_is_no_cluster() -> None:
    rng = np.random.default_rng(12)
    noise = rng.normal(0, 0.04, (300, 1, 1)).astype(np.float32)
    there = noise + np.where(np.arange(300) % 6 == 0, 0.4, 0)[:, None, None].astype(np.float32)
    [rows] = clusters.in_clusters(there, 20)
    assert rows.tolist() == list(range(0, 300, 6))
    assert clusters.in_clusters(there, 51) == [], "too few"
    degrees = np.where(np.arange(300) % 3 == 0, np.linspace(0, 0.6, 300), 0)
    by_degrees = noise + degrees[:, None, None].astype(np.float32)
    assert clusters.in_clusters(by_degrees, 20) == []
    assert clusters.in_clusters(noise, 1) == []


def test_a_faint_mark_is_clustered_by_all_donors_that_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(14)
    carriers = rng.random(150) < 0.25
    level = rng.uniform(0.24, 0.4, 150)[:, None] * np.outer(carriers, carriers[:64])
    likeness = (level + rng.normal(0, 0.07, (150, 64))).astype(np.float32)
    np.fill_diagonal(likeness, 1.0)
    [rows] = clusters.in_clusters(likeness[:, None], 20)
    assert carriers[rows].all()
    assert len(rows) > 0.8 * carriers.sum()
    monkeypatch.setattr(clusters, "_SPREADS_OF_DONORS", np.inf)
    assert clusters.in_clusters(likeness[:, None], 20) == [], "each donor by itself"


def test_a_mark_lets_the_ground_through_and_a_thing_does_not() -> None:
    rng = np.random.default_rng(13)
    grounds = rng.uniform(20, 235, (60, 1, 1)) + rng.normal(0, 5, (60, 32, 32))
    strokes_of = np.zeros((32, 32), bool)
    strokes_of[8:24, 10:14] = strokes_of[8:24, 18:22] = True
    marked = np.where(strokes_of, 0.65 * grounds + 0.35 * 255, grounds)
    things = np.where(strokes_of, rng.uniform(20, 235, (60, 1, 1)), 255 - grounds % 4)
    edges = np.zeros((32, 32), np.complex64)
    edges[8:24, [10, 18]], edges[8:24, [13, 21]] = 1, -1
    geometry = Geometry.of(np.full((60, 2), 32.0), np.zeros((60, 2)), "crop", 32)
    images = samples.Images(Path(), [("a", row) for row in range(60)], geometry)
    for lightness, is_mark in ((marked, True), (things, False)):
        left_open = strokes.unexplained(lightness.astype(np.float32), edges)
        assert left_open is not None
        assert (left_open < 0.2, left_open > 0.8) == (is_mark, not is_mark)
        pixels = np.repeat(lightness[..., None], 3, axis=3).clip(0, 255).astype(np.uint8)
        assert evidence.is_translucent(pixels, passes.Overlay(edges, 3), images) == is_mark
    still = np.broadcast_to(np.where(strokes_of, 230, 250), (60, 32, 32))
    assert strokes.unexplained(still.astype(np.float32), edges) is None


def test_too_few_images_of_a_size_are_not_searched(tmp_path: Path) -> None:
    paths = written(tmp_path, every_second_marked(noise_pictures(1), word(), 0.4))
    watermark.run(paths, Watermark(min_images=COUNT + 1))
    assert {row["score"] for row in scored(paths).values()} == {None}
    assert [file.name for file in paths.overlay.iterdir()] == ["overlay.json"]


def test_without_pixels_the_stage_says_how_to_make_them(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "watches")
    tables.write(paths.table("images"), IMAGES, IMAGES.arrow.empty_table())
    with pytest.raises(TableError, match="no pixel shards"):
        watermark.run(paths, PARAMS)


def test_a_mark_that_jitters_is_found_patch_by_patch(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    moved = np.stack([np.roll(word(), rng.integers(-6, 7, 2), (0, 1)) for _ in range(COUNT)])
    pixels = every_second_marked(noise_pictures(4), moved, 0.4)
    paths = written(tmp_path, pixels)
    layout = images_of_one_size(paths).geometry.in_place()
    assert overlay.template(overlay.consensus(pixels, layout), PARAMS.min_consensus) is None
    watermark.run(paths, PARAMS)
    assert names_of_marked(paths) == EVERY_SECOND
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    [mark] = group["marks"]
    assert 6 <= mark["reach_px"] <= 8


def test_things_that_are_alike_by_degrees_are_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    thing = Image.fromarray(word())
    tilted = [
        thing.rotate(80 / COUNT * row, Image.Resampling.BICUBIC, center=(45, 92))
        for row in range(COUNT)
    ]
    moved = [np.roll(np.asarray(mask), rng.integers(-6, 7, 2), (0, 1)) for mask in tilted]
    images = images_of_one_size(written(tmp_path, blended(noise_pictures(4), np.stack(moved), 0.6)))
    candidates: list[Evidence] = []
    gather = evidence.gather

    def kept(*arguments: Any) -> Evidence:
        candidates.append(gather(*arguments))
        return candidates[-1]

    monkeypatch.setattr(evidence, "gather", kept)
    assert estimation.estimate(images, PARAMS, "a") is None
    [candidate] = candidates
    bounds = evidence.FROM_PATCHES
    assert candidate.ambiguous > bounds.ambiguous, "alike by degrees, which alone refuses it"
    assert evidence.is_mark(replace(candidate, ambiguous=0.0), bounds, PARAMS.min_images)


CLEAR = Evidence(
    carriers=300, share=0.5, ambiguous=0.02, displaced=0.0, backgrounds=20, unexplained=0.2,
    inverted=0.0, aslant=0.4, straight=0.1, span=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "bounds", "expected"),
    [
        ({}, evidence.FROM_CLUSTER, True),
        ({}, evidence.FROM_MEAN, True),
        ({}, evidence.FROM_PATCHES, True),
        ({}, evidence.FROM_ANCHOR, True),
        ({"unexplained": None}, evidence.FROM_MEAN, True),
        ({"unexplained": 0.7}, evidence.FROM_MEAN, False),
        ({"unexplained": 0.5}, evidence.FROM_MEAN, False),
        ({"aslant": 0.01}, evidence.FROM_PATCHES, False),
        ({"inverted": 0.5}, evidence.FROM_CLUSTER, False),
        ({"straight": 0.9, "span": 0.95}, evidence.FROM_MEAN, True),
        ({"unexplained": None, "straight": 0.9}, evidence.FROM_MEAN, False),
        ({"unexplained": None, "span": 0.95}, evidence.FROM_MEAN, False),
        ({"backgrounds": 1}, evidence.FROM_MEAN, False),
        ({"carriers": 19}, evidence.FROM_MEAN, False),
        ({"ambiguous": 0.6}, evidence.FROM_CLUSTER, True),
        ({"ambiguous": 0.6}, evidence.FROM_MEAN, False),
        ({"ambiguous": 0.2}, evidence.FROM_MEAN, True),
        ({"ambiguous": 0.2}, evidence.FROM_PATCHES, False),
        ({"ambiguous": 0.2}, evidence.FROM_ANCHOR, False),
        ({"displaced": 0.4}, evidence.FROM_CLUSTER, False),
        ({"displaced": 0.4}, evidence.FROM_PATCHES, True),
        ({"share": 0.3}, evidence.FROM_PATCHES, False),
        ({"share": 0.3}, evidence.FROM_CLUSTER, True),
    ],
)
def test_what_a_mark_needs(change: dict[str, Any], bounds: evidence.Bounds, expected: bool) -> None:
    assert evidence.is_mark(replace(CLEAR, **change), bounds, min_images=40) is expected


def scores_of(score: list[float], shifts: list[tuple[int, int]]) -> overlay.Scores:
    return overlay.Scores(
        np.array(score), np.ones(len(score)), np.array(shifts), np.zeros(len(score))
    )


def test_what_scores_say_of_a_template(searched: tuple[Paths, str]) -> None:
    images = images_of_one_size(searched[0])
    mark = np.zeros((SIDE, SIDE), np.complex64)
    mark[85:99, 10:100] = 0.3
    template = passes.Overlay(mark, overlay.MAX_SHIFT)
    half = scores_of([30.0, 0.0] * (COUNT // 2), [(0, 0)] * COUNT)
    there = evidence.gather(template, half, images, 30)
    assert (there.carriers, there.share, there.ambiguous, there.displaced) == (32, 0.5, 0, 0)
    assert there.backgrounds == 15, "no more are counted than are needed"
    shifts = [(0, 0), (1, 0), (0, 0), (0, 2)] * (COUNT // 4)
    by_degrees = scores_of(np.linspace(0, 12, COUNT).tolist(), shifts)
    outline = evidence.gather(template, by_degrees, images, 30)
    assert outline.ambiguous > 0.8
    assert outline.displaced == 0.25
    rare = evidence.gather(template, scores_of([30.0] + [0.0] * 63, [(0, 0)] * COUNT), images, 30)
    assert (rare.carriers, rare.backgrounds, rare.unexplained) == (1, 0, None)


def of_many_sizes(folder: Path, square: str, *, marked: bool) -> tuple[Paths, set[str]]:
    """Pictures of as many sizes, most with the word at one distance from a corner."""
    rng = np.random.default_rng(8)
    squares: list[Image.Image] = []
    rows: list[dict[str, Any]] = []
    carriers: set[str] = set()
    for row, picture in enumerate(noise_pictures(5)):
        width, height = (int(side) for side in rng.integers(260, 400, 2))
        served = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
        if marked and row % 4:
            shade = Image.new("L", served.size)
            ImageDraw.Draw(shade).text(
                (width - 20, height - 20), "gallery24", 130, ImageFont.load_default(32), "rs"
            )
            served.paste((255, 255, 255), mask=shade)
            carriers.add(f"a{row:03d}")
        facts = _row(f"a{row:03d}", "a", row, width, height) | {"square": square}
        if square == "crop" and width != height:
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            served = served.crop((left, top, left + side, top + side))
            facts |= {"crop_left": left, "crop_top": top}
        if square == "pad":
            squares.append(ImageOps.pad(served, (SIDE, SIDE), color="white"))
        else:
            squares.append(served.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
        rows.append(facts)
    return written(folder, np.stack([np.asarray(shown) for shown in squares]), rows), carriers


@pytest.mark.parametrize("square", ["crop", "pad", "stretch"])
def test_a_mark_in_a_corner_is_found_on_images_of_many_sizes(tmp_path: Path, square: str) -> None:
    paths, carriers = of_many_sizes(tmp_path, square, marked=True)
    watermark.run(paths, PARAMS)
    rows = scored(paths)
    assert {row["template"] for row in rows.values()} == {"bottom-right-px"}
    unseen = {name for name, row in rows.items() if row["score"] is None}
    assert names_of_marked(paths) == carriers - unseen
    assert len(carriers - unseen) > 0.5 * len(carriers)
    assert (square == "crop") == bool(unseen)


def test_images_of_many_sizes_without_a_mark_have_none(tmp_path: Path) -> None:
    paths, _ = of_many_sizes(tmp_path, "pad", marked=False)
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


def test_the_edges_of_padding_are_no_mark(tmp_path: Path) -> None:
    wide = [
        ImageOps.pad(Image.fromarray(picture).resize((128, 96)), (SIDE, SIDE), color="white")
        for picture in noise_pictures(6)
    ]
    rows = [_row(f"a{i:03d}", "a", i, 640, 480) | {"square": "pad"} for i in range(COUNT)]
    paths = written(tmp_path, np.stack([np.asarray(picture) for picture in wide]), rows)
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


def silhouettes(tones: npt.NDArray[np.int64]) -> Pixels:
    """A dark case with lugs on white in one place, in each of ``tones``."""
    noise = np.random.default_rng(7)
    pixels = np.full((len(tones), SIDE, SIDE, 3), 255, np.uint8)
    for image, tone in zip(pixels, tones, strict=True):
        image[40:88, 34:94] = tone
        image[20:108:4, 54:56] = image[20:108:4, 72:74] = tone
        image[52:76, 52:76] = noise.integers(0, 256, (24, 24, 3))
    return pixels


def test_one_thing_photographed_in_many_colours_is_no_mark(tmp_path: Path) -> None:
    pixels = silhouettes(np.random.default_rng(5).integers(0, 200, 40))
    paths = written(tmp_path, pixels)
    layout = images_of_one_size(paths, 40).geometry.in_place()
    assert overlay.template(overlay.consensus(pixels, layout), PARAMS.min_consensus) is not None, (
        "the outline stands out as a mark would"
    )
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


LAYOUTS = {
    "3 x 3 flat squares": 5,
    "4 x 3 flat oblongs": 3,
    "5 x 5 flat squares": 1,
    "title cards with one border": 0,
    "things on one wooden board": 0,
    "things on white that stand on one line": 16,
}
"""Kinds of layout, and for each the seed of pictures whose layout begins a template."""


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_layout_that_pictures_share_is_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    # The search for what jitters is most of the work, and refuses these by other evidence.
    monkeypatch.setattr(patches, "consensus_of_patches", lambda *_: None)
    pixels = layouts.squares(kind, 70, SIDE, seed=LAYOUTS[kind])
    images = images_of_one_size(written(tmp_path, pixels), len(pixels))
    assert estimation.estimate(images, PARAMS, "a") is None
    monkeypatch.setattr(evidence, "is_mark", lambda *_: True)
    monkeypatch.setattr(evidence, "is_translucent", lambda *_: True)
    assert estimation.estimate(images, PARAMS, "a") is not None, "it is refused by its evidence"


def test_a_word_of_straight_capitals_on_plain_white_is_a_mark(tmp_path: Path) -> None:
    rng = np.random.default_rng(16)
    things = [layouts.served(layouts.thing_on_white(rng), SIDE, rng) for _ in range(COUNT)]
    # Not on one line, whose edges would begin the template.
    pixels = np.stack([np.roll(thing, -int(rng.integers(14)), 0) for thing in things])
    letters = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(letters).text((46, 112), "ELLE", fill=255, font=ImageFont.load_default(13))
    strength = 0.5 * np.asarray(letters)[..., None] / 255
    pixels[::2] = np.round(pixels[::2] * (1 - strength)).astype(np.uint8)
    paths = written(tmp_path, pixels)
    watermark.run(paths, PARAMS)
    assert names_of_marked(paths) == EVERY_SECOND


def test_at_64_pixels_the_stage_says_that_it_hardly_sees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = written(tmp_path, np.ascontiguousarray(noise_pictures(2)[:, ::2, ::2]))
    watermark.run(paths, PARAMS.model_copy(update={"min_images": COUNT + 1}))
    said = "a mark is hardly to be seen at 64 pixels"
    assert said in " ".join(capsys.readouterr().err.split())
    assert json.loads((paths.overlay / "overlay.json").read_text())["caution"].startswith(said)
