"""A tiny collection to train on: pixels from numbers, every symmetry among the variants."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from pipeline.core import shards, tables
from pipeline.core.params.load import Collection
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES
from train.export.model_description import Data, Description, Results

COLLECTION: Final = "paintings"
SHARDS: Final = ("2026-01-01-00000", "2026-01-01-00001")
CREATORS: Final = ("ana", "ben", None)
"""Of every third image each."""
IMAGES: Final = 24
"""Spread over the shards; each fourth is held out."""

DCGAN: Final[dict[str, Any]] = {
    "model": "dcgan",
    "resolution": 32,
    "width": 8,
    "latent": 8,
    "batch": 8,
    "kimg": 0.12,
    "log_every_kimg": 0.03,
    "checkpoint_every_kimg": 0.02,
    "samples_every_kimg": 0.05,
    "ema_half_life_kimg": 0.02,
    "sample_grid": 2,
}
PROGAN: Final[dict[str, Any]] = {
    "model": "progan",
    "resolution": 16,
    "channels_base": 32,
    "channels_max": 16,
    "latent": 8,
    "batch": 8,
    "minibatch_std_group": 4,
    "fade_kimg": 0.024,
    "stable_kimg": 0.024,
    "log_every_kimg": 0.03,
    "checkpoint_every_kimg": 0.02,
    "samples_every_kimg": 0.05,
    "ema_half_life_kimg": 0.02,
    "sample_grid": 2,
}
RESIDUAL: Final[dict[str, Any]] = {
    "model": "residual",
    "resolution": 32,
    "channels_base": 64,
    "channels_max": 16,
    "latent": 8,
    "batch": 8,
    "kimg": 0.12,
    "penalty_every": 4,
    "augment": ("translate", "cutout", "colour"),
    "log_every_kimg": 0.03,
    "checkpoint_every_kimg": 0.02,
    "samples_every_kimg": 0.05,
    "ema_half_life_kimg": 0.02,
    "sample_grid": 2,
}


def pictures(count: int = IMAGES, size: int = 64, seed: int = 0) -> Pixels:
    """Two flat colours each, split at a random height, with a mark that breaks all symmetry."""
    rng = np.random.default_rng(seed)
    images = np.empty((count, size, size, 3), np.uint8)
    for picture in images:
        edge = rng.integers(size // 4, 3 * size // 4)
        picture[:edge], picture[edge:] = rng.integers(0, 256, (2, 3))
        picture[: size // 8, : size // 4] = rng.integers(0, 256, 3)
    return images


def build(
    root: Path, train: dict[str, Any] | None = None, size: int = 64, count: int = IMAGES
) -> Paths:
    """Write params, pixel shards and the table of variants of one collection below ``root``.

    Fewer images than `IMAGES` are all trained on, and lie in the second shard.
    """
    paths = Paths(root, COLLECTION)
    images = pictures(size=size)
    half = IMAGES // 2
    for shard, part in zip(SHARDS, (images[:half], images[half:]), strict=True):
        shards.write(paths.pixel_shard(size, shard), part)
    rows = [
        {
            "image_id": f"{number:024x}",
            "transform": str(symmetry),
            "status": "reject" if symmetry == "transverse" else "keep",
            "reason": "curator_removed" if symmetry == "transverse" else None,
            "decided_by": "rule",
            "split": "train" if number % 4 or count < IMAGES else "held_out",
            "creator": CREATORS[number % 3],
            "rights": "Fair use" if number % 3 else None,
            "shard": SHARDS[number // half],
            "row": number % half,
        }
        for number in range(IMAGES - count, IMAGES)
        for symmetry in SYMMETRIES
    ]
    tables.write(paths.table("variants"), VARIANTS, tables.from_rows(VARIANTS, rows))
    write_params(root, train or DCGAN)
    return paths


def description(train: dict[str, Any]) -> Description:
    """What a model file of a training with those params says."""
    return Description(
        salon="0.0",
        collection=COLLECTION,
        fingerprint="f" * 16,
        params=train,
        images_seen=1000,
        steps=125,
        compute={"device": "cpu", "torch": "0.0"},
        data=Data(
            sha256="0" * 64,
            images=18,
            variants=126,
            captures=["2026-01-01"],
            rights={"Fair use": 18},
        ),
        parameters={"generator": 1234, "discriminator": 2345},
        results=Results(
            losses={"images": 1000, "generator": 1.5},
            sample_metrics={"images": 1000, "diversity": 0.5},
            findings=0,
            evaluation="nowhere",
        ),
    )


def write_params(root: Path, train: dict[str, Any]) -> None:
    """Write ``root/params.yaml`` with ``train`` as its section of that name."""
    scrape = {
        "site": "wikiart",
        "as_of": "2026-01-01",
        "styles": ["color-field-painting"],
        "image_size": "Large",
    }
    others = Collection.model_fields.keys() - {"scrape", "train"}
    sections = {"scrape": scrape, "train": train, **{name: {} for name in sorted(others)}}
    sections["evaluate"] = {"samples": 32, "nearest_shown": 4}
    sections["enhance"] = {"samples": 3, "network": "animevideov3"}
    content = yaml.safe_dump({"collections": {COLLECTION: sections}})
    (root / "params.yaml").write_text(content)
