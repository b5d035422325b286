"""Peak memory of a capture against its size; `make bench-memory` prints the table.

The scrape itself is the real one, browser included; only the pictures of the gallery are tiny, so
that a hundred thousand of them can be served within minutes.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from rich.console import Console
from rich.table import Table

from pipeline.commands.scrape import MEMORY_POOL
from pipeline.core.params.scrape import Gallery, Scrape
from scrapers import job
from scrapers.capture import Capture
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.replicas.wikiart.addresses import HOSTS, WWW
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.server import HostServer
from scrapers.gallery.web.messages import Request, Response
from scrapers.politeness.retry import RetryPolicy

WORKS_OF_AN_ARTIST: Final = 200
SIZES: Final = (10_000, 100_000)


class TinyPictures(WikiArt):
    """The replica of WikiArt with a few hundred bytes for every picture, no two alike."""

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        if host == WWW or request.path.startswith("/Content"):
            return super().answer(host, request)
        body = b"\xff\xd8\xff\xe0" + request.path.encode() * 4
        return Response(200, "image/jpeg", body, {"ETag": '"1"'})


def serve(works: int) -> None:
    """Serve that many works until standard input ends, as `scrapers.gallery.server` does."""
    servers = {host: HostServer(0) for host in HOSTS}
    origins = {host: server.address for host, server in servers.items()}
    replica = TinyPictures(Paintings(1, works, works // WORKS_OF_AN_ARTIST), origins)
    for host, server in servers.items():
        server.serve(replica, host)
    sys.stdout.write(f"{json.dumps(origins)}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()


@contextmanager
def gallery_of_tiny_pictures(
    _: str, gallery: Gallery, __: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """The gallery as a child process, in the place of `scrapers.gallery.process.open_gallery`."""
    command = [sys.executable, "-m", "tests.benches.memory", "serve", str(gallery.works)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            origins: dict[str, str] = json.loads(child.stdout.readline())
            yield origins
        finally:
            child.stdin.close()


def scrape(works: int) -> dict[str, Any]:
    """Capture a gallery of so many works in this process; what it took."""
    creators = works // WORKS_OF_AN_ARTIST
    artists = tuple(artist.slug for artist in Paintings(1, works, creators).creators)
    params = Scrape(
        site="wikiart",
        as_of="2026-05-04",
        gallery=Gallery(seed=1, works=works, creators=creators),
        artists=artists,
        details=False,
        image_size="Large",
        seconds_between_pages=0.0,
        seconds_between_images=0.0,
    )
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as root,
        mock.patch.object(job, "open_gallery", gallery_of_tiny_pictures),
    ):
        folder = Path(root) / "captures" / "paintings" / params.as_of
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        job.capture(folder, params, work=Path(root) / "work", retry_policy=RetryPolicy(2))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        requests = len(Capture(folder).manifest())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "works": works,
        "requests": requests,
        "mib_before": before / 1024,
        "mib_peak": peak / 1024,
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.monotonic() - started,
    }


def main(arguments: list[str]) -> None:
    """Print the table; each size is captured in a process of its own."""
    if arguments[:1] == ["serve"]:
        serve(int(arguments[1]))
        return
    if arguments[:1] == ["scrape"]:
        sys.stdout.write(json.dumps(scrape(int(arguments[1]))))
        return
    table = Table("works", "requests", "MiB at start", "MiB at peak", "CPU s", "wall s")
    for works in [int(each) for each in arguments] or SIZES:
        command = [sys.executable, "-m", "tests.benches.memory", "scrape", str(works)]
        environment = {**os.environ, **dict([MEMORY_POOL])}  # as `salon scrape` does
        done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True)
        table.add_row(*(f"{value:,.0f}" for value in json.loads(done.stdout).values()))
    Console().print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
