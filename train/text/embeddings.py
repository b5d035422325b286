"""Embeddings of captions, each made once and kept in a table below ``work``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import torch

from pipeline.core import engine, tables
from pipeline.core.schema import EMBEDDINGS
from train.text import minilm
from train.text.minilm import Embeddings

_CHUNK: Final = 256
"""Captions of one task: some seconds, against which the start of a process counts little."""


def embeddings_of(captions: Sequence[str], path: Path) -> Embeddings:
    """The embeddings of ``captions`` (n,): float32 (n, 384).

    What the table at ``path`` holds is read, and what it lacks is made and added.

    Raises:
        TrainingError: the text encoder is not installed.
        TableError: the table is torn; it may be deleted.
    """
    minilm.check_installed()
    distinct = sorted(set(captions))
    texts, vectors = _kept(path)
    kept = set(texts)
    missing = [text for text in distinct if text not in kept]
    if missing:
        chunks = [missing[start : start + _CHUNK] for start in range(0, len(missing), _CHUNK)]
        made = list(engine.run(_embedded_texts, chunks, title="condition", folder=path.parent))
        texts, vectors = [*texts, *missing], np.concatenate([vectors, *made])
        tables.write(path, EMBEDDINGS, _table(texts, vectors))
    place = {text: number for number, text in enumerate(texts)}
    return vectors[[place[caption] for caption in captions]]


def path_in(work: Path) -> Path:
    """Where the table lies below ``work``; other weights would have another one."""
    return work / f"{minilm.NAME}.parquet"


def _embedded_texts(texts: list[str]) -> Embeddings:
    """One task; there are as many processes as cores, so each takes one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return minilm.embed(texts)
    finally:
        torch.set_num_threads(threads)


def _kept(path: Path) -> tuple[list[str], Embeddings]:
    if not path.exists():
        return [], np.empty((0, minilm.DIMENSIONS), np.float32)
    table = tables.read(path, EMBEDDINGS)
    vectors = table["vector"].combine_chunks().flatten().to_numpy()
    return table["caption"].to_pylist(), vectors.reshape(-1, minilm.DIMENSIONS)


def _table(texts: list[str], vectors: Embeddings) -> pa.Table:
    cells = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), minilm.DIMENSIONS)
    return pa.table([pa.array(texts, pa.string()), cells], names=EMBEDDINGS.arrow.names)
