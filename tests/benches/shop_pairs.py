"""What `dedupe` says of a large shop of the gallery, and what it costs.

    python -m tests.benches.shop_pairs [LISTINGS] [FOLDER] [--pool 3000]

paints the pictures of a shop with that many listings (15,000) straight into pixel shards, in FOLDER
where one is given (what is there already is not painted again), and measures them in a process of
its own. It prints seconds of CPU and peak memory, near pairs and the queue by how the two listings
differ, what was said of each kind of planted copy, and the colourways lost. For the bounds that
name this bench it prints of each kind the extremes of what they are about.

A hundred thousand pictures take half an hour to paint. With ``--pool`` only so many listings are
painted, and each other one shows one of them, 64 pixels large, turned by about a pose (.05
radians), a tenth larger or smaller, a pixel beside its place, and with all that is not white in
another tone of each channel, as another model in another colour would be. So that tells costs
alone: seconds, memory, comparisons an image, and beside them how many images are within 20 and 45
bits of one, which says whether such a shop is as crowded as a painted one of that size.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rich.console import Console
from scipy.ndimage import map_coordinates

from curation.duplicates import comparison
from curation.duplicates.candidate_shortlist import layout_distances
from curation.duplicates.candidates import Candidates, Shapes
from curation.duplicates.comparison import Known
from curation.duplicates.descriptors import Descriptors
from curation.duplicates.verification import Likeness
from curation.images.facts import examine
from curation.images.hashes import (
    LongHashes,
    are_featureless,
    long_hashes,
    low_frequencies,
    phashes,
    thumbnail,
)
from pipeline.core import engine, shards, tables
from pipeline.core.engine import WORKERS_VARIABLE
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES
from pipeline.stages import dedupe
from scrapers.gallery.catalogue.shop import Shop
from scrapers.gallery.defects.copy_defects import COPIES
from scrapers.gallery.items import Defect
from scrapers.gallery.painters.watch import assortment

SEED, BRANDS = 3, 12
TURN, SCALE, SHIFT, GAMMA = 0.05, 0.1, 1.0, 0.35
"""Of a varied picture: radians, share and pixels (standard deviations), and exponent."""
CROWDS: Final = (20, 45)
SAMPLE: Final = 2000
SHARD: Final = 250
LISTINGS: Final = 15_000


@dataclass(frozen=True)
class Part:
    """Listings whose pictures make one shard."""

    listings: int
    rows: range


@dataclass(frozen=True)
class Costs:
    """Of one run of the stage."""

    seconds: float
    megabytes: float
    measured: dict[str, npt.NDArray[Any]]
    """Of each pair compared: both images and what the bounds are about."""


def painted(part: Part) -> list[tuple[dict[str, Any], Any]]:
    """The facts and small pixels of each picture that has any."""
    catalogue = Shop(SEED, part.listings, BRANDS)
    made = []
    for row in part.rows:
        data = catalogue.image(catalogue.watches[row].pictures[0], "ExtraLarge")
        facts, pixels = examine(data, Ingest(sizes=(64,))) if data else (None, None)
        if facts is not None and pixels and data:
            sha256 = sha256_hex(data)
            made.append((facts.row() | {"sha256": sha256, "listing": row}, pixels[64]))
    return made


def build(listings: int, paths: Paths) -> dict[int, str]:
    """What `ingest` would make of the shop; the image of each listing."""
    starts = range(0, listings, SHARD)
    parts = [Part(listings, range(start, min(start + SHARD, listings))) for start in starts]
    rows: dict[str, dict[str, Any]] = {}
    shown: dict[int, str] = {}
    for number, pictures in enumerate(engine.run(painted, parts, title="paint")):
        shard = f"{number:05d}"
        with shards.appending(paths.pixel_shard(64, shard), 64) as append:
            for row, (facts, pixels) in enumerate(pictures):
                append(pixels)
                image_id = image_id_of(facts["sha256"])
                shown[facts.pop("listing")] = image_id
                place = {"image_id": image_id, "shard": shard, "row": row, "capture": "1"}
                rows.setdefault(image_id, facts | place)
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, list(rows.values())))
    np.savez(paths.root / "shown.npz", listing=list(shown), image=list(shown.values()))
    return shown


def varied(pool: Pixels, rng: np.random.Generator) -> Pixels:
    """Each of ``pool`` (n, 64, 64, 3) as another listing might show a watch like it."""
    side = pool.shape[1]
    down, across = np.mgrid[:side, :side].astype(np.float32) - (side - 1) / 2
    made = np.empty_like(pool)
    for picture, out in zip(pool, made, strict=True):
        turn, scale = rng.normal(0, TURN), np.exp(rng.normal(0, SCALE))
        x, y = rng.normal(0, SHIFT, 2) + (side - 1) / 2
        rows = scale * (np.cos(turn) * down + np.sin(turn) * across) + y
        columns = scale * (np.cos(turn) * across - np.sin(turn) * down) + x
        gammas = np.exp(rng.uniform(-GAMMA, GAMMA, 3))
        for channel in range(3):
            tone = (255 * (np.arange(256) / 255) ** gammas[channel]).round()
            plane = tone[picture[..., channel]]
            moved = map_coordinates(plane, [rows, columns], order=1, mode="nearest")
            out[..., channel] = moved.round().clip(0, 255)
    return made


def build_varied(listings: int, painted_count: int, paths: Paths) -> None:
    """What `ingest` would make of ``listings`` pictures, of which so many are painted."""
    parts = [
        Part(painted_count, range(start, min(start + SHARD, painted_count)))
        for start in range(0, painted_count, SHARD)
    ]
    pictures = [picture for made in engine.run(painted, parts, title="paint") for picture in made]
    pool = np.stack([pixels for _, pixels in pictures])
    facts = {**pictures[0][0]}
    facts.pop("listing")
    rows: dict[str, dict[str, Any]] = {}
    for number, start in enumerate(range(0, listings, SHARD)):
        listed = np.arange(start, min(start + SHARD, listings))
        squares = varied(pool[listed % len(pool)], np.random.default_rng([SEED, number]))
        is_painted = listed < len(pool)
        squares[is_painted] = pool[listed[is_painted]]
        shard = f"{number:05d}"
        with shards.appending(paths.pixel_shard(64, shard), 64) as append:
            for row, (square, hashes) in enumerate(zip(squares, hashed(squares), strict=True)):
                append(square)
                sha256 = sha256_hex(square.tobytes())
                image_id = image_id_of(sha256)
                place = {"image_id": image_id, "shard": shard, "row": row, "capture": "1"}
                rows.setdefault(image_id, facts | hashes | place | {"sha256": sha256})
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, list(rows.values())))


def hashed(squares: Pixels) -> list[dict[str, Any]]:
    """The facts of squares that `dedupe` reads, made from their pixels."""
    luminances = (squares @ np.array([0.299, 0.587, 0.114])).round().astype(np.uint8)
    thumbnails = np.stack([thumbnail(luminance) for luminance in luminances])
    blocks = low_frequencies(thumbnails)
    columns = {
        "pixel_digest": [sha256_hex(square.tobytes()) for square in squares],
        "phashes": phashes(blocks).tolist(),
        "featureless": are_featureless(blocks).tolist(),
        "whole_hash": long_hashes(thumbnails).tolist(),
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def crowd(hashes: LongHashes) -> list[float]:
    """Images within each of `CROWDS` bits of one of the first `SAMPLE`, itself left out."""
    bits = np.unpackbits(hashes.view(np.uint8), axis=1).astype(np.float32) * 2 - 1
    near = np.zeros(len(CROWDS))
    sample = bits[:SAMPLE]
    for start in range(0, len(bits), SAMPLE):
        distances = (bits.shape[1] - sample @ bits[start : start + SAMPLE].T) / 2
        near += [(distances <= bound).sum() for bound in CROWDS]
    return [float(count / len(sample)) - 1 for count in near]


def measured(root: Path) -> Costs:
    """Run the stage; it must be the first thing that the process does."""
    kept: dict[str, npt.NDArray[Any]] = {}
    verify = comparison.verify_all

    def measure(
        images: Any,
        candidates: Candidates,
        shapes: Shapes,
        pixels: Path,
        known: Known | None = None,
    ) -> Likeness:
        likeness = verify(images, candidates, shapes, pixels, known)
        ids = images["image_id"].to_numpy()
        kept.update(likeness.columns_by_name, a=ids[candidates.first], b=ids[candidates.second])
        return likeness

    search = dedupe.find_candidates

    def find_candidates(
        images: Any, seen: Descriptors, shapes: Shapes, params: Dedupe
    ) -> Candidates:
        kept.update(ids=images["image_id"].to_numpy(), layouts=seen.layouts[:, 0].copy())
        kept.update(hashes=seen.hashes)
        return search(images, seen, shapes, params)

    comparison.verify_all, dedupe.find_candidates = measure, find_candidates
    os.environ[WORKERS_VARIABLE] = "1"  # what workers spend would not be counted
    dedupe.run(Paths(root, "watches"), Dedupe())
    used = resource.getrusage(resource.RUSAGE_SELF)
    return Costs(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, kept)


def difference(a: assortment.Article, b: assortment.Article) -> str:
    """How what two listings show differs."""
    if a.model != b.model:
        return "model"
    names = [name for name in ("pose", "dial", "trim") if getattr(a, name) != getattr(b, name)]
    return " and ".join(names) or "nothing"


@dataclass(frozen=True)
class Truth:
    """What the shop says of its images."""

    catalogue: Shop
    listings: dict[str, list[int]]
    """Of each image."""

    def kind(self, a: str, b: str) -> str:
        """``copy`` where both images show one listing's picture, or else how they differ."""
        sources = [{self._source(item) for item in self.listings[image]} for image in (a, b)]
        if sources[0] & sources[1]:
            return "copy"
        first, second = (self.listings[image][0] for image in (a, b))
        if {first, second} & {item for item in (first, second) if self._is_no_watch(item)}:
            return "no watch"
        return difference(self.catalogue.article(first), self.catalogue.article(second))

    def _source(self, item: int) -> str:
        picture = self.catalogue.watches[item].pictures[0]
        return picture.original or picture.key

    def _is_no_watch(self, item: int) -> bool:
        source = self.catalogue.copied_from(item)
        return self.catalogue.is_stray(item if source is None else source)


