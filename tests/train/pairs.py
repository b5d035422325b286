"""The smallest translations, beside the collection of `tests.train.small`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from pipeline.core.params.translation import PairedTranslation
from pipeline.core.paths import TranslationPaths
from tests.train import small

NAME: Final = "mended"
PAIRED: Final[dict[str, Any]] = {
    "collection": small.COLLECTION,
    "target": small.COLLECTION,
    "kind": "paired",
    "task": "holes",
    "resolution": 32,
    "channels": 4,
    "channels_max": 8,
    "batch": 4,
    "kimg": 0.06,
    "ema_half_life_kimg": 0.02,
    "log_every_kimg": 0.02,
    "checkpoint_every_kimg": 0.02,
    "samples_every_kimg": 0.03,
    "sample_grid": 3,
}


def params(**changes: Any) -> PairedTranslation:
    """The smallest translation, with ``changes``."""
    return PairedTranslation.model_validate(PAIRED | changes)


def build(root: Path, **changes: Any) -> TranslationPaths:
    """The collection, and params.yaml with the translation `NAME` of it."""
    small.build(root)
    write(root, {NAME: PAIRED | changes})
    return TranslationPaths(root, NAME, small.COLLECTION, small.COLLECTION)


def write(root: Path, translations: dict[str, Any]) -> None:
    """Write ``translations`` into params.yaml."""
    file = root / "params.yaml"
    content = yaml.safe_load(file.read_text())
    file.write_text(yaml.safe_dump(content | {"translations": translations}, sort_keys=False))
