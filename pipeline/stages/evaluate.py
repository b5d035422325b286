"""Stage `evaluate`: how far the samples are from the data, and whether they are copies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import read_object, write_json
from pipeline.core.little_learnt import little_learnt
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.compute import device
from train.conditions.condition_table import ConditionTable, read_conditions
from train.conditions.data_sheet import read_sheet
from train.conditions.vectors import Floats
from train.data.real_images import RealImages
from train.data.variants import Indices, Variants
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.export.model_file import Model
from train.metrics.attributes import Seen, judge_attributes
from train.metrics.copies import Copies, FeaturedPictures, look_for_copies
from train.metrics.copies import unmeasured_copies as unmeasured_copies
from train.metrics.distances import FEWEST
from train.metrics.evaluation import (
    Sets,
    compare_sets,
    draw_reals,
    frechets,
    judged_otherwise,
    kids,
    unmeasured,
)
from train.metrics.features import Extractor
from train.metrics.inception import Inception
from train.metrics.mobilenet import Mobilenet
from train.metrics.persistence import Map, map_picture, persistence
from train.metrics.retrieval import CAPTION, MOST_JUDGED, MOST_READ, Captioned, judge_captions
from train.metrics.sheet_attributes import sheet_attributes
from train.samples import sheets

_SHEET_COLUMNS = 8
_MAP_PX = 256
_PROBED = 1024
"""Real images that a probe of attributes learns from, and as many to try it, at most."""


def run(paths: Paths, params: Evaluate) -> None:
    """Compare samples of the trained and of the untrained generator with real images.

    Raises:
        TableError, TrainingError: the model, the pixels or the table of variants is missing.
    """
    device.make_deterministic()
    compute = device.find()
    weights = paths.model / WEIGHTS
    model = model_file.load_model(weights, compute)
    shown, held_out = _splits(paths)
    resolution = model.params.resolution
    reals = draw_reals(shown, params.samples, params.seed)
    count = len(reals.reference) if reals.are_enough else params.samples
    samples = model.draw(count, params.seed)
    real_pixels = _pixels(paths, shown, reals.reference, resolution)
    some_held_out = _some(len(held_out), count, params.seed)
    pixels = Sets(
        samples=samples,
        untrained=model_file.untrained(weights, compute).draw(count, params.seed),
        reals=real_pixels,
        other_reals=_pixels(paths, shown, reals.other, resolution),
        held_out=_pixels(paths, held_out, some_held_out, resolution),
    )
    originals, _ = shown.originals()
    images = RealImages(paths.pixels, originals, resolution)
    if reals.are_enough:
        extract = Extractor(compute)
        sets = pixels.seen_by(extract)
        featured = FeaturedPictures(samples, sets.samples)
        unseen = _each_once(paths, held_out, count, params.seed, resolution)
        copies = look_for_copies(
            featured, FeaturedPictures(unseen, extract(unseen)), images, extract, params.seed
        )
        results = compare_sets(sets, params.seed)
        results |= judged_otherwise(pixels, Mobilenet(compute), params.seed)
    else:
        copies, results = unmeasured_copies(samples, images), unmeasured(pixels)
    maps = persistence(samples), persistence(real_pixels)
    results |= {
        "copies": copies.numbers,
        "persistence": {"samples": _high(maps[0]), "reals": _high(maps[1])},
    }
    if params.inception is not None and reals.are_enough:
        results |= _by_inception(Inception(paths.root / params.inception, compute), pixels, params)
    if model.vectors is not None:
        drawn_of = _judge_conditions(paths, model, shown, held_out, samples, params.seed)
        results |= {"drawn_of": drawn_of}
    write_json(paths.evaluation / "evaluation.json", results)
    _write_sheets(paths, params, samples, real_pixels, copies)
    sheets.write_png(paths.evaluation / "persistence.png", _side_by_side(maps))
    log.say(_last_line(results))
    told = little_learnt(results, read_object(paths.model / "model.json").get("images_seen"))
    if told:
        log.say(f"evaluate: {told[0].lower()}{told[1:]}")


def _splits(paths: Paths) -> tuple[Variants, Variants]:
    """The images that were trained on and those that were held out."""
    table = tables.read(paths.table("variants"), VARIANTS)
    shown, held_out = (Variants.of(table, split) for split in (Split.TRAIN, Split.HELD_OUT))
    if not len(shown):
        raise TrainingError(
            f"{paths.table('variants')}: no image is left to compare with; see {paths.funnel}"
        )
    return shown, held_out


def _by_inception(inception: Inception, pixels: Sets, params: Evaluate) -> dict[str, Any]:
    sets = pixels.seen_by(inception)
    return {
        "inception": inception.file,
        "fid_inception": frechets(sets),
        "kid_inception": kids(sets, params.seed),
    }


def _judge_conditions(
    paths: Paths, model: Model, shown: Variants, held_out: Variants, samples: Pixels, seed: int
) -> dict[str, Any]:
    """Whether samples show what they were drawn of, by what real images have taught."""
    conditions = read_conditions(paths, model.params)
    if conditions is None:
        return {}
    if model.condition.get("kind") == "text":
        once, _ = held_out.originals()
        both = (shown.with_vectors(conditions), once.with_vectors(conditions))
        return {CAPTION: _captions(paths, model, *both, seed)}
    return _attributes(paths, model, conditions, shown, held_out, samples)


def _captions(
    paths: Paths, model: Model, shown: Variants, held_out: Variants, seed: int
) -> dict[str, Any] | None:
    """How often a picture drawn of the caption of an image held out shows that one of ten."""
    read, reals = (
        each.taken(_some(len(each), most, seed))
        for each, most in ((shown, MOST_READ), (held_out, MOST_JUDGED))
    )
    if read.vectors is None or reals.vectors is None or not len(reals):
        return None
    of_read, of_reals = (
        each.vectors.at(np.arange(len(each))) for each in (read, reals) if each.vectors
    )
    asked = np.resize(of_reals, (MOST_JUDGED, of_reals.shape[1]))
    fakes = model.of_vectors(asked).draw(MOST_JUDGED, seed)
    real_pixels, held_out_pixels = (
        _pixels(paths, each, np.arange(len(each)), model.params.resolution)
        for each in (read, reals)
    )
    return judge_captions(
        Captioned.of(real_pixels, of_read),
        Captioned.of(held_out_pixels, of_reals),
        Captioned.of(fakes, asked),
    )


def _attributes(
    paths: Paths,
    model: Model,
    conditions: ConditionTable,
    shown: Variants,
    held_out: Variants,
    samples: Pixels,
) -> dict[str, Any]:
    """Whether ``samples`` show what their vectors say, by a probe that real images have taught."""
    resolution = model.params.resolution
    seen, known = _some_known(paths, shown, conditions, resolution)
    unseen, known_of_unseen = _some_known(paths, held_out, conditions, resolution)
    asked = model.rows(len(samples))
    attributes = sheet_attributes(read_sheet(model.condition), known, known_of_unseen, asked)
    return judge_attributes(Seen.of(seen, unseen, samples), attributes)


def _some_known(
    paths: Paths, variants: Variants, conditions: ConditionTable, resolution: int
) -> tuple[Pixels, Floats]:
    """Images, each once and upright, not more than a probe needs, and their vectors."""
    originals, _ = variants.originals()
    some = originals.taken(_some(len(originals), _PROBED, seed=0))
    places = np.arange(len(some))
    vectors = conditions.of(some.image_id).at(places)
    return _pixels(paths, some, places, resolution), vectors


def _high(persistent: Map) -> float:
    """The hundredth of all places where pictures agree most begins here."""
    return round(float(np.quantile(persistent, 0.99)), 6)


def _side_by_side(maps: Sequence[Map]) -> Pixels:
    pictures = np.stack([map_picture(each) for each in maps])
    return sheets.side_by_side(list(sheets.enlarged(pictures, max(_MAP_PX, pictures.shape[1]))))


def _pixels(paths: Paths, variants: Variants, places: Indices, resolution: int) -> Pixels:
    if not len(places):
        return np.empty((0, resolution, resolution, 3), np.uint8)
    images = RealImages(paths.pixels, variants.taken(places), resolution)
    return images.pictures(np.arange(len(places)))


def _each_once(paths: Paths, variants: Variants, most: int, seed: int, resolution: int) -> Pixels:
    """Images once each: the variants of one are all as near, and would count as many."""
    originals, _ = variants.originals()
    return _pixels(paths, originals, _some(len(originals), most, seed), resolution)


def _some(count: int, most: int, seed: int) -> Indices:
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def _write_sheets(
    paths: Paths, params: Evaluate, samples: Pixels, reals: Pixels, copies: Copies
) -> None:
    closest = np.argsort(copies.neighbours.distance, kind="stable")[: params.nearest_shown]
    pairs = np.concatenate([samples[closest], copies.nearest_pixels[closest]])
    sheets.write_png(paths.evaluation / "nearest.png", sheets.sheet(pairs, len(closest)))
    shown = [
        sheets.sheet(pixels[: _SHEET_COLUMNS**2], _SHEET_COLUMNS) for pixels in (samples, reals)
    ]
    sheets.write_png(paths.evaluation / "samples_and_reals.png", sheets.side_by_side(shown))


def _last_line(results: dict[str, Any]) -> str:
    if not results["kid"]:
        return (
            f"evaluate: fewer than {2 * FEWEST} images, so no distance is measured; samples, their "
            f"nearest images and what never changes are shown all the same"
        )
    kid = {name: value["mean"] for name, value in results["kid"].items()}
    copied = results["copies"]["pixels"]["share_of_near_copies"]
    return (
        f"evaluate: KID {kid['untrained']:.4f} -> {kid['trained']:.4f} "
        f"(untrained -> trained), floor {kid['floor']:.4f}; {results['features']['name']}, "
        f"{results['images']['each_side']} images each; near copies {copied:.1%}"
    )
