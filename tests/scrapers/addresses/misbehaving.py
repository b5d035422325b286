"""Three hundred addresses at three hosts that misbehave, and what becomes of each if all is right.

Of any twenty addresses, ten are in order; each of the others shows a way of its own in which hosts
of the web go wrong.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.schema import FaultKind, Fetch
from tests.scrapers.files.sets import as_csv
from tests.scrapers.hosts import Host, Reply, serving

COUNT: Final = 300
HOSTS: Final = 3
_SLOW_S: Final = 0.2
_ROBOTS: Final = Reply(b"User-agent: *\nDisallow: /private/\n")
_PAGE: Final = Reply(b"<!doctype html><title>This picture has moved</title>")


@dataclass(frozen=True)
class Listed:
    """A row of the list: where its picture is, and what must become of it."""

    number: int
    path: str
    replies: Sequence[Reply]
    fetch: Fetch = Fetch.FETCHED
    fault: FaultKind | None = None
    """Why the bytes that came are no picture."""
    leads_to: Sequence[Reply] = ()
    """At the address to which it leads."""

    @property
    def host(self) -> int:
        return self.number % HOSTS

    @property
    def body(self) -> bytes:
        """What comes in the end, where anything does."""
        return (*self.replies, *self.leads_to)[-1].body

    @property
    def image_id(self) -> str | None:
        return image_id_of(sha256_hex(self.body)) if self.fetch == Fetch.FETCHED else None

    @property
    def creator(self) -> str:
        return f"creator-{self.number % 7}"


@cache
def clouds(number: int) -> bytes:
    """A JPEG of soft colours that no other number has."""
    colours = np.random.default_rng(number).integers(0, 255, (5, 5, 3), np.uint8)
    buffer = io.BytesIO()
    # Squares with edges, all in the same places, would be taken for a site's mark.
    Image.fromarray(colours).resize((80, 80), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def _well(number: int) -> Listed:
    return Listed(number, f"/{number},a.jpg", [Reply(clouds(number))])


def _busy(number: int) -> Listed:
    busy = Reply(status=429, headers={"Retry-After": "0"})
    return Listed(number, f"/{number}.jpg", [busy, busy, Reply(clouds(number))])


def _down_for_a_while(number: int) -> Listed:
    return Listed(number, f"/{number}.jpg", [Reply(status=503), Reply(clouds(number))])


def _opted_out(number: int) -> Listed:
    reply = Reply(clouds(number), headers={"X-Robots-Tag": "noai"})
    return Listed(number, f"/{number}.jpg", [reply], Fetch.OPTED_OUT)


def _forbidden(number: int) -> Listed:
    return Listed(number, f"/private/{number}.jpg", [Reply(clouds(number))], Fetch.FAILED)


def _page(number: int) -> Listed:
    return Listed(number, f"/{number}.jpg", [_PAGE], fault=FaultKind.NOT_AN_IMAGE)


def _moved(number: int) -> Listed:
    reply = Reply(status=301, headers={"Location": f"/new/{number}.jpg"})
    return Listed(number, f"/{number}.jpg", [reply], leads_to=[Reply(clouds(number))])


def _led_away(number: int) -> Listed:
    reply = Reply(status=302, headers={"Location": "http://elsewhere.test/"})
    return Listed(number, f"/{number}.jpg", [reply], Fetch.FAILED)


def _slow(number: int) -> Listed:
    reply = Reply(clouds(number), before=lambda: time.sleep(_SLOW_S))
    return Listed(number, f"/{number}.jpg", [reply])


def _cut_off(number: int) -> Listed:
    reply = Reply(clouds(number), announced=9_000)
    return Listed(number, f"/{number}.jpg", [reply], Fetch.FAILED)


def _torn(number: int) -> Listed:
    reply = Reply(clouds(number)[:900])
    return Listed(number, f"/{number}.jpg", [reply], fault=FaultKind.UNREADABLE)


def _gone(number: int) -> Listed:
    return Listed(number, f"/{number}.jpg", [Reply(status=404)], Fetch.GONE)


_WAYS: Final[Sequence[Callable[[int], Listed]]] = (
    _busy, _down_for_a_while, _opted_out, _forbidden, _page, _moved, _led_away, _slow, _cut_off,
    _torn, _gone, *[_well] * 9,
)  # fmt: skip


def rows() -> list[Listed]:
    """The list in its order; the ways go round, so that each host has all of them."""
    return [_WAYS[number % len(_WAYS)](number) for number in range(COUNT)]


@contextmanager
def hosts() -> Iterator[list[Host]]:
    """Three hosts that hold the pictures of the list."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(_answers(host))) for host in range(HOSTS)]


def write_list(path: Path, origins: Sequence[str]) -> None:
    """The list as a CSV that tells a creator and a title of each picture."""
    table = [
        {
            "url": f"{origins[row.host]}{row.path}",
            "id": f"{row.number:03d}",
            "artist": row.creator,
            "title": f'No. {row.number}, "untitled"',
        }
        for row in rows()
    ]
    path.write_bytes(as_csv(table))


def _answers(host: int) -> dict[str, list[Reply]]:
    mine = [row for row in rows() if row.host == host]
    new = {f"/new{row.path}": list(row.leads_to) for row in mine if row.leads_to}
    return {"/robots.txt": [_ROBOTS], **{row.path: list(row.replies) for row in mine}, **new}
