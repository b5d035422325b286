"""Kills and storms of broken connections on the way: the capture ends as an undisturbed one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.core.params.scrape import Gallery, Scrape
from scrapers.capture import Capture
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.faults.rules import Fault, Rule
from scrapers.gallery.server import running

WORKS = 20
STORMS = {Fault.RESET: 6, Fault.TOO_MANY: 22}
"""What goes wrong, and after how many requests."""
SIZE = Gallery(seed=9, works=60, creators=4)
RUNNER = """
import sys
from contextlib import contextmanager
from pathlib import Path
from pipeline.core.params.scrape import Scrape
from scrapers import job
from scrapers.politeness.retry import Patience
import json

origins, asked, folder = json.loads(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

@contextmanager
def opened(*_):
    yield origins

job.open_gallery = opened
job.capture(
    folder,
    Scrape.model_validate_json(asked),
    work=folder.parent / "work",
    patience=Patience(4, first_wait_s=0.01),
)
"""


@contextmanager
def capturing(origins: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that makes the capture, or goes on with it."""
    artists = tuple(each.slug for each in Paintings(9, 60, 4).creators)
    asked = Scrape(
        site="wikiart",
        as_of=folder.name,
        artists=artists,
        max_listings=WORKS,
        image_size="Large",
        seconds_between_pages=0.0,
        seconds_between_images=0.0,
        connections=2,
        shard_mb=0.3,
    )
    command = [sys.executable, "-c", RUNNER, json.dumps(origins), asked.model_dump_json()]
    with subprocess.Popen([*command, str(folder)], stderr=subprocess.PIPE) as child:
        yield child


def wait_for_lines(child: subprocess.Popen[bytes], folder: Path, lines: int) -> None:
    """Return once the capture has kept so many requests."""
    journal, deadline = folder / "manifest.jsonl", time.monotonic() + 120
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= lines):
        assert child.poll() is None, child.stderr and child.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)


def content(folder: Path) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    columns = ["seq", "kind", "url", "fetch", "shard", "offset", "sha256"]
    manifest = Capture(folder).manifest().select(columns)
    images = [row for row in manifest.to_pylist() if row["kind"] == "image"]
    pages = manifest.select(columns[:4]).to_pylist()
    return [*pages, *images], {path.name: path.read_bytes() for path in folder.glob("*.tar")}


def finish(child: subprocess.Popen[bytes]) -> None:
    assert child.wait(120) == 0, child.stderr and child.stderr.read()


def test_two_kills_and_two_storms_leave_no_trace(tmp_path: Path) -> None:
    calm, disturbed = tmp_path / "calm" / "2026-05-04", tmp_path / "storms" / "2026-05-04"
    rules: list[Rule] = []
    with running("wikiart", SIZE, rules=rules) as origins:
        with capturing(origins, calm) as child:
            finish(child)
        for storm, lines in STORMS.items():
            with capturing(origins, disturbed) as child:
                wait_for_lines(child, disturbed, lines)
                rules[:] = [Rule(storm, times=2)]  # of the requests of each address
                wait_for_lines(child, disturbed, lines + 5)
                os.kill(child.pid, signal.SIGKILL)
        with capturing(origins, disturbed) as child:
            finish(child)
    assert content(disturbed) == content(calm)
    assert len(content(calm)[1]) > 1
