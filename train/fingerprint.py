"""When are two trainings the same one? When data, params and code agree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.core.params.train import Train
from pipeline.core.schema import Status

CODE_VERSION: Final = 3
"""To be raised whenever a change to this package changes the weights that come out."""

_COLUMNS: Final = ("image_id", "transform", "split", "shard", "row")
_HARMLESS: Final = {"checkpoint_every_kimg", "keep_checkpoints", "keep_trainings"}
_DIGITS: Final = 16


class _Digest:
    """A file that keeps nothing of what is written but its sha256."""

    closed = False

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._sha256.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def data_digest(variants: pa.Table, params: Train) -> str:
    """Names the kept variants: image ids pin the pixels, as an image is its bytes.

    Creators count where ``params`` look at them.
    """
    looks_at = (
        (*_COLUMNS, "creator") if params.class_balanced or params.is_conditional else _COLUMNS
    )
    kept = variants.filter(pc.equal(variants["status"], Status.KEEP)).select(list(looks_at))
    digest = _Digest()
    pyarrow.csv.write_csv(kept, pa.PythonFile(digest, mode="w"))
    return digest.hexdigest()


def fingerprint(
    params: Train, data: str, shards: Iterable[Path], first_weights: str | None = None
) -> str:
    """Names a training by its data, pixel shards (name and size), params and code version.

    ``first_weights`` names the content of the checkpoint from which it starts warm.
    """
    harmless = _HARMLESS - ({"checkpoint_every_kimg"} if params.publish == "best" else set())
    settings: dict[str, Any] = params.model_dump(mode="json", exclude=harmless)
    files = [[path.parent.name, path.name, path.stat().st_size] for path in shards]
    parts = {
        "code": CODE_VERSION,
        "data": data,
        "params": settings,
        "shards": sorted(files),
        "first_weights": first_weights,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_DIGITS]
