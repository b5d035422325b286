from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from curation.watermark import (
    clusters,
    estimation,
    judgement,
    overlay,
    passes,
    samples,
    strokes,
    wandering,
)
from curation.watermark.layout import Geometry
from pipeline.core import shards, tables
from pipeline.core.errors import TableError
from pipeline.core.params.watermark import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK
from pipeline.core.shards import Pixels
from pipeline.stages import watermark

COUNT = 100
SIDE = 128
PARAMS = Watermark(min_images=30)


def noise_pictures(seed: int) -> Pixels:
    """Coarse noise, enlarged: edges everywhere, nowhere the same."""
    coarse = np.random.default_rng(seed).integers(0, 256, (COUNT, 12, 12, 3), np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
         for one in coarse]
    )  # fmt: skip


def word() -> Pixels:
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).text((10, 85), "gallery24.test", fill=255, font=ImageFont.load_default(14))
    return np.asarray(mask)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Every second 640x640 image carries the word, no 640x480 one does; one image is torn."""
    paths = Paths(tmp_path, "watches")
    marked, clean = noise_pictures(1), noise_pictures(2)
    strength = 0.4 * (word() / 255)[None, ..., None]
    marked[::2] = np.round(marked[::2] * (1 - strength) + 255 * strength)
    rows: list[dict[str, Any]] = [_row("torn", None, 0, 0, 0)]
    for shard, pixels, height in (("a", marked, 640), ("b", clean, 480)):
        shards.write(paths.pixel_shard(SIDE, shard), pixels)
        rows += [_row(f"{shard}{i:03d}", shard, i, 640, height) for i in range(COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return paths


def _row(name: str, shard: str | None, row: int, width: int, height: int) -> dict[str, Any]:
    known = {"image_id": name, "sha256": name, "capture": "c", "bytes": 1, "shard": shard,
             "row": row, "width": width, "height": height, "square": "crop"}  # fmt: skip
    return {**dict.fromkeys(IMAGES.arrow.names), **known}


def images_of_one_size(paths: Paths) -> samples.Images:
    """Those of the shard "a"."""
    sizes = np.full((COUNT, 2), 640.0)
    geometry = Geometry.of(sizes, np.zeros_like(sizes), "crop", SIDE)
    return samples.Images(paths.pixels, [("a", row) for row in range(COUNT)], geometry)


def scored(paths: Paths) -> dict[str, dict[str, Any]]:
    return {
        row["image_id"]: row for row in tables.read(paths.table("watermark"), WATERMARK).to_pylist()
    }


def test_marked_images_score_high_and_sizes_without_a_mark_have_no_score(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    watermark.run(paths, PARAMS)
    rows = scored(paths)
    assert "torn" not in rows
    assert {row["image_id"] for row in rows.values() if (row["score"] or 0) > 6} == {
        f"a{i:03d}" for i in range(0, COUNT, 2)
    }
    unmarked = [row for name, row in rows.items() if name.startswith("b")]
    assert {(row["template"], row["score"], row["opacity"]) for row in unmarked} == {
        (None, None, None)
    }
    assert "200 images in 2 groups: 1 overlay (640x640 on 50), 100 scored" in (
        " ".join(capsys.readouterr().err.split())
    )
    described = json.loads((paths.overlay / "overlay.json").read_text())
    assert described["caution"] is None, "there are pixels enough"
    clean, marked = described["groups"]
    assert (clean["name"], clean["marks"], clean["images"]) == ("640x480", [], COUNT)
    [mark] = marked["marks"]
    assert (mark["name"], mark["marked"], mark["scored"]) == ("640x640", 50, COUNT)
    png = (paths.overlay / mark["picture"]).read_bytes()
    assert mark["sha256"] == hashlib.sha256(png).hexdigest()
    assert sorted(file.name for file in paths.overlay.iterdir()) == ["640x640.png", "overlay.json"]


def test_what_is_learnt_anew_finds_no_fewer_images(paths: Paths) -> None:
    marked = np.arange(COUNT) % 2 == 0
    faint = noise_pictures(1)
    faint[marked] = np.round(
        faint[marked] * (1 - 0.12 * word()[..., None] / 255) + 0.12 * word()[..., None]
    )
    shards.write(paths.pixel_shard(SIDE, "a"), faint)
    images = images_of_one_size(paths)
    layout = images.geometry.in_place().only(marked)
    beginning = overlay.template(overlay.consensus(faint[marked], layout), 5.0)
    assert beginning is not None
    beginning[:, 22:] = 0
    rough = passes.Overlay(beginning, overlay.MAX_SHIFT)
    before = passes.score(images, rough, "a").is_marked
    sharpened = passes.sharpened(rough, images.tasks(), PARAMS.min_consensus, "a")
    after = passes.score(images, sharpened, "a").is_marked
    assert after.sum() >= before.sum() > 40
    assert not after[~marked].any()


def test_workers_and_the_split_of_the_work_change_nothing_that_is_written(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for workers in ("1", "2"):
        monkeypatch.setenv("SALON_WORKERS", workers)
        monkeypatch.setattr(samples, "IMAGES_OF_ONE_TASK", 64)
        watermark.run(paths, PARAMS)
        files = [paths.table("watermark"), *sorted(paths.overlay.iterdir())]
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]


SHOPS = (("gallery24.test", (10, 85), 14), ("artshop", (40, 20), 16), ("dunord", (10, 85), 16))
"""The words of three shops, of which two lie in one place."""


def of_shops(folder: Path, shares: tuple[int, ...], seed: int = 11) -> tuple[Paths, list[int]]:
    """Three times as many pictures, of which as many as ``shares`` carry each shop's word."""
    paths = Paths(folder, "shops")
    pixels = np.concatenate([noise_pictures(seed + part) for part in range(3)])
    shops = np.repeat(range(len(shares) + 1), [*shares, 3 * COUNT - sum(shares)])
    shops = np.random.default_rng(seed).permutation(shops)
    for number, (text, place, size) in enumerate(SHOPS[: len(shares)]):
        shade = Image.new("L", (SIDE, SIDE))
        ImageDraw.Draw(shade).text(place, text, fill=255, font=ImageFont.load_default(size))
        strength = 0.4 * (np.asarray(shade) / 255)[..., None]
        mine = shops == number
        pixels[mine] = np.round(pixels[mine] * (1 - strength) + 255 * strength)
    shards.write(paths.pixel_shard(SIDE, "a"), pixels)
    rows = [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(3 * COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return paths, shops.tolist()


def test_each_shop_has_its_own_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths, shops = of_shops(tmp_path, (70, 45, 30))
    watermark.run(paths, PARAMS)
    names = ["640x640", "640x640-2", "640x640-3", None]
    said = [row["template"] if row["score"] > 6 else None for row in scored(paths).values()]
    assert said == [names[shop] for shop in shops]
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    assert [(mark["name"], mark["marked"]) for mark in group["marks"]] == [
        ("640x640", 70), ("640x640-2", 45), ("640x640-3", 30),
    ]  # fmt: skip
    pictures = [(paths.overlay / mark["picture"]).read_bytes() for mark in group["marks"]]
    assert len(set(pictures)) == 3
    told = "3 overlays (640x640 on 70, 640x640-2 on 45, 640x640-3 on 30), 300 scored"
    assert told in " ".join(capsys.readouterr().err.split())


def test_no_more_marks_are_sought_than_asked_for(tmp_path: Path) -> None:
    paths, _ = of_shops(tmp_path, (70, 45))
    watermark.run(paths, Watermark(min_images=30, max_marks=1))
    assert {row["template"] for row in scored(paths).values()} == {"640x640"}


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
        assert judgement.begins_a_mark(pixels, passes.Overlay(edges, 3), images) == is_mark
    still = np.broadcast_to(np.where(strokes_of, 230, 250), (60, 32, 32))
    assert strokes.unexplained(still.astype(np.float32), edges) is None


def test_too_few_images_of_a_size_are_not_judged(paths: Paths) -> None:
    watermark.run(paths, Watermark(min_images=2 * COUNT + 1))
    assert {row["score"] for row in scored(paths).values()} == {None}
    assert [file.name for file in paths.overlay.iterdir()] == ["overlay.json"]


def test_without_pixels_the_stage_says_how_to_make_them(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "watches")
    tables.write(paths.table("images"), IMAGES, IMAGES.arrow.empty_table())
    with pytest.raises(TableError, match="no pixel shards"):
        watermark.run(paths, PARAMS)


def test_a_mark_that_wanders_is_found_piece_by_piece(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "watches")
    rng = np.random.default_rng(3)
    pixels = noise_pictures(4)
    moved = [np.roll(word(), rng.integers(-6, 7, 2), (0, 1)) for _ in range(COUNT)]
    strength = 0.4 * (np.stack(moved)[::2] / 255)[..., None]
    pixels[::2] = np.round(pixels[::2] * (1 - strength) + 255 * strength)
    shards.write(paths.pixel_shard(SIDE, "a"), pixels)
    layout = images_of_one_size(paths).geometry.in_place()
    assert overlay.template(overlay.consensus(pixels, layout), PARAMS.min_consensus) is None
    rows = [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    watermark.run(paths, PARAMS)
    said = {name for name, row in scored(paths).items() if (row["score"] or 0) > 6}
    assert said == {f"a{i:03d}" for i in range(0, COUNT, 2)}
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    [mark] = group["marks"]
    assert 6 <= mark["reach_px"] <= 8


def test_things_that_are_alike_by_degrees_are_no_mark(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    pixels = noise_pictures(4)
    thing = Image.fromarray(word())
    for row in range(COUNT):
        tilted = thing.rotate(0.8 * row, Image.Resampling.BICUBIC, center=(45, 92))
        shown = np.roll(np.asarray(tilted), rng.integers(-6, 7, 2), (0, 1))
        strength = 0.6 * (shown / 255)[..., None]
        pixels[row] = np.round(pixels[row] * (1 - strength) + 255 * strength)
    shards.write(paths.pixel_shard(SIDE, "a"), pixels)
    images = images_of_one_size(paths)
    assert estimation.estimate(images, PARAMS, "a") is None
    monkeypatch.setattr(wandering, "MAX_AMBIGUOUS", np.inf)
    assert estimation.estimate(images, PARAMS, "a") is not None


def of_many_sizes(tmp_path: Path, square: str, *, marked: bool) -> tuple[Paths, set[str]]:
    """Pictures of as many sizes, most with the word at one distance from a corner."""
    paths, rng = Paths(tmp_path, square), np.random.default_rng(8)
    squares, rows, carriers = [], [], set()
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
    shards.write(paths.pixel_shard(SIDE, "a"), np.stack([np.asarray(one) for one in squares]))
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return paths, carriers


@pytest.mark.parametrize("square", ["crop", "pad", "stretch"])
def test_a_mark_in_a_corner_is_found_on_images_of_many_sizes(tmp_path: Path, square: str) -> None:
    paths, carriers = of_many_sizes(tmp_path, square, marked=True)
    watermark.run(paths, PARAMS)
    rows = scored(paths)
    assert {row["template"] for row in rows.values()} == {"bottom-right-px"}
    unseen = {name for name, row in rows.items() if row["score"] is None}
    said = {name for name, row in rows.items() if (row["score"] or 0) > 6}
    assert said == carriers - unseen
    assert len(said) > 0.5 * len(carriers)
    assert (square == "crop") == bool(unseen)


@pytest.mark.parametrize("square", ["crop", "pad", "stretch"])
def test_images_of_many_sizes_without_a_mark_have_none(tmp_path: Path, square: str) -> None:
    paths, _ = of_many_sizes(tmp_path, square, marked=False)
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


def test_the_edges_of_padding_are_no_mark(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "padded")
    wide = [
        ImageOps.pad(Image.fromarray(one).resize((128, 96)), (SIDE, SIDE), color="white")
        for one in noise_pictures(6)
    ]
    shards.write(paths.pixel_shard(SIDE, "a"), np.stack([np.asarray(one) for one in wide]))
    rows = [_row(f"a{i:03d}", "a", i, 640, 480) | {"square": "pad"} for i in range(COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


def silhouettes(tmp_path: Path, name: str, widths: list[int], tones: list[int]) -> Paths:
    """A dark case with lugs on white in one place, on each of as many images as ``widths``."""
    paths = Paths(tmp_path, name)
    noise = np.random.default_rng(7)
    pixels = np.full((len(widths), SIDE, SIDE, 3), 255, np.uint8)
    for image, width, tone in zip(pixels, widths, tones, strict=True):
        image[40:88, 64 - width : 64 + width] = tone
        image[20:108:4, 54:56] = image[20:108:4, 72:74] = tone
        image[52:76, 52:76] = noise.integers(0, 256, (24, 24, 3))
    shards.write(paths.pixel_shard(SIDE, "a"), pixels)
    rows = [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(len(widths))]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return paths


def in_place(paths: Paths, count: int) -> passes.Overlay | None:
    """What the mean gradients say before anything is judged."""
    sizes = np.full((count, 2), 640.0)
    geometry = Geometry.of(sizes, np.zeros_like(sizes), "crop", SIDE)
    images = samples.Images(paths.pixels, [("a", row) for row in range(count)], geometry)
    sums = [overlay.consensus(*batch) for task in images.tasks() for batch in task.batches()]
    mark = overlay.template(sum(sums[1:], sums[0]), PARAMS.min_consensus)
    return None if mark is None else passes.Overlay(mark, overlay.MAX_SHIFT)


def test_one_thing_photographed_in_many_colours_is_no_mark(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    tones = rng.integers(0, 200, 60).tolist()
    paths = silhouettes(tmp_path, "colourways", [30] * 60, tones)
    assert in_place(paths, 60) is not None, "the outline stands out as a mark would"
    watermark.run(paths, PARAMS)
    assert {row["score"] for row in scored(paths).values()} == {None}


def test_what_images_have_by_degrees_is_no_mark_even_in_its_place(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = images_of_one_size(paths)
    assert estimation.estimate(images, PARAMS, "a") is not None
    scored_by = passes.score

    def by_degrees(*arguments: Any) -> overlay.Scores:
        """As outlines of real product shots score: ever fewer of them, ever higher."""
        scores = scored_by(*arguments)
        return dataclasses.replace(scores, score=np.linspace(0, 9, len(scores.score)))

    monkeypatch.setattr(estimation, "score", by_degrees)
    assert estimation.estimate(images, PARAMS, "a") is None


def test_at_64_pixels_the_stage_says_that_it_hardly_sees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths(tmp_path, "small")
    small = noise_pictures(2)[:, ::2, ::2]
    shards.write(paths.pixel_shard(64, "a"), np.ascontiguousarray(small))
    rows = [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    watermark.run(paths, PARAMS)
    said = "a mark is hardly to be seen at 64 pixels"
    assert said in " ".join(capsys.readouterr().err.split())
    assert json.loads((paths.overlay / "overlay.json").read_text())["caution"].startswith(said)
