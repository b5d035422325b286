"""Images from bytes to facts and pixels: in parts, the units of work, which are joined to shards.

A part is small, so that even a small collection keeps every processor busy; a shard is large, so
that a large collection has few files. The rows of a shard are in the order of the image ids: how it
was parted, and in which order the images were read, changes no byte of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core import shards, tables
from pipeline.core.ids import image_id_of
from pipeline.core.params.ingest import Ingest
from pipeline.core.schema import IMAGES
from pipeline.core.shards import Pixels

VERSION: Final = 6
"""Raise it whenever an image would get other facts or other pixels than before."""
FACTS: Final = "images.parquet"
"""Written last, so where it is the part, or the shard, is done."""


def make_part(
    images: Iterable[tuple[str, bytes]], folder: Path, *, capture: str, params: Ingest
) -> None:
    """Examine ``images`` (sha256, bytes) once each and write what was found into ``folder``.

    ``<size>.npy`` holds the pixels of the images that could be decoded, in the order they came,
    one image in memory at a time; ``images.parquet`` holds the facts of all of them, their row
    in the part, and no shard yet.
    """
    # Imported here: the compiled loops take half a second that who joins parts need not pay.
    from curation.images import facts

    named, looks = [], []
    with ExitStack() as stack:
        append: dict[int, Callable[[Pixels], None]] = {
            size: stack.enter_context(shards.appending(folder / f"{size}.npy", size))
            for size in params.sizes
        }
        decoded = 0
        for sha256, data in images:
            look = facts.look_at(data, params)
            for size, image in look.pixels.items():
                append[size](image)
            place = {"shard": None, "row": decoded if look.pixels else None}
            named.append(
                {"image_id": image_id_of(sha256), "sha256": sha256, "capture": capture, **place}
            )
            looks.append(replace(look, pixels={}))
            decoded += bool(look.pixels)
    measured = facts.facts_of(looks)
    rows = [{**names, **of_one.row()} for names, of_one in zip(named, measured, strict=True)]
    tables.write(folder / FACTS, IMAGES, tables.from_rows(IMAGES, rows))


def join_parts(parts: Sequence[Path], folder: Path, *, shard: str, sizes: Iterable[int]) -> None:
    """Write the shard that is made of ``parts``, each with the next ids, into ``folder``."""
    placed: list[pa.Table] = []
    filled: list[tuple[Path, list[int]]] = []
    first_row = 0
    for part in parts:
        facts = tables.read(part / FACTS, IMAGES)
        rows = facts["row"].drop_null().to_pylist()  # in the order of the ids, as they were read
        placed.append(_placed(facts, shard, first_row))
        filled += [(part, rows)] if rows else []
        first_row += len(rows)
    for size in sizes:
        mapped = [(part / f"{size}.npy", rows) for part, rows in filled]
        shards.join(mapped, folder / f"{size}.npy", size)
    tables.write(folder / FACTS, IMAGES, pa.concat_tables(placed))


def _placed(facts: pa.Table, shard: str, first_row: int) -> pa.Table:
    decoded = pc.is_valid(facts["row"]).to_numpy()
    rows = pa.array(np.cumsum(decoded) - 1 + first_row, pa.int32(), mask=~decoded)
    names = pc.if_else(pc.is_valid(rows), shard, pa.scalar(None, pa.string()))
    columns = {**{name: facts[name] for name in facts.column_names}, "shard": names, "row": rows}
    return pa.table(columns, schema=IMAGES.arrow)
