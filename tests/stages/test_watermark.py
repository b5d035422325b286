from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from curation.watermark import estimation, overlay, wandering
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
    found = Paths(tmp_path, "watches")
    marked, clean = noise_pictures(1), noise_pictures(2)
    strength = 0.4 * (word() / 255)[None, ..., None]
    marked[::2] = np.round(marked[::2] * (1 - strength) + 255 * strength)
    rows: list[dict[str, Any]] = [_row("torn", None, 0, 0, 0)]
    for shard, pixels, height in (("a", marked, 640), ("b", clean, 480)):
        shards.write(found.pixel_shard(SIDE, shard), pixels)
        rows += [_row(f"{shard}{i:03d}", shard, i, 640, height) for i in range(COUNT)]
    tables.write(found.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return found


def _row(name: str, shard: str | None, row: int, width: int, height: int) -> dict[str, Any]:
    known = {"image_id": name, "sha256": name, "capture": "c", "bytes": 1, "shard": shard,
             "row": row, "width": width, "height": height}  # fmt: skip
    return {**dict.fromkeys(IMAGES.arrow.names), **known}


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
    clean = [row for name, row in rows.items() if name.startswith("b")]
    assert {(row["template"], row["score"], row["opacity"]) for row in clean} == {
        (None, None, None)
    }
    assert "200 images in 2 groups: overlay in 1 of them, 100 scored, 50 above 6" in (
        capsys.readouterr().err
    )


def test_the_overlay_is_described_and_can_be_looked_at(paths: Paths) -> None:
    watermark.run(paths, PARAMS)
    described = json.loads((paths.overlay / "overlay.json").read_text())
    clean, marked = described["groups"]
    assert (clean["name"], clean["found"], clean["images"]) == ("640x480", False, COUNT)
    assert (marked["name"], marked["marked"], marked["share_marked"]) == ("640x640", 50, 0.5)
    png = (paths.overlay / marked["picture"]).read_bytes()
    assert marked["sha256"] == hashlib.sha256(png).hexdigest()
    assert sorted(file.name for file in paths.overlay.iterdir()) == ["640x640.png", "overlay.json"]


def test_what_is_learnt_anew_finds_no_fewer_images(paths: Paths) -> None:
    marked = np.arange(COUNT) % 2 == 0
    faint = noise_pictures(1)
    faint[marked] = np.round(
        faint[marked] * (1 - 0.12 * word()[..., None] / 255) + 0.12 * word()[..., None]
    )
    shards.write(paths.pixel_shard(SIDE, "a"), faint)
    lots = estimation.lots(paths.pixels, SIDE, [("a", row) for row in range(COUNT)])
    beginning = overlay.template(overlay.consensus(faint[marked]), 5.0)
    assert beginning is not None
    beginning[:, 22:] = 0
    rough = estimation.Overlay(beginning, overlay.MAX_SHIFT)
    before = estimation.score(lots, rough, "a").is_marked
    after = estimation.score(lots, estimation.sharpened(rough, lots, PARAMS, "a"), "a").is_marked
    assert after.sum() >= before.sum() > 40
    assert not after[~marked].any()


def test_workers_and_the_split_of_the_work_change_nothing_that_is_written(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for workers in ("1", "2"):
        monkeypatch.setenv("SALON_WORKERS", workers)
        monkeypatch.setattr(estimation, "IMAGES_OF_ONE_TASK", 64)
        watermark.run(paths, PARAMS)
        files = [paths.table("watermark"), *sorted(paths.overlay.iterdir())]
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]


def test_too_few_images_of_a_size_are_not_judged(paths: Paths) -> None:
    watermark.run(paths, Watermark(min_images=COUNT + 1))
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
    assert overlay.template(overlay.consensus(pixels), PARAMS.min_consensus) is None
    shards.write(paths.pixel_shard(SIDE, "a"), pixels)
    rows = [_row(f"a{i:03d}", "a", i, 640, 640) for i in range(COUNT)]
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    watermark.run(paths, PARAMS)
    said = {name for name, row in scored(paths).items() if (row["score"] or 0) > 6}
    assert said == {f"a{i:03d}" for i in range(0, COUNT, 2)}
    [group] = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    assert 6 <= group["reach_px"] <= 8


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
    lots = estimation.lots(paths.pixels, SIDE, [("a", row) for row in range(COUNT)])
    assert estimation.estimate(lots, PARAMS, "a") is None
    monkeypatch.setattr(wandering, "MAX_AMBIGUOUS", np.inf)
    assert estimation.estimate(lots, PARAMS, "a") is not None