def copies(truth: Truth, shown: dict[int, str]) -> Iterator[tuple[Defect, str, str]]:
    """Kind, image and original's image of each planted copy."""
    for item, image in shown.items():
        defects = truth.catalogue.watches[item].pictures[0].defects
        source = truth.catalogue.copied_from(item)
        if defects and defects[0] in COPIES and source in shown:
            yield defects[0], image, shown[source]


def report(truth: Truth, shown: dict[int, str], pairs: list[dict[str, Any]]) -> None:
    """Print what is counted."""
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    said: dict[tuple[str, str], str] = {}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    mistaken: set[str] = set()
    for row in pairs:
        pair = row["a"], row["b"]
        said[pair] = row["kind"]
        kind = truth.kind(*pair)
        counts[row["kind"]][kind] += 1
        if row["kind"] == PairKind.NEAR and kind != "copy":
            mistaken |= {*pair}
    for kind in (PairKind.NEAR, PairKind.DOUBTFUL):
        say(f"{kind}: {dict(counts[kind].most_common())}")
    is_colourway = (Defect.COLOURWAY,)
    colourways = [
        image for item, image in shown.items()
        if truth.catalogue.watches[item].pictures[0].defects == is_colourway
    ]  # fmt: skip
    say(f"colourways lost: {sum(i in mistaken for i in colourways)} of {len(colourways)}")
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, image, original in copies(truth, shown):
        pair = min(image, original), max(image, original)
        by_kind[kind][PairKind.EXACT if image == original else said.get(pair, "neither")] += 1
    for name, told in by_kind.items():
        say(f"{name}: {dict(told)}")


