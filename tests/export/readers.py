"""The real readers of the formats, imported when a test needs them: together they take seconds."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, Any]


@contextmanager
def _as_they_are() -> Iterator[None]:
    """Other people's warnings are no failure of ours; nothing is asked of the network."""
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def hugging_face(folder: Path, cache: Path, name: str | None = None) -> Any:
    """The splits that `datasets` finds, by name."""
    with _as_they_are():
        import datasets

        datasets.disable_progress_bars()
        return datasets.load_dataset(str(folder), name, cache_dir=str(cache))


def webdataset(shards: list[Path]) -> list[dict[str, Any]]:
    """The samples of `webdataset`, decoded."""
    with _as_they_are():
        import webdataset as wds

        samples = wds.WebDataset([str(shard) for shard in shards], shardshuffle=False)
        return list(samples.decode("pil"))


def croissant(folder: Path, cache: Path) -> tuple[Any, list[str]]:
    """What mlcroissant makes of croissant.json, and what it finds wrong with it.

    It asks once, when it is imported, where to unpack archives, and never cleans up.
    """
    os.environ.setdefault("CROISSANT_CACHE", str(cache))
    with _as_they_are():
        import mlcroissant

        read = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
        issues = read.metadata.ctx.issues
        return read, sorted([*issues.errors, *issues.warnings])


def records(read: Any, name: str) -> list[dict[str, Any]]:
    """The records of a set, by the names of their fields; texts as text."""
    with _as_they_are():
        return [
            {
                key.rpartition("/")[2]: value.decode() if isinstance(value, bytes) else value
                for key, value in record.items()
            }
            for record in read.records(name)
        ]


def image_folder(root: Path) -> tuple[list[str], list[tuple[Path, int]]]:
    """Classes and samples as torchvision's ImageFolder finds them: sorted folders, sorted files."""
    classes = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    suffixes = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
    samples = [
        (path, index)
        for index, name in enumerate(classes)
        for path in sorted((root / name).rglob("*"))
        if path.suffix.lower() in suffixes
    ]
    return classes, samples


def pixels(picture: Image.Image) -> Pixels:
    """A picture as an array of RGB."""
    return np.asarray(picture.convert("RGB"))
