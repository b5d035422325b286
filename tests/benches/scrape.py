"""Salon's downloader beside a bare pool of threads and img2dataset; `make bench-scrape`.

All fetch the same images from the same server on 127.0.0.1 with the same number of threads, each
in a process of its own. A figure is the difference between a long and a short run, so that no
start-up counts; the time is the wall clock, the CPU that of the process and its children.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import local
from typing import Any, Final

import requests
from rich.console import Console
from rich.table import Table

from pipeline.core.params.scrape import Scrape
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import IMAGE
from scrapers.crawl.image_queue import ImageQueue
from scrapers.gallery.server import HostServer
from scrapers.gallery.web.messages import Request, Response
from scrapers.gallery.web.responses import text
from scrapers.http.fetchers import fetchers
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy

HOST: Final = "https://uploads.wikiart.org"
THREADS: Final = 8
SIZES: Final = (500, 10_000)
IMAGE_BYTES: Final = 60_000
SHARD_BYTES: Final = 64_000_000


class Photographs:
    """A host of images of one size, no two alike, that cost it next to nothing."""

    def __init__(self) -> None:
        self._body = os.urandom(IMAGE_BYTES)

    def answer(self, _: str, request: Request) -> Response:
        """The image at any address that ends so; robots.txt allows all."""
        if not request.path.endswith(".jpg"):
            return text("User-agent: *\nAllow: /\n")
        start = b"\xff\xd8\xff\xe0" + sha256(request.path.encode()).digest()
        return Response(200, "image/jpeg", start + self._body, {"ETag": '"1"'})


def salon(address: str, count: int, folder: Path) -> int:
    """As a capture is made, robots.txt, digests, shards and manifest included."""
    book = AddressBook({HOST: address})
    params = Scrape(
        site="wikiart",
        as_of="2026-05-04",
        styles=("any",),
        image_size="Large",
        seconds_between_images=0.0,
        seconds_between_pages=0.0,
        connections=THREADS,
    )
    writer = CaptureWriter(
        folder / "c" / "2026-05-04",
        CaptureDescription("wikiart", "gallery", "2026-05-04", {}),
        book,
        SHARD_BYTES,
    )
    # The browser is not asked for anything here, so none is given.
    browser: Any = None
    limiter = RateLimiter()
    domains = ("wikiart.org",)
    _, images = fetchers(params, domains, book, browser, RetryPolicy(2), limiter, writer.earlier)
    queue = ImageQueue(THREADS)
    for seq in range(count):
        urls = [f"{HOST}/{seq}.jpg"]
        writer.ask(IMAGE, urls)
        keep = partial(writer.record_image, asked_as=urls[0])
        queue.add(HOST, partial(images.fetch, urls, f"{HOST}/"), keep)
    queue.finish()
    queue.close()
    return writer.finish({}).counts["image"]["fetched"]


def bare(address: str, count: int, folder: Path) -> int:
    """A pool of threads, a `requests.Session` each, one file an image: nothing else at all."""
    folder.mkdir(parents=True)
    of_thread = local()

    def fetch(number: int) -> bool:
        if not hasattr(of_thread, "session"):
            of_thread.session = requests.Session()
            of_thread.session.trust_env = False
        answer = of_thread.session.get(f"{address}/{number}.jpg", timeout=30)
        (folder / f"{number}.jpg").write_bytes(answer.content)
        return bool(answer.ok)

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(fetch, range(count)))


DOWNLOADERS: Final[dict[str, Callable[[str, int, Path], int]]] = {
    "salon": salon,
    "bare": bare,
}


def run_one(name: str, address: str, count: int) -> dict[str, float]:
    """One downloader in this process; what it took."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        fetched = DOWNLOADERS[name](address, count, Path(folder) / "out")
        seconds = time.monotonic() - started
    if fetched != count:
        raise SystemExit(f"{name}: {fetched} of {count} images came")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {"wall": seconds, "cpu": sum(each.ru_utime + each.ru_stime for each in used)}


def measured(command: list[str]) -> tuple[float, float]:
    """Images a second and CPU milliseconds an image of one downloader, start-up aside."""
    runs = []
    for count in SIZES:
        full = [each.format(count=count) for each in command]
        done = subprocess.run(full, stdout=subprocess.PIPE, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    (short, long), images = runs, SIZES[1] - SIZES[0]
    if long["wall"] <= short["wall"] or long["cpu"] <= short["cpu"]:
        raise SystemExit(f"{command}: start-up varied by more than the images took; try again")
    rate = images / (long["wall"] - short["wall"])
    return rate, 1000 * (long["cpu"] - short["cpu"]) / images


def commands(address: str) -> dict[str, list[str]]:
    """How each downloader is run; img2dataset where ``SALON_IMG2DATASET`` names its Python."""
    this = [sys.executable, "-m", "tests.benches.scrape"]
    known = {name: [*this, name, address, "{count}"] for name in DOWNLOADERS}
    if python := os.environ.get("SALON_IMG2DATASET"):
        script = str(Path(__file__).with_name("run_img2dataset.py"))
        known["img2dataset"] = [python, script, address, "{count}", str(THREADS)]
    return known


def serve() -> None:
    """Serve until standard input ends."""
    server = HostServer(0)
    server.serve(Photographs(), HOST)
    sys.stdout.write(f"{server.address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()


def main(arguments: list[str]) -> None:
    """Print the table."""
    if arguments == ["serve"]:
        serve()
        return
    if arguments:
        name, address, count = arguments
        sys.stdout.write(f"\n{json.dumps(run_one(name, address, int(count)))}\n")
        return
    table = Table("downloader", "images/s", "CPU ms an image")
    serving = [sys.executable, "-m", "tests.benches.scrape", "serve"]
    with subprocess.Popen(
        serving, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdin is not None
        assert host.stdout is not None
        address = host.stdout.readline().strip()
        for name, command in commands(address).items():
            rate, cpu_ms = measured(command)
            table.add_row(name, f"{rate:,.0f}", f"{cpu_ms:.2f}")
        host.stdin.close()
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