def extremes(truth: Truth, shown: dict[int, str], costs: Costs) -> None:
    """Print, by kind of copy and of other pair, what the bounds are about, at four quantiles."""
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    planted = list(copies(truth, shown))
    say("at 0, 5, 95 and 100 %: distance of layouts")
    for kind in dict.fromkeys(kind for kind, _, _ in planted):
        pairs = [(a, b) for other, a, b in planted if other is kind]
        say(f"{kind}: {_quantiles(_apart(pairs, costs))}")
    kinds = {(min(a, b), max(a, b)): str(kind) for kind, a, b in planted}
    measures = (
        "turn", "framing", "tone_change", "common_change", "ground_change", "edge_distance",
    )  # fmt: skip
    rows: dict[str, list[int]] = defaultdict(list)
    known = costs.measured
    for place in np.flatnonzero(
        (known["edge_distance"] <= 0.1) & (known["region_distance"] <= 3.4)
    ):
        a, b = known["a"][place], known["b"][place]
        rows[kinds.get((min(a, b), max(a, b))) or truth.kind(a, b)].append(int(place))
    say(", ".join(measures))
    for name, places in rows.items():
        columns = "; ".join(_quantiles(known[measure][places]) for measure in measures)
        say(f"{name} ({len(places)}): {columns}")


def _apart(pairs: list[tuple[str, str]], costs: Costs) -> npt.NDArray[np.float32]:
    """How far the layouts of ``pairs`` are apart, under the nearest symmetry."""
    row = {image: place for place, image in enumerate(costs.measured["ids"])}
    first, second = (np.array([row[pair[side]] for pair in pairs]) for side in (0, 1))
    distances = []
    for symmetry in range(len(SYMMETRIES)):
        column = np.full(len(pairs), symmetry, np.uint8)
        candidates = Candidates(first, second, column, np.zeros(len(pairs), np.uint8))
        distances.append(layout_distances(candidates, costs.measured["layouts"]))
    nearest: npt.NDArray[np.float32] = np.min(distances, axis=0)
    return nearest


def _quantiles(values: npt.NDArray[Any]) -> str:
    return str(np.round(np.quantile(values, [0, 0.05, 0.95, 1]), 2))


def costs_of(root: Path) -> Costs:
    """Measure in a process of its own, and print what it took."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        costs = fresh.submit(measured, root).result()
    images, pairs = len(costs.measured["ids"]), len(costs.measured["a"])
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    say(f"{images:,} images, {costs.seconds:.1f} s of CPU, {costs.megabytes:,.0f} MB")
    told = zip(crowd(costs.measured["hashes"]), CROWDS, strict=True)
    say(
        f"{pairs / images:.2f} comparisons an image; "
        + ", ".join(f"{others:.2f} others within {bits} bits" for others, bits in told)
    )
    return costs


def main(listings: int, root: Path) -> None:
    """Paint what is not there, measure, and report."""
    paths = Paths(root, "watches")
    known = root / "shown.npz"
    if known.exists():
        kept = np.load(known)
        shown = dict(zip(kept["listing"].tolist(), kept["image"].tolist(), strict=True))
    else:
        shown = build(listings, paths)
    costs = costs_of(root)
    images: dict[str, list[int]] = defaultdict(list)
    for item, image in shown.items():
        images[image].append(item)
    truth = Truth(Shop(SEED, listings, BRANDS), images)
    report(truth, shown, tables.read(paths.table("pairs"), PAIRS).to_pylist())
    extremes(truth, shown, costs)


def run() -> None:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("listings", type=int, nargs="?", default=LISTINGS)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pool", type=int)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.folder or Path(folder)
        if asked.pool is None:
            main(asked.listings, root)
        else:
            build_varied(asked.listings, asked.pool, Paths(root, "watches"))
            costs_of(root)


if __name__ == "__main__":
    run()
