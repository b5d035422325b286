"""How near pictures made of pairs are to their truths."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.core.shards import Pixels
from train.data.variants import Variants
from train.translation import judging
from train.translation.curated import Curated
from train.translation.drawing import Pairs, pair_sheet, pairs_of, some
from train.translation.evaluation import COLUMNS, MOST, SHOWN, Evaluation, Judges, Known
from train.translation.paired import PairedGame


def evaluated(
    game: PairedGame, inputs: Curated, targets: Curated, known: Known, judges: Judges, seed: int
) -> Evaluation:
    """Compare what the generator of ``game`` makes of held-out images with these images.

    Raises:
        TrainingError, TableError: pixels are missing.
    """
    del targets, known  # all pairs are known, and of one collection
    pairs = _some(game, inputs, inputs.judged, seed)
    others = _some(game, inputs, inputs.train, seed + 1)
    made = pairs.made_by(game.generator)
    results: dict[str, Any] = {
        "kind": "paired",
        "says": pairs.task.says,
        "masked": pairs.task.masked,
        "pairs": {"count": len(made), "split": inputs.judged_split},
        **judging.fidelity(pairs, made, others),
        **judging.distances(made, pairs.guesses(), pairs.truths, others.truths, judges, seed),
    }
    return Evaluation(results, _sheets(pairs, made), _words(results))


def _some(game: PairedGame, source: Curated, variants: Variants, seed: int) -> Pairs:
    return pairs_of(game, source.pixels, variants, some(variants, MOST, seed))


def _sheets(pairs: Pairs, made: Pixels) -> dict[str, Pixels]:
    rows = [pairs.pictures(), pairs.guesses(), made, pairs.truths]
    columns = min(COLUMNS, len(made))
    worst = np.argsort(judging.errors(pairs, made), kind="stable")[::-1][:columns]
    return {
        "pairs": pair_sheet([row[:SHOWN] for row in rows], columns),
        "worst": pair_sheet([row[worst] for row in rows], columns),
    }


def _words(results: dict[str, Any]) -> str:
    psnr, ssim = results["psnr"], results["ssim"]
    return (
        f"PSNR {psnr['translated']:.2f} dB (trivial {psnr['trivial']:.2f}, mean colour "
        f"{psnr['mean_colour']:.2f}), SSIM {ssim['translated']:.3f} (trivial "
        f"{ssim['trivial']:.3f}, mean colour {ssim['mean_colour']:.3f}) over "
        f"{results['pairs']['count']} pairs of {results['pairs']['split']}"
    )
