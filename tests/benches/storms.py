"""Captures that are killed, stormed at and left by their hosts, against undisturbed ones.

``python -m tests.benches.storms`` takes about ten minutes: for both sites, with and without the
works' own pages, with 1, 2, 3 and 5 images a listing, one capture in peace and one among random
kills (SIGKILL), storms (the next requests of every address fail twice) and outages (pages and
images answer 500 until the capture gives up). Rows of the manifest, tables and pixels must be the
same.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from pipeline.core.params.scrape import Gallery, Scrape
from pipeline.core.paths import Paths
from scrapers.gallery.catalogue.paintings import Paintings
from tests.scrapers.crawl.storms import (
    CountingGallery,
    Kind,
    capture_calmly,
    capture_disturbed,
    counting_gallery,
    derived,
    manifest_of,
    random_plan,
)

WORKS: Final = 300
CREATORS: Final = 6
IMAGES_PER_LISTING: Final = (1, 2, 3, 5)
DISTURBANCES: Final = Counter({Kind.KILL: 40, Kind.STORM: 20, Kind.OUTAGE: 10})
"""Over all captures together; each gets its share."""
FIRST_REQUESTS: Final = 120
"""A disturbance comes after at most so many requests of a run."""


def _params(site: str, details: bool, images_per_listing: int) -> Scrape:
    common: dict[str, Any] = {
        "as_of": "2026-05-04",
        "details": details,
        "images_per_listing": images_per_listing,
        "seconds_between_pages": 0.0,
        "seconds_between_images": 0.0,
        "connections": 4,
        "shard_mb": 1.0,
    }
    if site == "chrono24":
        return Scrape(site=site, image_size="ExtraLarge", **common)
    artists = tuple(each.slug for each in Paintings(3, WORKS, CREATORS).creators)
    return Scrape(site=site, image_size="Large", artists=artists, **common)


def _shares(parts: int) -> list[Counter[Kind]]:
    """The disturbances, dealt out in turn."""
    shares: list[Counter[Kind]] = [Counter() for _ in range(parts)]
    for number, kind in enumerate(DISTURBANCES.elements()):
        shares[number % parts][kind] += 1
    return shares


def _compare(
    gallery: CountingGallery, params: Scrape, share: Counter[Kind], chance: random.Random
) -> tuple[Counter[str], int, bool, bool]:
    """What happened, rows of the manifest, whether those are the same, and whether files are."""
    plan = random_plan(chance, share, FIRST_REQUESTS)
    with tempfile.TemporaryDirectory(prefix="salon-storms-") as folder:
        calm = Paths(Path(folder) / "calm", "some")
        disturbed = Paths(Path(folder) / "disturbed", "some")
        capture_calmly(gallery, calm, params)
        happened = capture_disturbed(gallery, disturbed, params, plan)
        rows = manifest_of(calm, params)
        same_rows = manifest_of(disturbed, params) == rows
        return happened, len(rows), same_rows, derived(disturbed) == derived(calm)


def main() -> int:
    """Print a row a capture; leaves with 1 if any differs."""
    table = Table(title=f"{WORKS} works a capture, {dict(DISTURBANCES)} over all")
    columns = ("site", "details", "images", "requests", "kills", "storms", "outages", "runs")
    for column in (*columns, "rows", "tables and pixels", "minutes"):
        table.add_column(column, justify="right")
    settings = list(product(("wikiart", "chrono24"), (True, False), IMAGES_PER_LISTING))
    shares, chance, different = _shares(len(settings)), random.Random(7), 0
    for (site, details, images), share in zip(settings, shares, strict=True):
        begun = time.monotonic()
        size = Gallery(seed=3, works=WORKS, creators=CREATORS)
        with counting_gallery(site, size) as gallery:
            params = _params(site, details, images)
            happened, rows, same_rows, same_files = _compare(gallery, params, share, chance)
        different += not (same_rows and same_files)
        runs = sum(count for name, count in happened.items() if name.startswith("exit"))
        counts = [*(happened[kind] for kind in Kind), runs]
        verdicts = ["same" if same else "DIFFER" for same in (same_rows, same_files)]
        minutes = f"{(time.monotonic() - begun) / 60:.1f}"
        cells = (site, details, images, rows, *counts, *verdicts, minutes)
        table.add_row(*map(str, cells))
        sys.stderr.write(f"{' '.join(map(str, cells))}\n")
    Console(width=140).print(table)
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
