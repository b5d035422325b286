"""How near a translation between two collections comes to the other one, and to known truths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from pipeline.core.shards import Pixels
from train.data.real_images import to_bytes
from train.data.variants import Indices, Variants
from train.metrics.distances import squared_distances
from train.metrics.evaluation import draw_reals, rounded
from train.metrics.fidelity import Numbers, psnr, ssim
from train.translation import judging
from train.translation.curated import Curated
from train.translation.drawing import applied, pair_sheet, some
from train.translation.drawing_both_ways import read
from train.translation.evaluation import COLUMNS, MOST, SHOWN, Evaluation, Judges, Known
from train.translation.unpaired import UnpairedGame

WAYS: Final = ("forth", "back")
_MOST_DECIBELS: Final = 100.0


@dataclass(frozen=True)
class _Way:
    """One direction."""

    there: nn.Module
    and_back: nn.Module
    start: Curated
    end: Curated
    known: Known
    """Images of ``end`` by the images of ``start`` that show the same."""


@dataclass(frozen=True)
class _Made:
    """What became of some images of the start."""

    variants: Variants
    inputs: Pixels
    made: Pixels
    again: Pixels


def evaluated(
    game: UnpairedGame, inputs: Curated, targets: Curated, known: Known, judges: Judges, seed: int
) -> Evaluation:
    """Compare what is made of held-out images with the other collection, and with truths.

    Raises:
        TrainingError, TableError: pixels are missing.
    """
    forth, back = game.generator.forth, game.generator.back
    inverse = {target: source for source, target in known.items()}
    ways = (_Way(forth, back, inputs, targets, known), _Way(back, forth, targets, inputs, inverse))
    results: dict[str, Any] = {"kind": "unpaired"}
    papers: dict[str, Pixels] = {}
    for name, way in zip(WAYS, ways, strict=True):
        results[name], papers[name] = _along(way, game, judges, seed)
    return Evaluation(results, papers, "; ".join(_words(name, results[name]) for name in WAYS))


def _along(
    way: _Way, game: UnpairedGame, judges: Judges, seed: int
) -> tuple[dict[str, Any], Pixels]:
    """The numbers of one direction, and its sheet."""
    made = _made(way, game, seed)
    reals = draw_reals(way.end.train, MOST, seed)
    real, other = (
        _pixels(way.end, way.end.train, places, game) for places in (reals.reference, reals.other)
    )
    with_truth = np.flatnonzero([image in way.known for image in made.variants.image_id])
    truths, with_truth = _truths(way, made.variants, with_truth, game)
    results: dict[str, Any] = {
        "pictures": {"count": len(made.made), "split": way.start.judged_split},
        "cycle_psnr": rounded(float(_decibels(made.again, made.inputs).mean())),
        **judging.distances(made.made, made.inputs, real, other, judges, seed),
    }
    rows = [made.inputs, made.made, made.again]
    if len(with_truth):
        of_truths = [row[with_truth] for row in rows]
        results["truth"] = _nearness(of_truths[1], of_truths[0], truths, real)
        results["truth"] |= _recognised(made.variants.image_id[with_truth], of_truths, truths)
        rows = [*of_truths, truths]
    columns = min(COLUMNS, len(rows[0]))
    return results, pair_sheet([row[:SHOWN] for row in rows], columns)


def _made(way: _Way, game: UnpairedGame, seed: int) -> _Made:
    places = some(way.start.judged, MOST, seed)
    inputs = _read(way.start, way.start.judged, places, game)
    made = applied(way.there, inputs)
    again = applied(way.and_back, made)
    return _Made(way.start.judged.taken(places), *map(to_bytes, (inputs, made, again)))


def _read(source: Curated, variants: Variants, places: Indices, game: UnpairedGame) -> Tensor:
    return read(source.pixels, variants, places, game.resolution, game.compute)


def _pixels(source: Curated, variants: Variants, places: Indices, game: UnpairedGame) -> Pixels:
    if not len(places):
        return np.empty((0, game.resolution, game.resolution, 3), np.uint8)
    return to_bytes(_read(source, variants, places, game))


def _truths(
    way: _Way, variants: Variants, places: Indices, game: UnpairedGame
) -> tuple[Pixels, Indices]:
    """The truths of the ``variants`` at ``places``, and at which of these there is one.

    A truth that was not kept in its collection is none. Each is turned as its variant is.
    """
    originals, _ = way.end.all.originals()
    place_of = {image: place for place, image in enumerate(originals.image_id)}
    truth_of = {
        place: place_of[truth]
        for place in places.tolist()
        if (truth := way.known[variants.image_id[place]]) in place_of
    }
    here = np.array(list(truth_of), np.int64)
    taken = originals.taken(np.array(list(truth_of.values()), np.int64))
    turned = replace(taken, symmetry=variants.symmetry[here])
    return _pixels(way.end, turned, np.arange(len(here)), game), here


def _nearness(made: Pixels, inputs: Pixels, truths: Pixels, reals: Pixels) -> dict[str, Any]:
    """PSNR and SSIM of what was made, of the inputs left as they are, of the mean colour."""
    colour = reals.mean(axis=(0, 1, 2)).round().astype(np.uint8)
    mean_colour = np.broadcast_to(colour, truths.shape)
    named = {"translated": made, "trivial": inputs, "mean_colour": mean_colour}
    return {
        "count": len(truths),
        "psnr": {k: rounded(float(_decibels(v, truths).mean())) for k, v in named.items()},
        "ssim": {k: rounded(float(ssim(v, truths).mean())) for k, v in named.items()},
    }


def _recognised(
    images: npt.NDArray[np.object_], rows: list[Pixels], truths: Pixels
) -> dict[str, Any]:
    """How often, of the truths of different images, the nearest by its pixels is the right one."""
    _, first = np.unique(images, return_index=True)
    vectors = [each[first].reshape(len(first), -1) / 255.0 for each in (*rows[:2], truths)]
    inputs, made, true = vectors
    shares = {
        name: float((squared_distances(each, true).argmin(axis=1) == np.arange(len(first))).mean())
        for name, each in (("translated", made), ("trivial", inputs))
    }
    return {"recognised": {**{k: rounded(v) for k, v in shares.items()}, "of": len(first)}}


def _decibels(made: Pixels, truth: Pixels) -> Numbers:
    limited: Numbers = psnr(made, truth).clip(max=_MOST_DECIBELS)
    return limited


def _words(name: str, results: dict[str, Any]) -> str:
    said = [f"{results['pictures']['count']} pictures"]
    if "truth" in results:
        near = results["truth"]["psnr"]
        said.append(f"PSNR {near['translated']:.2f} dB (trivial {near['trivial']:.2f})")
    if "kid" in results:
        kid = {who: results["kid"][who]["mean"] for who in ("translated", "trivial", "floor")}
        said.append(
            f"KID {kid['translated']:.3f} (trivial {kid['trivial']:.3f}, floor {kid['floor']:.3f})"
        )
    said.append(f"{results['cycle_psnr']:.2f} dB there and back")
    return f"{name} {', '.join(said)}"
