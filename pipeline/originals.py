"""The bytes of an image as it was fetched, by its id."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import ID_LENGTH, image_id_of, sha256_hex
from pipeline.core.paths import Paths
from scrapers.capture import list_captures
from scrapers.capture.file_names import IMAGE


@dataclass(frozen=True)
class _Places:
    """Where every image of a collection lies, sorted by id."""

    ids: npt.NDArray[np.bytes_]
    shard: list[Path]
    shard_of: npt.NDArray[np.int64]
    offset: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]


class Originals:
    """Looks images up in the captures; a collection's manifests are read when first asked for."""

    def __init__(self, root: Path) -> None:
        """Look below ``root``."""
        self._root = root
        self._lock = threading.Lock()
        self._known: dict[str, _Places] = {}

    def fetch(self, collection: str, image_id: str) -> bytes | None:
        """The bytes of an image; None where its capture is not here, or holds something else.

        Raises:
            CaptureError, TableError: the description or manifest of a capture is torn.
        """
        with self._lock:
            if collection not in self._known:
                self._known[collection] = _places(Paths(self._root, collection))
        known = self._known[collection]
        place = int(np.searchsorted(known.ids, image_id.encode()))
        if place == len(known.ids) or known.ids[place] != image_id.encode():
            return None
        try:
            with known.shard[int(known.shard_of[place])].open("rb") as file:
                file.seek(int(known.offset[place]))
                data = file.read(int(known.length[place]))
        except FileNotFoundError:
            return None
        return data if image_id_of(sha256_hex(data)) == image_id else None


def _places(paths: Paths) -> _Places:
    parts = [_EMPTY]
    for capture in list_captures(paths.captures):
        manifest = capture.manifest()
        stored = pc.and_(pc.equal(manifest["kind"], IMAGE), pc.is_valid(manifest["shard"]))
        own = pc.and_(stored, pc.is_null(manifest["held_in"]))
        rows = manifest.filter(own).select(_EMPTY.column_names)
        folder = pa.scalar(f"{capture.folder}/")
        path = pc.binary_join_element_wise(folder, rows["shard"], "")
        parts.append(rows.set_column(1, "shard", path))
    places = pa.concat_tables(parts)
    shard = places["shard"].combine_chunks().dictionary_encode()
    ids = places["sha256"].to_numpy().astype(f"S{ID_LENGTH}")
    order = np.argsort(ids, kind="stable")
    return _Places(
        ids[order],
        [Path(name) for name in shard.dictionary.to_pylist()],
        shard.indices.to_numpy().astype(np.int64)[order],
        places["offset"].to_numpy()[order],
        places["bytes"].to_numpy()[order],
    )


_EMPTY = pa.schema(
    [
        ("sha256", pa.string()),
        ("shard", pa.string()),
        ("offset", pa.int64()),
        ("bytes", pa.int64()),
    ]
).empty_table()
