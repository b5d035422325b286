"""Stage `evaluate-translation`: how near translated pictures are to their truth; their card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from pipeline.card import translation_card
from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import write_bytes, write_json
from pipeline.core.params.translation import Translation
from pipeline.core.paths import TranslationPaths
from pipeline.core.schema import VARIANTS, Split
from pipeline.core.shards import Pixels
from train.compute import device
from train.data.variants import Variants
from train.export.description import WEIGHTS
from train.metrics.distances import FEWEST
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.samples import sheets
from train.translation import judging, model
from train.translation.drawing import Pairs, pair_sheet, pairs_of, some

MOST = 256
"""Pairs that are judged, of as many different images as there are."""
_COLUMNS = 8
_SHOWN = 32


def run(paths: TranslationPaths, params: Translation) -> None:
    """Compare what the trained network makes of held-out images with these images.

    Raises:
        TableError, TrainingError: the model, the pixels or the table of variants is missing.
    """
    device.make_deterministic()
    compute = device.find()
    translator = model.load(paths.model / WEIGHTS, compute)
    table = tables.read(paths.source.table("variants"), VARIANTS)
    shown, held_out = (Variants.of(table, split) for split in (Split.TRAIN, Split.HELD_OUT))
    judged = held_out if len(held_out) else shown
    if not len(shown):
        raise TrainingError(
            f"{paths.source.table('variants')}: no image is left to compare with; see "
            f"{paths.source.funnel}"
        )
    pairs = _pairs(paths, translator, judged, params.seed)
    others = _pairs(paths, translator, shown, params.seed + 1)
    made = translator.make_all(pairs)
    results: dict[str, Any] = {
        "task": params.task,
        "says": pairs.task.says,
        "masked": pairs.task.masked,
        "pairs": {"count": len(made), "split": "held_out" if len(held_out) else "train"},
        **judging.fidelity(pairs, made, others),
    }
    if min(len(made), len(others.truths)) >= FEWEST:
        judges = (Extractor(compute), Mobilenet(compute))
        results |= judging.distances(pairs, made, others, judges, params.seed)
    write_json(paths.evaluation / "evaluation.json", results)
    _write_sheets(paths.evaluation, pairs, made)
    write_bytes(paths.report, translation_card.page(paths).encode())
    log.say(_last_line(paths, results))


def _pairs(
    paths: TranslationPaths, translator: model.Translator, variants: Variants, seed: int
) -> Pairs:
    places = some(variants, MOST, seed)
    return pairs_of(translator.game, paths.source.pixels, variants, places)


def _write_sheets(folder: Path, pairs: Pairs, made: Pixels) -> None:
    rows = [pairs.pictures(), pairs.guesses(), made, pairs.truths]
    columns = min(_COLUMNS, len(made))
    sheet = pair_sheet([row[:_SHOWN] for row in rows], columns)
    sheets.write_png(folder / "pairs.png", sheet)
    worst = np.argsort(judging.errors(pairs, made), kind="stable")[::-1][:columns]
    worst_sheet = pair_sheet([row[worst] for row in rows], columns)
    sheets.write_png(folder / "worst.png", worst_sheet)


def _last_line(paths: TranslationPaths, results: dict[str, Any]) -> str:
    psnr, ssim = results["psnr"], results["ssim"]
    return (
        f"evaluate-translation {paths.name}: PSNR {psnr['translated']:.2f} dB (trivial "
        f"{psnr['trivial']:.2f}, mean colour {psnr['mean_colour']:.2f}), SSIM "
        f"{ssim['translated']:.3f} (trivial {ssim['trivial']:.3f}, mean colour "
        f"{ssim['mean_colour']:.3f}) over {results['pairs']['count']} pairs of "
        f"{results['pairs']['split']}; {paths.report}"
    )
