"""Captures that are killed, stormed at and left by their hosts, beside one that is not disturbed.

The test and the bench (`tests.benches.storms`) drive the same real processes: Chromium, a gallery
on 127.0.0.1, and a capture that is started again until it is finished.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from unittest import mock

from pipeline.core.params.ingest import Ingest
from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Gallery, Scrape
from pipeline.core.paths import Paths
from pipeline.stages import ingest, parse
from scrapers.capture import Capture
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.server import HostServer, running
from scrapers.gallery.web.messages import Request, Response

STOPS: Final = (0, 21, 26, -signal.SIGKILL)
"""Done, robots.txt answers 5xx, the site is down, killed: a later run goes on."""
MOST_RUNS: Final = 60
STORM_REQUESTS: Final = 12
"""How long a storm blows, in requests that arrive at the gallery."""
_COLUMNS: Final = ["seq", "kind", "url", "referer", "fetch", "http_status", "bytes", "sha256"]
RUNNER: Final = """
import json, sys
from contextlib import contextmanager
from pathlib import Path
from pipeline.core.errors import SalonError
from pipeline.core.params.scrape import Scrape
from scrapers import job
from scrapers.politeness.retry import RetryPolicy

origins, params, folder = json.loads(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

@contextmanager
def opened(*_):
    yield origins

job.open_gallery = opened
try:
    job.capture(
        folder,
        Scrape.model_validate(json.loads(params), strict=False),
        work=folder.parents[3] / "work",
        retry_policy=RetryPolicy(1, first_wait_s=0.01),
    )
except SalonError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""


class Kind(StrEnum):
    """What happens to a capture on its way."""

    KILL = "kill"
    """SIGKILL to the process."""
    STORM = "storm"
    """The next requests of each address are reset, torn or answered 503, twice each."""
    OUTAGE = "outage"
    """Works' pages and images answer 500 until the capture gives up; then they are well again."""


_STORMS: Final = (
    SiteFault.RESET,
    SiteFault.TORN,
    SiteFault.HANG_UP,
    SiteFault.SERVER_ERROR,
    SiteFault.BUSY,
)


_PICTURES_AND_OWN: Final = ("*.jp*g*", "*.JPG*", "*.png*", "*--id*")
"""Addresses of images, and of watches' own pages."""


@dataclass(frozen=True)
class Disturbance:
    """One thing that happens after so many requests of a run."""

    kind: Kind
    after_requests: int
    fault: SiteFault = SiteFault.SERVER_ERROR


def random_plan(rng: random.Random, kinds: Counter[Kind], requests: int) -> list[Disturbance]:
    """So many disturbances of each kind in a random order, each after up to so many requests."""
    order = [kind for kind, count in kinds.items() for _ in range(count)]
    rng.shuffle(order)
    return [Disturbance(kind, rng.randrange(1, requests), rng.choice(_STORMS)) for kind in order]


class CountingGallery:
    """A gallery that counts what it is asked for, and fails by rules that may be changed."""

    def __init__(self, origins: dict[str, str], rules: list[FaultRule]) -> None:
        self.origins, self.rules, self.asked = origins, rules, 0


@contextmanager
def counting_gallery(site: str, size: Gallery) -> Iterator[CountingGallery]:
    """Serve ``site`` for the block."""
    rules: list[FaultRule] = []
    answer = HostServer.answer

    with running(site, size, rules=rules) as origins:
        gallery = CountingGallery(origins, rules)

        def counted(server: HostServer, request: Request) -> Response:
            gallery.asked += 1
            return answer(server, request)

        with mock.patch.object(HostServer, "answer", counted):
            yield gallery


def _start(gallery: CountingGallery, paths: Paths, params: Scrape) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUNNER, json.dumps(gallery.origins)]
    folder = str(paths.capture(params.as_of))
    return subprocess.Popen(
        [*command, params.model_dump_json(), folder], stderr=subprocess.PIPE, start_new_session=True
    )


def capture_calmly(gallery: CountingGallery, paths: Paths, params: Scrape) -> None:
    """Make the capture in one run."""
    child = _start(gallery, paths, params)
    _, said = child.communicate(timeout=600)
    assert child.returncode == 0, said.decode()


def capture_disturbed(
    gallery: CountingGallery, paths: Paths, params: Scrape, plan: list[Disturbance]
) -> Counter[str]:
    """Make the capture while ``plan`` happens to it; returns what really happened."""
    happened: Counter[str] = Counter()
    left = list(plan)
    for _ in range(MOST_RUNS + len(plan)):
        child = _start(gallery, paths, params)
        while left and _wait_for_requests(gallery, child, left[0].after_requests):
            disturbance = left.pop(0)
            happened[disturbance.kind] += 1
            if disturbance.kind is Kind.KILL:
                _kill(child)
                break
            if disturbance.kind is Kind.STORM:
                gallery.rules[:] = [FaultRule(disturbance.fault, times=2)]
                _wait_for_requests(gallery, child, STORM_REQUESTS)
            else:
                gallery.rules[:] = [
                    FaultRule(SiteFault.SERVER_ERROR, each) for each in _PICTURES_AND_OWN
                ]
                child.wait(600)
            gallery.rules.clear()
        _, said = child.communicate(timeout=600)
        happened[f"exit {child.returncode}"] += 1
        assert child.returncode in STOPS, f"exit {child.returncode}: {said.decode()}"
        if child.returncode == 0:
            return happened
    raise AssertionError(f"not finished after {MOST_RUNS} runs: {happened}")


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill the capture and, since nobody else will, the browser that it started."""
    os.kill(child.pid, signal.SIGKILL)
    child.wait(60)


def _wait_for_requests(
    gallery: CountingGallery, child: subprocess.Popen[bytes], count: int
) -> bool:
    """Return whether the gallery was asked for so many more while the capture ran."""
    until, deadline = gallery.asked + count, time.monotonic() + 300
    while gallery.asked < until:
        if child.poll() is not None:
            return False
        assert time.monotonic() < deadline, "the capture stands still"
        time.sleep(0.005)
    return True


def manifest_of(paths: Paths, params: Scrape) -> list[dict[str, Any]]:
    """The rows of the manifest but for when, in how many milliseconds and into which shard."""
    manifest = Capture(paths.capture(params.as_of)).manifest().select(_COLUMNS)
    rows: list[dict[str, Any]] = manifest.to_pylist()
    return rows


def derived(paths: Paths) -> dict[str, bytes]:
    """Every file that `parse` and `ingest` make of the capture, by its path."""
    parse.run(paths, Parse())
    ingest.run(paths, Ingest())
    data = paths.root / "data"
    files = [*(data / "tables").rglob("*"), *(data / "pixels").rglob("*")]
    return {str(f.relative_to(data)): f.read_bytes() for f in sorted(files) if f.is_file()}
