"""Cost per item of what grows with a collection; `make bench` prints the table.

Each figure is the CPU time of one process, the smallest of a few runs, so that a busy machine
disturbs it little.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import pyarrow as pa
from PIL import Image
from rich.console import Console
from rich.table import Table

from curation.duplicates.candidate_hashes import Hashes, near_hashes
from curation.images.facts import examine
from curation.selection.decide import select
from curation.selection.inputs import Inputs
from pipeline.core import tables
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.select import Select
from pipeline.core.params.train import DcganTrain, ProganTrain, Train
from pipeline.core.schema import DECISIONS, IMAGES, LISTINGS, PACKED, PAIRS, WATERMARK
from pipeline.core.transforms import SYMMETRIES
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.replicas.chrono24 import addresses as chrono24
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart import addresses as wikiart
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.web.messages import App, Request
from scrapers.site_registry import parse_page

RUNS = 3
SIZES = (10_000, 100_000, 1_000_000)


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    items: int
    seconds: float


def cpu_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The least CPU time that ``work`` took."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(runs))


def figures() -> Iterator[Figure]:
    """Every measurement, cheapest first."""
    yield from _start_up()
    yield from _gallery()
    yield from _parse()
    yield from _ingest()
    yield from _neighbours()
    yield from _selection()
    yield from _training()


def _start_up() -> Iterator[Figure]:
    salon = str(Path(sys.executable).with_name("salon"))

    def help_page() -> None:
        subprocess.run([salon, "--help"], check=True, stdout=subprocess.DEVNULL)

    start = time.perf_counter()
    help_page()
    yield Figure("salon --help (wall)", 1, time.perf_counter() - start)


def _gallery() -> Iterator[Figure]:
    count = 24
    works = Paintings(1, 240, 30)
    watches = Watches(2, 360, 12)

    def paint() -> None:
        for work in works.works[:count]:
            works.image(work.picture, None)

    def photograph() -> None:
        for watch in watches.watches[:count]:
            watches.image(watch.pictures[0], "ExtraLarge")

    yield Figure("paint a work of the gallery", count, cpu_seconds(paint, runs=1))
    yield Figure("photograph a watch of the gallery", count, cpu_seconds(photograph, runs=1))


def _parse() -> Iterator[Figure]:
    """Full pages of the replicas: listings of 60, and works' and watches' own pages."""
    works, watches = Paintings(1, 240, 4), Watches(2, 240, 2)
    artist, brand = works.creators[0].slug, watches.creators[0].slug
    own = {
        "wikiart": [wikiart.page_path(work) for work in works.works[:24]],
        "chrono24": [chrono24.page_path(watch) for watch in watches.watches[:24]],
    }
    paths = {
        "a JSON listing of WikiArt": [f"/en/{artist}/mode/all-paintings?json=2&page=1"],
        "a text list of WikiArt": [f"/en/{artist}/all-works/text-list"],
        "a work's own page of WikiArt": own["wikiart"],
        "a listing of Chrono24": [f"/{brand}/index.htm"],
        "a watch's own page of Chrono24": own["chrono24"],
    }
    sites: dict[str, App] = {
        wikiart.WWW: WikiArt(works, {host: host for host in wikiart.HOSTS}),
        chrono24.WWW: Chrono24(watches, {host: host for host in chrono24.HOSTS}),
    }
    for what, asked in paths.items():
        host = wikiart.WWW if "WikiArt" in what else chrono24.WWW
        pages = [(_page(sites[host], host, path), f"{host}{path}") for path in asked]

        def read(pages: list[tuple[bytes, str]] = pages) -> None:
            for body, url in pages:
                assert parse_page(body, url)

        yield Figure(f"parse {what}", len(pages), cpu_seconds(read))


def _page(site: App, host: str, path: str) -> bytes:
    parts = urlsplit(path)
    as_a_script = {"x-requested-with": "XMLHttpRequest"}
    query = dict(parse_qsl(parts.query))
    return site.answer(host, Request(unquote(parts.path), query, as_a_script)).body


def _ingest() -> Iterator[Figure]:
    images = [_jpeg(seed) for seed in range(32)]
    params = Ingest(sizes=(64, 256))

    def decode_all() -> None:
        for data in images:
            examine(data, params)

    yield Figure("ingest a JPEG of 640 x 640 pixels", len(images), cpu_seconds(decode_all))


def _jpeg(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (20, 20, 3), np.uint8))
    file = io.BytesIO()
    coarse.resize((640, 640), Image.Resampling.BICUBIC).save(file, "JPEG", quality=88)
    return file.getvalue()


def _neighbours() -> Iterator[Figure]:
    for size in SIZES:
        join = partial(_count_neighbours, _hashes(size))
        yield Figure("hashes within 10 bits of each other", size, cpu_seconds(join, runs=1))


def _count_neighbours(hashes: Hashes) -> int:
    return sum(len(pairs.left) for pairs in near_hashes(hashes[:, None], hashes[:, None], 10, 10))


def _hashes(size: int) -> Hashes:
    """Random hashes, a tenth of them a few bits away from another."""
    rng = np.random.default_rng(size)
    hashes = rng.integers(0, 2**64, size, np.uint64)
    copies = size // 10
    flips = rng.integers(0, 64, (copies, 5), np.uint64)
    noise = np.bitwise_or.reduce(np.uint64(1) << flips, axis=1)
    hashes[-copies:] = hashes[:copies] ^ noise
    return hashes


def _selection() -> Iterator[Figure]:
    for size in SIZES:
        decide = partial(select, _inputs(size), Select())
        yield Figure("select among images", size, cpu_seconds(decide, runs=1))


def _inputs(size: int) -> Inputs:
    rng = np.random.default_rng(size)
    ids = pa.array([f"{number:024x}" for number in range(size)])
    per_symmetry = len(SYMMETRIES)
    columns: dict[str, object] = {
        "image_id": ids,
        "sha256": ids,
        "capture": pa.repeat("2026-11-22", size),
        "fault": pa.nulls(size, pa.string()),
        "fault_detail": pa.nulls(size, pa.string()),
        "shard": pa.repeat("2026-11-22-00000", size),
        "row": pa.array(np.arange(size, dtype=np.int32)),
        "bytes": pa.array(rng.integers(10_000, 200_000, size)),
        "format": pa.repeat("JPEG", size),
        "mode": pa.repeat("RGB", size),
        "width": pa.array(rng.integers(100, 1000, size, np.int32)),
        "height": pa.array(rng.integers(100, 1000, size, np.int32)),
        "crop_left": pa.nulls(size, pa.int32()),
        "crop_top": pa.nulls(size, pa.int32()),
        "crop_loss": pa.array(rng.random(size, np.float32)),
        "square": pa.repeat("crop", size),
        "pixel_digest": ids,
        "phashes": pa.nulls(size, pa.list_(pa.uint64(), per_symmetry)),
        "featureless": pa.nulls(size, pa.bool_()),
        "whole_hash": pa.nulls(size, pa.list_(pa.uint64(), 4)),
        "luminance_std": pa.array(rng.random(size, np.float32) * 80),
        "entropy": pa.array(rng.random(size, np.float32) * 8),
        "sharpness": pa.array(rng.random(size, np.float32) * 500),
        "sharpness_cells": pa.nulls(size, PACKED["sharpness_cells"]),
        "most_common": pa.array(rng.random(size, np.float32)),
        "blockiness": pa.array(1 + rng.random(size, np.float32)),
        "clipped": pa.array(rng.random(size, np.float32)),
        "chroma_std": pa.array(rng.random(size, np.float32) * 80),
        "symmetry_distances": pa.nulls(size, pa.list_(pa.float32(), per_symmetry)),
        "mean_rgb": pa.nulls(size, pa.list_(pa.float32(), 3)),
    }
    listings = {field.name: pa.nulls(size, field.type) for field in LISTINGS.arrow}
    listings |= {
        "capture": pa.repeat("2026-05-04", size),
        "source": pa.repeat("wikiart", size),
        "listing_id": ids,
        "position": pa.repeat(pa.scalar(0, pa.int32()), size),
        "image_key": ids,
        "image_id": ids,
        "layer": pa.repeat("json", size),
        "fetch": pa.repeat("fetched", size),
        "creator": pa.array([f"artist-{number % 1000}" for number in range(size)]),
    }
    return Inputs(
        pa.table(columns, schema=IMAGES.arrow),
        pa.table(listings).select(LISTINGS.arrow.names),
        _pairs(ids, size // 10),
        tables.from_rows(WATERMARK, []),
        tables.from_rows(DECISIONS, []),
    )


def _pairs(ids: pa.Array, count: int) -> pa.Table:
    ones = np.ones(count, np.float32)
    return pa.table(
        {
            "a": ids[: 2 * count : 2],
            "b": ids[1 : 2 * count + 1 : 2],
            "kind": pa.repeat("near", count),
            "symmetry": pa.repeat("identity", count),
            "phash_distance": pa.repeat(pa.scalar(2, pa.int32()), count),
            "lab_distance": ones,
            "gradient_correlation": ones,
            "chroma_distance": ones,
            "region_distance": ones,
            "edge_distance": ones,
            "light_distance": ones,
            "lookalikes": pa.repeat(pa.scalar(0, pa.int32()), count),
            "neighbours": pa.repeat(pa.scalar(0, pa.int32()), count),
            "chance": ones,
            "suspicion": pa.nulls(count, pa.string()),
        },
        schema=PAIRS.arrow,
    )


def _training() -> Iterator[Figure]:
    # Imported here: torch takes seconds, which the figures above need not wait for.
    import torch

    from train.compute.device import find, make_deterministic
    from train.networks.recipe import Batch
    from train.networks.registry import recipe_for

    make_deterministic()
    sections: dict[str, Train] = {
        "dcgan, width 128, 64 pixels": DcganTrain(model="dcgan"),
        "progan, full width, 32 pixels": ProganTrain(model="progan", resolution=32, batch=16),
    }
    for name, params in sections.items():
        recipe = recipe_for(params, find())
        phase = recipe.phase_at((recipe.total_images or 1) - 1)
        reals = torch.rand(recipe.reals_per_step, 3, phase.resolution, phase.resolution) * 2 - 1
        zeros = torch.zeros(len(reals), dtype=torch.int64)
        batch = Batch(reals, zeros, zeros)

        step = partial(recipe.step, batch, phase, 1)
        step()
        yield Figure(f"train {name}", recipe.reals_per_step, cpu_seconds(step))


def main() -> None:
    """Print the table."""
    table = Table("what", "items", "CPU seconds", "ms an item")
    for figure in figures():
        each = 1000 * figure.seconds / figure.items
        table.add_row(figure.what, f"{figure.items:,}", f"{figure.seconds:.3f}", f"{each:,.4g}")
    Console().print(table)


if __name__ == "__main__":
    main()
