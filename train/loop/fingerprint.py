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

from pipeline.core import code
from pipeline.core.params.train import LoopParams
from pipeline.core.schema import Status
from train.conditions.vectors import Vectors

_COLUMNS: Final = ("image_id", "transform", "split", "shard", "row")
_HARMLESS: Final = {
    "kimg",  # a longer training begins as a shorter one does
    "checkpoint_every_kimg",
    "keep_checkpoints",
    "keep_trainings",
    "log_every_kimg",
    "minutes",  # as kimg
    "on_unhealthy",
    "publish",
    "sample_grid",
    "samples_every_kimg",
    "truth",  # of a translation, whose evaluation alone asks for it
    "warm_start",  # a path; what the file holds is named by its content
}
"""Params that change what is looked at, judged, kept or published, and no step."""
_ENDS: Final = {"kimg", "minutes"}
"""Where learning rates fall towards the end, every step knows how far it is."""

_OUTSIDE_TRAIN: Final = "pipeline.core.transforms"
"""The one module outside this package in which what a step does is written."""

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


def data_digest(
    variants: pa.Table, params: LoopParams, *others: pa.Table, vectors: Vectors | None = None
) -> str:
    """Names the kept variants: image ids pin the pixels, as an image is its bytes.

    ``others`` are those of further collections. Creators count where ``params`` look at them, and
    ``vectors``, those of the variants that are shown, where there are any.
    """
    columns = (*_COLUMNS, "creator") if params.class_balanced or params.tells_classes else _COLUMNS
    digest = _Digest()
    for table in (variants, *others):
        kept = table.filter(pc.equal(table["status"], Status.KEEP)).select(list(columns))
        pyarrow.csv.write_csv(kept, pa.PythonFile(digest, mode="w"))
    if vectors is not None:
        digest.write(str(vectors.values.shape).encode())
        digest.write(vectors.values[vectors.place].astype("<f4").tobytes())
    return digest.hexdigest()


def code_digest(recipe: type) -> str:
    """Names the code of the steps of one network: what `train.loop.step` and ``recipe`` import.

    What draws samples, measures, watches or publishes is not among it, nor is another network.
    """
    modules = code.closure({"train.loop.step", recipe.__module__})
    return code.digest(
        module for module in modules if module.startswith("train.") or module == _OUTSIDE_TRAIN
    )


def fingerprint(
    params: LoopParams,
    data: str,
    shards: Iterable[Path],
    code_of_steps: str,
    first_weights: str | None = None,
) -> str:
    """Names a training by its data, pixel shards (name and size), params and code.

    ``first_weights`` names the content of the checkpoint from which it starts warm.
    """
    files = [[path.parent.name, path.name, path.stat().st_size] for path in shards]
    falls = params.learning_rate_falls_from is not None
    parts: dict[str, Any] = {
        "code": code_of_steps,
        "data": data,
        "params": params.model_dump(mode="json", exclude=_HARMLESS - (_ENDS if falls else set())),
        "shards": sorted(files),
        "first_weights": first_weights,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:_DIGITS]
