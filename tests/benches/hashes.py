"""Seconds and memory of finding all near hashes; `make bench-curation` prints them.

Each figure comes from a process of its own. Where faiss is installed, its exact search is measured
on the same hashes up to `MOST_FOR_FAISS`; beyond that its cost grows with the square.
"""

from __future__ import annotations

import importlib.util
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from rich.console import Console
from rich.table import Table

from curation.duplicates.candidate_hashes import Hashes, near_hashes

SIZES = (10_000, 100_000, 1_000_000)
RADIUS = 10
MOST_FOR_FAISS = 100_000


def uniform(size: int) -> Hashes:
    """Random hashes, a tenth of them five bits at most from another."""
    rng = np.random.default_rng(size)
    hashes = rng.integers(0, 2**64, size, np.uint64)
    hashes[: size // 10] = hashes[size // 10 : 2 * (size // 10)] ^ _flips(size // 10, 5, rng)
    return np.unique(hashes)


def skewed(size: int) -> Hashes:
    """The same, and one in fifty three bits at most from one of twenty, as blank pictures are."""
    rng = np.random.default_rng(size)
    hashes = uniform(size)
    centres, count = rng.integers(0, 2**64, 20, np.uint64), size // 50
    hashes[:count] = centres[rng.integers(0, 20, count)] ^ _flips(count, 3, rng)
    return np.unique(hashes)


def _flips(count: int, bits: int, rng: np.random.Generator) -> Hashes:
    masks: Hashes = np.bitwise_xor.reduce(
        np.uint64(1) << rng.integers(0, 64, (count, bits), np.uint64), axis=1
    )
    return masks


def join(hashes: Hashes) -> int:
    """Number of ordered pairs, each hash with itself included, as Salon finds them."""
    return sum(
        len(pairs.left) for pairs in near_hashes(hashes[:, None], hashes[:, None], RADIUS, RADIUS)
    )


def faiss_search(hashes: Hashes) -> int:
    """The same as faiss finds them."""
    faiss = importlib.import_module("faiss")
    codes = hashes.view(np.uint8).reshape(-1, 8)
    index = faiss.IndexBinaryFlat(64)
    index.add(codes)
    return int(index.range_search(codes, RADIUS + 1)[0][-1])


MAKERS = {"uniform": uniform, "skewed": skewed}
METHODS = {"band join": join, "faiss, exact": faiss_search}


def measured(method: str, kind: str, size: int) -> tuple[int, float, float, float]:
    """Pairs, seconds, CPU seconds and peak megabytes; what is compiled was compiled before."""
    hashes = MAKERS[kind](size)
    METHODS[method](hashes[:100])
    start, used = time.perf_counter(), time.process_time()
    pairs = METHODS[method](hashes)
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    return pairs, seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table."""
    table = Table("hashes", "kind", "method", "pairs", "seconds", "CPU seconds", "peak MB")
    spawned = get_context("spawn")
    for size in SIZES:
        for kind in MAKERS:
            for method in METHODS:
                with_faiss = importlib.util.find_spec("faiss") and size <= MOST_FOR_FAISS
                if method != "band join" and not with_faiss:
                    continue
                with ProcessPoolExecutor(1, mp_context=spawned) as fresh:
                    row = fresh.submit(measured, method, kind, size).result()
                numbers = (f"{row[1]:.2f}", f"{row[2]:.2f}", f"{row[3]:,.0f}")
                table.add_row(f"{size:,}", kind, method, f"{row[0]:,}", *numbers)
    Console().print(table)


if __name__ == "__main__":
    main()
