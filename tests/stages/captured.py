"""Finished captures for the tests of `ingest`, and what it makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pipeline.core.paths import Paths
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome
from tests.curation.pictures import composition, encoded


def jpeg(seed: int) -> bytes:
    return encoded(composition(seed, (96, 80)), "JPEG")


def capture(paths: Paths, as_of: str, images: Sequence[bytes], *, shard_bytes: int = 10**6) -> None:
    """A finished capture of ``images``, written as `scrape` writes one."""
    description = CaptureDescription(site="wikiart", origin="gallery", as_of=as_of, selection={})
    book = AddressBook({"https://images.test": "http://127.0.0.1:1"})
    writer = CaptureWriter(paths.capture(as_of), description, book, shard_bytes)
    for seq, body in enumerate(images):
        url = f"https://images.test/{as_of}/{seq}.jpg"
        answered = f"{as_of}T00:00:00.000+00:00"
        writer.add_image(Outcome(url, "http://127.0.0.1:1", Fetch.FETCHED, answered, body=body))
    writer.finish({})


def contents(paths: Paths) -> dict[str, str]:
    """The sha256 of every file that the stage is to make, by its path."""
    files = [paths.table("images"), *sorted(paths.pixels.rglob("*.npy"))]
    return {
        str(file.relative_to(paths.root)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }
