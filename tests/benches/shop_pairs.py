"""What `dedupe` says of a large shop of the gallery, and what it costs.

    python -m tests.benches.shop_pairs [LISTINGS] [FOLDER]

paints the pictures of a shop with that many listings (15,000) straight into pixel shards, in FOLDER
where one is given (what is there already is not painted again), and measures them in a process of
its own. It prints seconds of CPU and peak memory, near pairs and the queue by how the two listings
differ, what was said of each kind of planted copy, and the colourways lost. For the bounds that
name this bench it prints of each kind the extremes of what they are about.
"""

from __future__ import annotations

import resource
import sys
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

from curation.duplicates.candidates import Candidates, Shapes
from curation.duplicates.confirmation import Likeness
from curation.duplicates.shortlist import layout_distances
from curation.duplicates.views import Glances
from curation.images.facts import examine
from pipeline.core import engine, shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, PAIRS, PairKind
from pipeline.core.symmetries import SYMMETRIES
from pipeline.stages import dedupe
from scrapers.gallery.catalogue.shop import Shop
from scrapers.gallery.defects.copies import COPIES
from scrapers.gallery.items import Defect
from scrapers.gallery.painters.watch import assortment

SEED, BRANDS = 3, 12
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


def measured(root: Path) -> Costs:
    """Run the stage; it must be the first thing that the process does."""
    kept: dict[str, npt.NDArray[Any]] = {}
    compare = dedupe.measure

    def measure(images: Any, candidates: Candidates, shapes: Shapes, pixels: Path) -> Likeness:
        likeness = compare(images, candidates, shapes, pixels)
        ids = images["image_id"].to_numpy()
        kept.update(likeness.columns_by_name, a=ids[candidates.first], b=ids[candidates.second])
        return likeness

    search = dedupe.find_candidates

    def find_candidates(images: Any, seen: Glances, shapes: Shapes, params: Dedupe) -> Candidates:
        kept.update(ids=images["image_id"].to_numpy(), layouts=seen.layouts[:, 0].copy())
        return search(images, seen, shapes, params)

    dedupe.measure, dedupe.find_candidates = measure, find_candidates
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


def report(truth: Truth, shown: dict[int, str], costs: Costs, pairs: list[dict[str, Any]]) -> None:
    """Print what is counted."""
    say = Console(soft_wrap=True, markup=False, highlight=False).print
    say(f"{len(truth.listings):,} images, {costs.seconds:.1f} s of CPU, {costs.megabytes:,.0f} MB")
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
    measures = ("turn", "framing", "tone_change", "common_change", "edge_distance")
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


def main(listings: int, root: Path) -> None:
    """Paint what is not there, measure, and report."""
    paths = Paths(root, "watches")
    known = root / "shown.npz"
    if known.exists():
        kept = np.load(known)
        shown = dict(zip(kept["listing"].tolist(), kept["image"].tolist(), strict=True))
    else:
        shown = build(listings, paths)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        costs = fresh.submit(measured, root).result()
    images: dict[str, list[int]] = defaultdict(list)
    for item, image in shown.items():
        images[image].append(item)
    truth = Truth(Shop(SEED, listings, BRANDS), images)
    report(truth, shown, costs, tables.read(paths.table("pairs"), PAIRS).to_pylist())
    extremes(truth, shown, costs)


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    if len(sys.argv) > 2:
        main(asked, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(asked, Path(folder))
