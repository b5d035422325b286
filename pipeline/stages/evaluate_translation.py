"""Stage `evaluate-translation`: how near translated pictures come to what they should be."""

from __future__ import annotations

from pipeline.card import translation_card
from pipeline.core import log, tables
from pipeline.core.errors import TrainingError
from pipeline.core.files import write_bytes, write_json
from pipeline.core.known_pairs import known_pairs
from pipeline.core.params.translation import Translation
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import VARIANTS
from train.compute import device
from train.export.model_description import WEIGHTS
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.samples import sheets
from train.translation import model
from train.translation.curated import Curated
from train.translation.evaluations import EVALUATED


def run(paths: TranslationPaths, params: Translation) -> None:
    """Compare what the trained network makes of held-out images with what it should make.

    Raises:
        TableError, TrainingError: the model, the pixels or a table is missing.
    """
    device.make_deterministic()
    compute = device.find()
    translator = model.load(paths.model / WEIGHTS, compute)
    inputs, targets = _curated(paths.source), _curated(paths.aim)
    known = known_pairs(paths, params)
    judges = (Extractor(compute), Mobilenet(compute))
    outcome = EVALUATED[params.kind](translator.game, inputs, targets, known, judges, params.seed)
    write_json(paths.evaluation / "evaluation.json", outcome.results)
    for name, paper in outcome.sheets.items():
        sheets.write_png(paths.sheets / f"{name}.png", paper)
    write_bytes(paths.report, translation_card.page(paths).encode())
    log.say(f"evaluate-translation {paths.name}: {outcome.words}; {paths.report}")


def _curated(source: Paths) -> Curated:
    """The images of a collection.

    Raises:
        TableError, TrainingError: the table is missing, or no image is left.
    """
    curated = Curated.of(source.pixels, tables.read(source.table("variants"), VARIANTS))
    if not len(curated.train):
        raise TrainingError(
            f"{source.table('variants')}: no image is left to compare with; see {source.funnel}"
        )
    return curated
