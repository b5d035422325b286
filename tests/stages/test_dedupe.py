from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageOps

from curation.duplicates import candidate_layouts, classification, comparison
from curation.images.facts import examine
from pipeline.core import shards, tables
from pipeline.core.errors import TableError
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS
from pipeline.stages import dedupe
from tests.curation.pictures import composition, encoded


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    return encoded(image, "JPEG", quality=quality)


def pair(first: bytes, second: bytes) -> tuple[str, str]:
    a, b = sorted(image_id_of(sha256_hex(data)) for data in (first, second))
    return a, b


WORKS = [composition(seed) for seed in range(10)]
FLAT = Image.new("RGB", (300, 240), "#7a3038")
COPIES = {
    "exact": (encoded(WORKS[0], "PNG"), encoded(WORKS[0], "BMP"), "exact", "identity"),
    "saved again": (jpeg(WORKS[1]), jpeg(WORKS[1], 45), "near", "identity"),
    "smaller": (jpeg(WORKS[2]), jpeg(WORKS[2].resize((200, 160))), "near", "identity"),
    "mirrored": (jpeg(WORKS[3]), jpeg(ImageOps.mirror(WORKS[3])), "near", "flip_left_right"),
    "upside down": (jpeg(WORKS[4]), jpeg(WORKS[4].rotate(180)), "near", "rot180"),
}
SUSPECTS = {
    "border": (jpeg(WORKS[5]), jpeg(ImageOps.expand(WORKS[5], 16, "white")), "doubtful", "crop"),
    "squashed": (jpeg(WORKS[6]), jpeg(WORKS[6].resize((256, 256))), "doubtful", "squashed"),
    "grey": (jpeg(WORKS[7]), jpeg(WORKS[7].convert("L")), "doubtful", "grey"),
    "flat": (jpeg(FLAT), jpeg(FLAT.resize((150, 120)), 50), "doubtful", "flat"),
}
"""What is for a person to decide, and why."""
OTHERS = [*(jpeg(work) for work in WORKS[8:]), jpeg(composition(1, hue=2.0)), b"<html></html>"]

ALL = [*COPIES.values(), *SUSPECTS.values()]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """Tables and pixels as `ingest` leaves them, in two shards."""
    collection = Paths(tmp_path, "paintings")
    data = [image for first, second, *_ in ALL for image in (first, second)] + OTHERS
    rows: list[dict[str, Any]] = []
    for shard, part in (("s-0", data[:7]), ("s-1", data[7:])):
        with shards.appending(collection.pixel_shard(64, shard), 64) as append:
            count = 0
            for body in part:
                facts, pixels = examine(body, Ingest())
                sha256 = sha256_hex(body)
                named = {"image_id": image_id_of(sha256), "sha256": sha256, "capture": "c"}
                place = {"shard": shard, "row": count} if pixels else {"shard": None, "row": None}
                rows.append({**named, **place, **facts.row()})
                for image in pixels.values():
                    append(image)
                    count += 1
    tables.write(collection.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    return collection


def read_pairs(paths: Paths) -> dict[tuple[str, str], tuple[str, str]]:
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    return {
        (row["a"], row["b"]): (row["kind"], row["suspicion"] or row["symmetry"]) for row in rows
    }


def test_each_copy_is_found_and_nothing_else(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    dedupe.run(paths, Dedupe())
    expected = {pair(a, b): (kind, how) for a, b, kind, how in ALL}
    assert read_pairs(paths) == expected
    assert "21 images, " in capsys.readouterr().err


def test_mirrored_copies_are_left_alone_when_symmetries_are_off(paths: Paths) -> None:
    dedupe.run(paths, Dedupe(symmetries=False))
    pairs = read_pairs(paths)
    assert pair(*COPIES["mirrored"][:2]) not in pairs
    assert len(pairs) == len(ALL) - 2


def test_without_a_second_look_only_the_hash_of_the_square_finds(paths: Paths) -> None:
    dedupe.run(paths, Dedupe(second_look=False))
    expected = [*COPIES.values(), SUSPECTS["grey"], SUSPECTS["flat"]]
    assert read_pairs(paths) == {pair(a, b): (kind, how) for a, b, kind, how in expected}


def test_the_queue_is_bounded_and_keeps_the_likeliest(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    dedupe.run(paths, Dedupe())
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    doubtful = sorted((row for row in rows if row["kind"] == "doubtful"), key=lambda r: r["chance"])
    monkeypatch.setattr(classification, "LEAST_QUEUE", 2)
    dedupe.run(paths, Dedupe(max_doubtful_per_thousand=0))
    left = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    assert [row for row in left if row["kind"] != "doubtful"] == [
        row for row in rows if row["kind"] != "doubtful"
    ]
    assert {row["a"] for row in left if row["kind"] == "doubtful"} == {
        row["a"] for row in doubtful[-2:]
    }


def test_the_table_does_not_depend_on_workers_or_on_how_work_is_split(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALON_WORKERS", "1")
    dedupe.run(paths, Dedupe())
    before = paths.table("pairs").read_bytes()
    shutil.rmtree(paths.work("dedupe"))
    monkeypatch.setenv("SALON_WORKERS", "2")
    monkeypatch.setattr(dedupe, "TASK_HASHES", 4)
    monkeypatch.setattr(dedupe, "TASK_IMAGES", 5)
    monkeypatch.setattr(comparison, "TASK_PAIRS", 3)
    monkeypatch.setattr(candidate_layouts, "_IMAGES_AT_ONCE", 7)
    dedupe.run(paths, Dedupe())
    assert paths.table("pairs").read_bytes() == before


def test_a_collection_without_a_single_picture_has_no_pairs(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "paintings")
    tables.write(paths.table("images"), IMAGES, IMAGES.arrow.empty_table())
    dedupe.run(paths, Dedupe())
    assert read_pairs(paths) == {}


def test_a_missing_shard_is_named(paths: Paths) -> None:
    paths.pixel_shard(64, "s-1").unlink()
    with pytest.raises(TableError, match=r"s-1\.npy: missing"):
        dedupe.run(paths, Dedupe())
