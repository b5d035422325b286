"""Pixel shards: plain ``.npy`` files of uint8 (rows, size, size, 3)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from pipeline.core.errors import TableError
from pipeline.core.files import replacing

Pixels = npt.NDArray[np.uint8]


def write(path: Path, pixels: Pixels) -> None:
    """Write ``pixels`` (rows, size, size, 3) to ``path``, atomically."""
    with replacing(path) as file:
        np.save(file, np.ascontiguousarray(pixels), allow_pickle=False)


@contextmanager
def appending(path: Path, size: int) -> Iterator[Callable[[Pixels], None]]:
    """Write a shard one image (size, size, 3) at a time: the bytes of `write`, one row in memory.

    ``path`` appears, whole, when the block ends well.
    """
    rows = 0
    with replacing(path) as file:

        def append(image: Pixels) -> None:
            nonlocal rows
            file.write(image.tobytes())
            rows += 1

        _write_header(file, rows, size)
        yield append
        file.seek(0)
        _write_header(file, rows, size)


def join(parts: Sequence[tuple[Path, Sequence[int]]], path: Path, size: int) -> None:
    """Write those rows of each shard of ``parts`` to ``path``, in that order: the bytes of `write`.

    The parts are mapped, and one at a time is in memory; of none there may be no rows.

    Raises:
        TableError: a part is missing or torn.
    """
    mapped = [(open_shard(part), rows) for part, rows in parts]
    with replacing(path) as file:
        _write_header(file, sum(len(rows) for _, rows in mapped), size)
        for pixels, rows in mapped:
            file.write(pixels[list(rows)].data)


def _write_header(file: IO[bytes], rows: int, size: int) -> None:
    # NumPy pads the header so that it keeps its length while the first axis grows.
    header = {"descr": "|u1", "fortran_order": False, "shape": (rows, size, size, 3)}
    np.lib.format.write_array_header_1_0(file, header)


def open_shard(path: Path) -> np.memmap[Any, np.dtype[np.uint8]]:
    """The pixels at ``path``, read-only and mapped into memory.

    Raises:
        TableError: the file is missing or torn.
    """
    try:
        pixels: np.memmap[Any, np.dtype[np.uint8]] = np.load(
            path, mmap_mode="r", allow_pickle=False
        )
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (ValueError, EOFError, OSError) as error:
        raise TableError(f"{path}: torn or not a pixel shard; run `dvc repro ingest`") from error
    return pixels


def gather(folder: Path, size: int, places: Iterable[tuple[str, int]]) -> Pixels:
    """The pixels at ``places`` (shard, row), in that order: uint8 (n, size, size, 3).

    Raises:
        TableError: a shard is missing or torn.
    """
    return Shards(folder, size).take(places)


class Shards:
    """The shards of one size in a folder.

    Images are read, not mapped: of a mapped shard its neighbours come into the process as well,
    and pairs of images from all over a million would in the end have all pixels there.
    """

    def __init__(self, folder: Path, size: int) -> None:
        """Open none of them yet."""
        self._folder = folder / str(size)
        self._size = size
        self._layouts: dict[str, tuple[int, int]] = {}

    def take(self, places: Iterable[tuple[str, int]]) -> Pixels:
        """The pixels at ``places`` (shard, row), in that order: uint8 (n, size, size, 3).

        Each image is read once, and those of a shard in the order in which they lie there.

        Raises:
            TableError: a shard is missing or torn.
        """
        targets: dict[tuple[str, int], list[int]] = {}
        count = 0
        for count, place in enumerate(places, 1):
            targets.setdefault(place, []).append(count - 1)
        pixels = np.empty((count, self._size, self._size, 3), np.uint8)
        for shard, rows in groupby(sorted(targets), key=itemgetter(0)):
            path = self._folder / f"{shard}.npy"
            start, stored = self._layout(shard, path)
            with path.open("rb", buffering=0) as file:
                for place in rows:
                    first, *others = targets[place]
                    image = pixels[first]
                    offset = start + place[1] * image.nbytes
                    if (
                        place[1] >= stored
                        or os.preadv(file.fileno(), [image], offset) < image.nbytes
                    ):
                        raise TableError(f"{path}: torn; run `dvc repro ingest`")
                    pixels[others] = image
        return pixels

    def _layout(self, shard: str, path: Path) -> tuple[int, int]:
        """Where the pixels of a shard begin, and how many rows it has."""
        if shard not in self._layouts:
            mapped = open_shard(path)
            self._layouts[shard] = mapped.offset, len(mapped)
        return self._layouts[shard]
