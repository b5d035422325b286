from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from curation.images.facts import Look, examine, look_at
from pipeline.core import shards, tables
from pipeline.core.errors import CaptureError
from pipeline.core.ids import image_id_of
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from pipeline.stages import ingest
from scrapers.capture import ImageEntry
from tests.stages.captured import capture, contents, jpeg

PARAMS = Ingest(sizes=(64, 256))
HTML = b"<html>Sorry</html>"


def rows(paths: Paths) -> dict[str, dict[str, object]]:
    table = tables.read(paths.table("images"), IMAGES).to_pylist()
    return {row["sha256"]: row for row in table}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, "paintings")


@pytest.fixture(autouse=True)
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALON_WORKERS", "1")


def test_each_image_has_a_row_and_each_picture_its_pixels(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    images = [jpeg(1), HTML, jpeg(2), jpeg(3)[:900], jpeg(1), b"", jpeg(4)]
    capture(paths, "2026-05-01", images)
    ingest.run(paths, PARAMS)
    assert "6 images: 3 decoded, 2 unreadable, 1 not an image" in capsys.readouterr().err
    by_digest = rows(paths)
    assert set(by_digest) == {hashlib.sha256(data).hexdigest() for data in images}
    by_id = sorted(hashlib.sha256(jpeg(seed)).hexdigest() for seed in (1, 2, 4))
    assert [(by_digest[sha256]["shard"], by_digest[sha256]["row"]) for sha256 in by_id] == [
        ("2026-05-01-00000", 0), ("2026-05-01-00000", 1), ("2026-05-01-00000", 2),
    ]  # fmt: skip
    for size in (64, 256):
        pixels = shards.open_shard(paths.pixel_shard(size, "2026-05-01-00000"))
        assert pixels.shape == (3, size, size, 3)
    html = by_digest[hashlib.sha256(HTML).hexdigest()]
    assert (html["fault"], html["shard"], html["row"]) == ("not_an_image", None, None)


def test_a_shard_written_row_by_row_is_the_file_that_numpy_writes(
    paths: Paths, tmp_path: Path
) -> None:
    capture(paths, "2026-05-01", [jpeg(1), jpeg(2)])
    ingest.run(paths, PARAMS)
    made = paths.pixel_shard(64, "2026-05-01-00000")
    shards.write(tmp_path / "whole.npy", np.array(shards.open_shard(made)))
    assert made.read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_a_later_capture_costs_only_its_new_images_and_changes_no_old_shard(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture(paths, "2026-05-01", [jpeg(1), jpeg(2)])
    ingest.run(paths, PARAMS)
    before = contents(paths)
    capture(paths, "2026-06-01", [jpeg(2), jpeg(3), jpeg(1)])
    examined: list[str] = []

    def watched(data: bytes, params: Ingest) -> Look:
        examined.append(hashlib.sha256(data).hexdigest())
        return look_at(data, params)

    monkeypatch.setattr("curation.images.facts.look_at", watched)
    ingest.run(paths, PARAMS)
    assert examined == [hashlib.sha256(jpeg(3)).hexdigest()]
    assert {row["capture"] for row in rows(paths).values()} == {"2026-05-01", "2026-06-01"}
    old_pixels = {name: digest for name, digest in before.items() if name.endswith(".npy")}
    assert old_pixels.items() <= contents(paths).items()


def test_other_params_make_other_pixels_and_leave_nothing_behind(paths: Paths) -> None:
    capture(paths, "2026-05-01", [jpeg(1)])
    ingest.run(paths, PARAMS)
    ingest.run(paths, Ingest(sizes=(64,), square="pad"))
    assert [path.name for path in paths.pixels.iterdir()] == ["64"]
    assert len(list(paths.work("ingest").iterdir())) == 1


def test_the_result_depends_neither_on_the_workers_nor_on_how_shards_are_parted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures and others in turn, so that the rows of a part do not start where its images do."""
    images = [jpeg(seed) if seed % 3 else HTML + b"%d" % seed for seed in range(24)]
    images[8:12] = [b"<html>%d" % seed for seed in range(4)]
    monkeypatch.setattr(ingest, "SHARD_IMAGES", 16)
    made = []
    for workers, part_images in (("1", 16), ("2", 4), ("2", 3)):
        monkeypatch.setenv("SALON_WORKERS", workers)
        monkeypatch.setattr(ingest, "SHARD_PARTS", 100)
        monkeypatch.setattr(ingest, "LEAST_PART_IMAGES", part_images)
        paths = Paths(tmp_path / f"{workers}-{part_images}", "paintings")
        capture(paths, "2026-05-01", images)
        ingest.run(paths, PARAMS)
        made.append(contents(paths))
    assert made[0] == made[1] == made[2]
    assert len(made[0]) == 5, "a table, and two shards of two sizes"


@pytest.mark.parametrize("order", [(5, 3, 1, 0, 2, 4, 7, 6), (7, 6, 5, 4, 3, 2, 1, 0)])
def test_the_order_in_which_images_came_changes_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: tuple[int, ...]
) -> None:
    """The same images one by one in tars of about two, whose parts are joined to shards of five."""
    monkeypatch.setattr(ingest, "SHARD_IMAGES", 5)
    monkeypatch.setattr(ingest, "LEAST_PART_IMAGES", 2)
    monkeypatch.setattr(ingest, "SHARD_PARTS", 3)
    images = [HTML, jpeg(1), jpeg(2), b"torn", jpeg(3), jpeg(4), jpeg(5), jpeg(6)]
    made = []
    for name, came in (("as listed", images), ("otherwise", [images[at] for at in order])):
        paths = Paths(tmp_path / name, "paintings")
        capture(paths, "2026-05-01", came, shard_bytes=6000)
        assert len(list(paths.capture("2026-05-01").glob("images-*.tar"))) > 2
        ingest.run(paths, PARAMS)
        made.append(contents(paths))
    assert made[0] == made[1]
    assert len(made[0]) == 5, "a table, and two shards of two sizes"


def test_each_row_names_the_pixels_of_its_image(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "LEAST_PART_IMAGES", 2)
    images = [HTML, jpeg(1), b"", b"torn", jpeg(2), jpeg(3), HTML + b" ", jpeg(4)]
    capture(paths, "2026-05-01", images)
    ingest.run(paths, PARAMS)
    for sha256, row in rows(paths).items():
        body = next(data for data in images if hashlib.sha256(data).hexdigest() == sha256)
        for size, pixels in examine(body, PARAMS)[1].items():
            shard = shards.open_shard(paths.pixel_shard(size, str(row["shard"])))
            np.testing.assert_array_equal(shard[int(str(row["row"]))], pixels)
        assert (row["shard"] is None) == (row["row"] is None) == (row["fault"] is not None)


def test_a_small_collection_is_work_for_several(tmp_path: Path) -> None:
    digests = [f"{n:064x}" for n in range(240)]
    entries = (ImageEntry(image_id_of(digest), digest, 0, 1) for digest in digests)
    images = tuple(ingest.Held(tmp_path, entry) for entry in entries)
    parts = ingest.Shard("2026-05-01", "shard", images, PARAMS).parts(tmp_path)
    assert [len(part.images) for part in parts] == [16] * 15
    assert sum((part.images for part in parts), ()) == images


def test_parts_of_an_interrupted_run_are_not_made_again(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "LEAST_PART_IMAGES", 2)
    images = [jpeg(seed) for seed in range(6)]
    capture(paths, "2026-05-01", images)
    examined: list[str] = []

    def stopping(data: bytes, params: Ingest) -> Look:
        if len(examined) == 5:
            raise KeyboardInterrupt
        examined.append(hashlib.sha256(data).hexdigest())
        return look_at(data, params)

    monkeypatch.setattr("curation.images.facts.look_at", stopping)
    with pytest.raises(KeyboardInterrupt):
        ingest.run(paths, PARAMS)
    del examined[:4]
    ingest.run(paths, PARAMS)
    assert len(examined) == 3, "one of the part that was in work, and the part after it"
    assert sorted(path.name for path in next(paths.work("ingest").iterdir()).iterdir()) == [
        "256.npy", "64.npy", "images.parquet",
    ]  # fmt: skip


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 a moment after the next shard was finished, three times; then run to the end."""
    monkeypatch.setattr(ingest, "SHARD_IMAGES", KILLED_SHARD_IMAGES)
    whole, killed = (Paths(tmp_path / name, "paintings") for name in ("whole", "killed"))
    for paths in (whole, killed):
        capture(paths, "2026-05-01", [jpeg(seed) for seed in range(60)], shard_bytes=12_000)
    ingest.run(whole, PARAMS)
    shard_count = len(finished_shards(whole))
    rng = random.Random(7)
    for _ in range(3):
        before = len(finished_shards(killed))
        process = start_ingest(killed)
        while len(finished_shards(killed)) <= before and process.poll() is None:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.01))
        process.kill()
        process.wait()
        assert before < len(finished_shards(killed)), "each run goes on where the last one stopped"
    assert len(finished_shards(killed)) < shard_count, "it was killed before its end"
    ingest.run(killed, PARAMS)
    assert contents(killed) == contents(whole)
    assert not list(killed.root.rglob("*.partial"))


