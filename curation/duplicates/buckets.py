"""Items in buckets of one key, and all pairs that share a bucket, a bounded number at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]

CHUNK: Final = 1 << 20
"""Pairs made at a time; it bounds the memory (about 40 bytes each)."""


class Buckets:
    """Items sorted by a small whole-number key, so that those of one key lie side by side."""

    def __init__(
        self, keys: npt.NDArray[np.integer], count: int, *, limit: int | None = None
    ) -> None:
        """Sort items with ``keys`` (n,) below ``count``; only ``limit`` of each will be found."""
        self.order: Indices = np.argsort(keys, kind="stable")
        sizes = np.bincount(keys, minlength=count)
        self._starts = np.cumsum(sizes) - sizes
        self._sizes = sizes if limit is None else np.minimum(sizes, limit)

    def candidates(
        self, keys: npt.NDArray[np.integer], chunk: int = CHUNK
    ) -> Iterator[tuple[Indices, Indices]]:
        """For each of ``keys``, all items of that bucket: places in ``keys``, places in `order`.

        In chunks of about ``chunk`` pairs.
        """
        sizes = self._sizes[keys]
        ends = np.cumsum(sizes)
        if not len(ends):
            return
        cuts = np.searchsorted(ends, np.arange(chunk, ends[-1] + chunk, chunk), side="left") + 1
        for begin, end in itertools.pairwise([0, *np.unique(cuts.clip(max=len(keys))).tolist()]):
            counts = sizes[begin:end]
            before = np.cumsum(counts) - counts
            total = int(counts.sum())
            if not total:
                continue
            place = np.repeat(np.arange(begin, end), counts)
            shift = self._starts[keys[begin:end]] - before
            yield place, np.repeat(shift, counts) + np.arange(total)
