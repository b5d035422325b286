"""What a translation without pairs comes to, and without its cycle, on paintings and walls.

Run as ``python -m tests.benches.unpaired``: the gallery's faultless paintings, and photographs of
the same works on walls, are made as collections below ``--out`` (once), without a crawl. Prints one
row a training; sheets go there, too. A run that was stopped goes on from its checkpoint. Minutes
are those of the process on the CPU, so that other work beside it counts little.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from pipeline.core import shards, tables
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.known_pairs import known_pairs
from pipeline.core.params.translation import UnpairedTranslation
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import LISTINGS, VARIANTS
from pipeline.core.shards import Pixels
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.walls import Walls
from train.compute import device
from train.loop import checkpoint
from train.loop.training import Training
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.samples import sheets
from train.translation.curated import Curated
from train.translation.evaluation_both_ways import evaluated
from train.translation.subject import subject_of
from train.translation.unpaired import UnpairedGame

VARIATIONS: Final[dict[str, dict[str, float]]] = {
    "whole": {},
    "no cycle": {"cycle_weight": 0.0},
    "no identity": {"identity_weight": 0.0},
    "no pool": {"pool": 0},
}
ENDS: Final = {"photographs": Walls, "paintings": Paintings}
_SIDE: Final = 64
_SHARD: Final = "2026-01-01-00000"
_EACH_HELD_OUT: Final = 5


def make_collection(paths: Paths, catalogue: Paintings) -> None:
    """Write the faultless works of ``catalogue``, each and mirrored; each fifth is held out."""
    works = [work for work in catalogue.works if not work.picture.defects]
    squares, rows, listed = [], [], []
    for number, work in enumerate(works):
        data = catalogue.image(work.picture, None)
        if data is None:
            raise LookupError(f"{work.picture.key}: the gallery has no such file")
        squares.append(_square(data))
        image = image_id_of(sha256_hex(data))
        split = "train" if number % _EACH_HELD_OUT else "held_out"
        rows += [
            {"image_id": image, "transform": transform, "status": "keep", "decided_by": "rule",
             "split": split, "shard": _SHARD, "row": number}
            for transform in ("flip_left_right", "identity")
        ]  # fmt: skip
        listed.append(
            {"capture": "2026-01-01", "source": "wikiart", "listing_id": work.id, "position": 0,
             "image_key": work.picture.key, "page_url": work.slug, "image_id": image}
        )  # fmt: skip
    shards.write(paths.pixel_shard(_SIDE, _SHARD), np.stack(squares))
    for schema, content in ((VARIANTS, rows), (LISTINGS, listed)):
        content.sort(key=lambda row: [row[column] for column in schema.key])
        tables.write(paths.table(schema.name), schema, tables.from_rows(schema, content))


def _square(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as picture:
        whole = picture.convert("RGB")
    side = min(whole.size)
    left, top = ((length - side) // 2 for length in whole.size)
    box = (left, top, left + side, top + side)
    return np.asarray(whole.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box))


def measured(paths: TranslationPaths, params: UnpairedTranslation, out: Path) -> dict[str, Any]:
    """Train, judge on held-out photographs, write the sheets into ``out``."""
    photographs, paintings = (
        Curated.of(each.pixels, tables.read(each.table("variants"), VARIANTS))
        for each in (paths.source, paths.aim)
    )
    compute = device.find()
    subject = subject_of(paths.name, params, photographs, paintings)
    training = Training(params, compute, photographs.pixels, photographs.train, out, subject)
    saved, _ = checkpoint.load_latest(out)
    if saved is not None:  # of a run that was stopped; the minutes are then those of the rest
        training.restore(saved, out)
    begun = time.process_time()
    training.run(lambda _row: None, lambda: False)
    minutes = (time.process_time() - begun) / 60
    game = training.recipe
    if not isinstance(game, UnpairedGame):
        raise TypeError(type(game).__name__)
    game.generator.load_state_dict(training.state.averaged_generator().state_dict())
    judges = (Extractor(compute), Mobilenet(compute))
    known = known_pairs(paths, params)
    outcome = evaluated(game, photographs, paintings, known, judges, params.seed)
    for name, paper in outcome.sheets.items():
        sheets.write_png(out / f"{name}.png", paper)
    return {"minutes": round(minutes, 2), **outcome.results}


def main() -> None:
    """Print one row for each variation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variations", nargs="+", choices=list(VARIATIONS), default=["whole"])
    parser.add_argument("--works", type=int, default=240)
    parser.add_argument("--kimg", type=float, default=6.0)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path("work/benches/unpaired"))
    arguments = parser.parse_args()
    device.make_deterministic()
    for name, kind in ENDS.items():
        paths = Paths(arguments.out, name)
        if not paths.table("listings").exists():
            make_collection(paths, kind(1, arguments.works, 30))
    for variation in arguments.variations:
        settings: dict[str, Any] = {
            "collection": "photographs", "target": "paintings", "kind": "unpaired",
            "truth": "listing_id", "kimg": arguments.kimg, "channels": arguments.channels,
            "channels_max": 8 * arguments.channels, "ema_half_life_kimg": 0.5,
            "log_every_kimg": 0.25, "samples_every_kimg": 1.0, "checkpoint_every_kimg": 1.0,
        }  # fmt: skip
        params = UnpairedTranslation.model_validate(settings | VARIATIONS[variation])
        paths_of = TranslationPaths(arguments.out, "unframed", "photographs", "paintings")
        out = arguments.out / variation.replace(" ", "-")
        print(variation, json.dumps(measured(paths_of, params, out)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