KILLED_SHARD_IMAGES = 6


def start_ingest(paths: Paths) -> subprocess.Popen[bytes]:
    script = (
        "import sys; from pathlib import Path; from pipeline.core.paths import Paths;"
        "from pipeline.core.params.ingest import Ingest; from pipeline.stages import ingest;"
        f"ingest.SHARD_IMAGES = {KILLED_SHARD_IMAGES};"
        "ingest.run(Paths(Path(sys.argv[1]), 'paintings'), Ingest(sizes=(64, 256)))"
    )
    return subprocess.Popen([sys.executable, "-c", script, str(paths.root)])


def finished_shards(paths: Paths) -> list[Path]:
    return list(paths.work("ingest").glob("*/images.parquet"))


def test_a_torn_tar_stops_the_stage_with_one_sentence(paths: Paths) -> None:
    capture(paths, "2026-05-01", [jpeg(1), jpeg(2)])
    tar = paths.capture("2026-05-01") / "images-00000.tar"
    tar.write_bytes(tar.read_bytes()[:2000])
    with pytest.raises(CaptureError, match="torn"):
        ingest.run(paths, PARAMS)
    assert not paths.table("images").exists()


def test_no_capture_is_said_in_one_sentence(paths: Paths) -> None:
    with pytest.raises(CaptureError, match="no finished capture; run `salon scrape paintings`"):
        ingest.run(paths, PARAMS)


def test_pixels_are_copied_where_they_cannot_be_linked(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_target: Path, _source: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    capture(paths, "2026-05-01", [jpeg(1)])
    ingest.run(paths, PARAMS)
    assert shards.open_shard(paths.pixel_shard(64, "2026-05-01-00000")).shape[0] == 1
