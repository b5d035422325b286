"""The gallery as a child process, so that painting takes another core than scraping."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Final

from pipeline.core import log
from pipeline.core.errors import SiteDownError
from pipeline.core.params.scrape import Gallery

_SECONDS_TO_LEAVE: Final = 5.0


@contextmanager
def open_gallery(
    site: str, gallery: Gallery, preferred: Mapping[str, str] | None = None
) -> Iterator[dict[str, str]]:
    """Run the replica of ``site`` for the block; yields canonical origin -> address.

    It takes the ``preferred`` addresses that are free: its pages name them, and a page that names
    the same ones as before is the same page.

    The child ends when its standard input does, thus also when this process is killed.

    Raises:
        SiteDownError: the child ended before it served; the sentence gives its last words.
    """
    command = [sys.executable, "-m", "scrapers.gallery.server", "--site", site]
    for name, value in gallery.model_dump().items():
        command += [f"--{name}", str(value)]
    if preferred:
        command += ["--prefer", json.dumps(dict(preferred))]
    with (
        tempfile.TemporaryFile("w+") as words,
        # The program is this project's own; every argument is a checked number or a known name.
        subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, text=True
        ) as child,
    ):
        try:
            yield _origins(child, words, site)
        finally:
            _leave(child)
        for line in _lines(words):
            log.say(f"gallery: {line}")


def _origins(child: subprocess.Popen[str], words: IO[str], site: str) -> dict[str, str]:
    line = child.stdout.readline() if child.stdout else ""
    if not line:
        child.wait()
        reason = (_lines(words) or ["it gave no reason"])[-1]
        raise SiteDownError(f"the embedded gallery of {site} did not start: {reason}")
    origins: dict[str, str] = json.loads(line)
    return origins


def _lines(words: IO[str]) -> list[str]:
    """What the child has written to standard error."""
    words.seek(0)
    return words.read().strip().splitlines()


def _leave(child: subprocess.Popen[str]) -> None:
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(_SECONDS_TO_LEAVE)
    except subprocess.TimeoutExpired:
        child.kill()
