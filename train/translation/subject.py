"""A translation as what the loop trains."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.params.translation import Translation
from train.compute.device import Compute
from train.data.variants import Source, Variants
from train.loop.subject import Drawing, Subject
from train.translation.curated import Curated
from train.translation.game import TranslationGame
from train.translation.kinds import kind_of


def subject_of(name: str, params: Translation, inputs: Curated, targets: Curated) -> Subject:
    """The translation ``name`` from one collection to another, or within one."""
    kind = kind_of(params)

    def game(params: Translation, compute: Compute, _variants: Variants) -> TranslationGame:
        return kind.game(params, compute)

    def drawing(
        params: Translation, game: TranslationGame, _pixels: Path, _variants: Variants
    ) -> Drawing:
        return kind.drawing(params, game, inputs, targets)

    beside = Source(targets.pixels, targets.train) if kind.of_two else None
    return Subject("translate", f"translations.{name}", game, drawing, beside)
