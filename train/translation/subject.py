"""A translation as what the loop trains."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.params.translation import Translation
from train.compute.device import Compute
from train.data.variants import Variants
from train.loop.subject import Subject
from train.translation.drawing import PairDrawing
from train.translation.paired import PairedGame


def subject_of(name: str, held_out: Variants) -> Subject:
    """The translation ``name``, whose sheets show images that are ``held_out``."""

    def game(params: Translation, compute: Compute, _variants: Variants) -> PairedGame:
        return PairedGame(params, compute)

    def drawing(
        params: Translation, game: PairedGame, pixels: Path, variants: Variants
    ) -> PairDrawing:
        return PairDrawing(params, game, pixels, variants, held_out)

    return Subject("translate", f"translations.{name}", game, drawing)
