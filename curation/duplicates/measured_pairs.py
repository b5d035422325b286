"""What pairs of images were measured before, so that no run compares two pictures a second time.

A pair is known by what its measures follow from: the pixels of both, the symmetry and the place in
which one is laid over the other, and the code that compares them. So what is found here is what a
comparison would say, whatever became of the tables since, and all of it may be lost at any time.

Each file holds the pairs of one task and is called by the hash of what is in it: a torn one is
known by its name, and passed over.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import llvmlite.binding
import numba
import numpy as np
import numpy.typing as npt
import scipy
import xxhash

import curation.duplicates
import curation.images.gradients
from curation.duplicates.verification import MEASURES, Likeness
from pipeline.core.files import remove_partials, replacing
from pipeline.core.shards import Pixels

Digests = npt.NDArray[np.uint64]
"""(n, 2): a hash of 128 bits of each picture."""
Keys = npt.NDArray[np.uint64]
"""(n, 2): a hash of 128 bits of all that the measures of a pair follow from."""

_ROW: Final = np.dtype([("key", np.uint64, 2), ("measures", np.float32, MEASURES)])
_ROWS: Final = 1 << 18
"""Of one file where many are written anew; about 26 MB."""
_SUFFIX: Final = ".pairs"


def picture_digests(pictures: Pixels) -> Digests:
    """Of each of ``pictures`` (n, 64, 64, 3)."""
    return _hashes(np.ascontiguousarray(pictures).reshape(len(pictures), -1))


def pair_keys(
    first: Digests,
    second: Digests,
    symmetries: npt.NDArray[np.uint8],
    warps: npt.NDArray[np.float64],
) -> Keys:
    """Of each pair: the pixels of both, the first one's symmetry, where it is looked for."""
    columns = (first, second, symmetries[:, None], warps)
    return _hashes(np.concatenate([np.ascontiguousarray(c).view(np.uint8) for c in columns], 1))


def _hashes(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    made = b"".join(map(xxhash.xxh3_128_digest, rows))
    return np.frombuffer(made, np.uint64).reshape(len(rows), 2)


def fingerprint() -> str:
    """Names whatever else the measures follow from: the code, its libraries, the processor.

    A test holds the files against what `verify` imports.
    """
    folder = Path(curation.duplicates.__path__[0])
    sources = [*sorted(folder.glob("*.py")), Path(curation.images.gradients.__file__)]
    versions = (np.__version__, scipy.__version__, numba.__version__, platform.python_version())
    machine = (platform.machine(), llvmlite.binding.get_host_cpu_name())
    named = xxhash.xxh3_128(repr((*versions, *machine)).encode())
    for source in sources:
        named.update(source.read_bytes())
    return named.hexdigest()


@dataclass(frozen=True)
class Measured:
    """Which of some pairs were measured before."""

    is_known: npt.NDArray[np.bool_]
    likeness: Likeness
    """Of those that were, in their order."""


class MeasuredPairs:
    """The pairs that were measured with this code, in a folder that one process uses at a time."""

    def __init__(self, folder: Path) -> None:
        """Open what is there below ``folder``; nothing need be."""
        self._all_codes = folder
        self._folder = folder / fingerprint()
        remove_partials(self._folder)
        self._files = [path for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if _is_whole(path)]
        parts = [np.memmap(path, _ROW, "r") for path in self._files]
        self._parts: Sequence[npt.NDArray[np.void]] = parts
        known = np.concatenate([np.empty((0, 2), np.uint64), *(part["key"] for part in parts)])
        self._order = np.argsort(known[:, 0], kind="stable")
        self._sorted = known[self._order]
        self._starts = np.cumsum([0, *map(len, parts)])

    def find(self, asked: Keys) -> Measured:
        """Which of the pairs with these keys are here."""
        if not len(self._sorted):
            return Measured(np.zeros(len(asked), bool), Likeness.concatenated(()))
        place = np.searchsorted(self._sorted[:, 0], asked[:, 0]).clip(max=len(self._sorted) - 1)
        is_known = (self._sorted[place] == asked).all(axis=1)
        rows = self._order[place[is_known]]
        measures = np.empty((len(rows), MEASURES), np.float32)
        part = np.searchsorted(self._starts, rows, side="right") - 1
        for number, mapped in enumerate(self._parts):
            chosen = part == number
            measures[chosen] = mapped["measures"][rows[chosen] - self._starts[number]]
        return Measured(is_known, Likeness.of(measures))

    def add(self, measured: Keys, likeness: Likeness) -> Path:
        """Keep the measures of these pairs for the next run; where they are kept."""
        rows = np.empty(len(measured), _ROW)
        rows["key"], rows["measures"] = measured, np.stack(likeness.columns, axis=1)
        data = rows.view(np.uint8).data
        path = self._folder / f"{xxhash.xxh3_128_hexdigest(data)}{_SUFFIX}"
        with replacing(path) as file:
            file.write(data)
        self._files.append(path)
        return path

    def tidy(self, measured: Keys, likeness: Likeness) -> None:
        """Forget what other code measured, and all but these pairs once they are the fewer."""
        rows = sum(path.stat().st_size for path in self._files) // _ROW.itemsize
        if rows > 2 * len(measured):
            kept = {
                self.add(measured[part], likeness.only(part))
                for part in np.array_split(np.arange(len(measured)), len(measured) // _ROWS + 1)
                if len(part)
            }
            for path in set(self._files) - kept:
                path.unlink(missing_ok=True)
        for folder in self._all_codes.glob("*/"):
            if folder != self._folder:
                shutil.rmtree(folder, ignore_errors=True)


def _is_whole(path: Path) -> bool:
    size = path.stat().st_size
    if not size or size % _ROW.itemsize:
        return False
    return xxhash.xxh3_128_hexdigest(np.memmap(path, np.uint8, "r").data) == path.stem
