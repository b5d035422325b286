"""The stage itself, on the embedded gallery: whole, killed, resumed, repeated, watched over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pipeline.core.errors import BrowserError, BusyError, CaptureError
from pipeline.core.files import exclusive
from pipeline.core.params.scrape import Gallery, Scrape
from pipeline.core.paths import Paths
from pipeline.stages import scrape
from scrapers.capture import Capture
from scrapers.crawl.dry_run import Plan
from tests.stages.paintings import PAINTINGS

ROOT = Path(__file__).parent.parent.parent
WATCHES = Scrape(
    site="chrono24",
    as_of="2026-05-04",
    gallery=Gallery(seed=6, works=60, creators=3),
    max_listings=25,
    images_per_listing=2,
    image_size="ExtraLarge",
    seconds_between_pages=0.0,
    seconds_between_images=0.0,
)


def captured(paths: Paths) -> Capture:
    return Capture(paths.capture("2026-05-04"))


def tars(capture: Capture) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in capture.folder.glob("*.tar")}


def test_every_work_of_the_gallery_is_accounted_for(undisturbed: Paths) -> None:
    capture = captured(undisturbed)
    counts = capture.description.counts
    assert sum(counts["image"].values()) >= 55
    assert counts["image"]["fetched"] >= 50
    manifest = capture.manifest().to_pylist()
    assert len(manifest) == sum(counts["page"].values()) + sum(counts["image"].values())
    assert all(row["url"].partition(".wikiart.org/")[1] for row in manifest)
    assert all(row["address"].startswith("http://127.0.0.1:") for row in manifest)
    assert len(capture.image_shards()) > 1


def test_the_summary_adds_up(undisturbed: Paths) -> None:
    made = captured(undisturbed).description
    line = scrape.summary(made)
    images = made.counts["image"]
    assert line.startswith(f"{sum(made.counts['page'].values())} pages = ")
    assert f"; {sum(images.values())} images = " in line
    assert all(f"{count} {outcome}" in line for outcome, count in images.items())


def test_a_capture_killed_again_and_again_ends_up_the_same(
    undisturbed: Paths, tmp_path: Path
) -> None:
    content = yaml.safe_load((ROOT / "tests" / "default_params.yaml").read_text())
    content["collections"]["paintings"]["scrape"] = PAINTINGS.model_dump(mode="json")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    paths = Paths(tmp_path, "paintings")
    for kilobytes in (2, 250, 700):
        kill_after(paths, 1000 * kilobytes)
        cut_last_bytes(paths.capture("2026-05-04"), kilobytes)
    scrape.run(paths, PAINTINGS)
    whole, resumed = captured(undisturbed), captured(paths)
    assert tars(resumed) == tars(whole)
    columns = ["seq", "kind", "url", "fetch", "shard"]
    assert resumed.manifest().select(columns) == whole.manifest().select(columns)
    answering = {wire for book in resumed.description.addresses for wire in book.values()}
    assert set(resumed.manifest()["address"].to_pylist()) <= answering
    assert [page.url for page in resumed.pages()] == [page.url for page in whole.pages()]


def kill_after(paths: Paths, stored: int) -> None:
    """Run the stage in a process of its own and kill it once its shards hold so many bytes."""
    folder = paths.capture("2026-05-04")
    command = [str(Path(sys.executable).with_name("salon")), "scrape", "paintings"]
    with subprocess.Popen(command, cwd=paths.root, stderr=subprocess.PIPE) as running:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and running.poll() is None:
            if sum(path.stat().st_size for path in folder.glob("*-0*")) >= stored:
                break
            time.sleep(0.01)
        assert running.poll() is None, running.stderr and running.stderr.read()
        os.kill(running.pid, signal.SIGKILL)


def cut_last_bytes(folder: Path, count: int) -> None:
    """Tear the newest image shard, as a machine that stops may leave it."""
    for path in sorted(folder.glob("*.tar"))[-1:]:
        os.truncate(path, max(0, path.stat().st_size - count))


def test_a_finished_capture_is_left_as_it_is(
    undisturbed: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = undisturbed.capture("2026-05-04")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    scrape.run(undisturbed, PAINTINGS)
    assert "finished before, nothing to do" in capsys.readouterr().err
    with pytest.raises(CaptureError, match="set a new as_of"):
        scrape.run(undisturbed, PAINTINGS.model_copy(update={"details": False}))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_two_captures_of_one_collection_do_not_meet(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "paintings")
    with (
        exclusive(paths.work("scrape") / "lock", what="the captures"),
        pytest.raises(BusyError, match="another process works on the captures of paintings"),
    ):
        scrape.run(paths, PAINTINGS)


def test_a_machine_without_a_browser_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SALON_CHROMIUM", raising=False)
    monkeypatch.delenv("SALON_CHROMEDRIVER", raising=False)
    with pytest.raises(BrowserError, match="packages chromium and chromium-driver"):
        scrape.run(Paths(tmp_path, "paintings"), PAINTINGS)


def test_watches_are_captured_each_once(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "watches")
    scrape.run(paths, WATCHES)
    capture = captured(paths)
    rows = capture.manifest().to_pylist()
    details = [row["url"] for row in rows if row["kind"] == "page" and "--id" in row["url"]]
    images = [row["url"] for row in rows if row["kind"] == "image"]
    assert len(details) == len(set(details)) == 25
    assert len(images) == len(set(images)) > 25
    assert all(url.endswith("-ExtraLarge.jpg") for url in images)
    assert not any("/search" in row["url"] for row in rows)


def test_a_rehearsal_names_what_a_capture_asks_for_and_fetches_only_listings(
    undisturbed: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, str]] = []
    paths = Paths(tmp_path, "paintings")
    scrape.dry_run(paths, PAINTINGS, lambda *each: told.append(each))
    manifest = captured(undisturbed).manifest().to_pylist()
    asked = {(row["kind"], row["url"]) for row in manifest if row["fetch"] != "placeholder"}
    pages = [url for kind, url in told if kind == "page"]
    assert set(pages) == {url for kind, url in asked if kind == "page"}
    # An image may be asked for in a second size where the first is missing.
    images = [url for kind, url in told if kind == "image"]
    assert len(images) == sum(kind == "image" for kind, _ in asked)
    assert f"{len(pages):,} pages (1 opened just now)" in " ".join(capsys.readouterr().err.split())
    assert not paths.captures.exists()


def test_the_forecast_goes_by_the_slowest_host() -> None:
    plan = Plan(
        listing_pages=1,
        pages=Counter(a=1),
        images=Counter(b=30, c=100),
        held=7,
        seconds_of={"a": 10.0, "b": 15.0, "c": 50.0},
    )
    assert plan.seconds == 1.125 * 50
    words = scrape.forecast(plan)
    assert "1 page (1 opened just now) and 130 images (7 held" in words
    assert "at least 0:00:56 at the pace" in words
