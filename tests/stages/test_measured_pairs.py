"""`dedupe` beside what it measured before: the same bytes, and no pair compared a second time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import curation.images.gradients
from curation.duplicates import comparison, verification
from curation.duplicates.measured_pairs import MeasuredPairs, pair_keys
from curation.duplicates.verification import MEASURES
from curation.images.facts import examine
from pipeline.core import shards, tables
from pipeline.core.code import closure
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES
from pipeline.stages import dedupe
from tests.curation.pictures import composition, encoded

WORKS = 6
PICTURES = [
    encoded(composition(seed), "JPEG", quality=quality)
    for quality in (90, 60, 40)
    for seed in range(WORKS)
]
"""Three copies of each work, so that there are pairs of images of any part of them."""


class KilledError(Exception):
    """In the place of a signal that nobody can catch."""


def write(paths: Paths, count: int, seed: int = 0) -> None:
    """Tables and pixels of the first pictures, as `ingest` might place them."""
    looks = [(image_id_of(sha256_hex(body)), *examine(body, Ingest())) for body in PICTURES]
    order = np.random.default_rng(seed).permutation(count)
    rows: list[dict[str, Any]] = []
    with shards.appending(paths.pixel_shard(64, f"s-{seed}"), 64) as append:
        for row, number in enumerate(order):
            image_id, facts, pixels = looks[number]
            append(pixels[64])
            place = {"shard": f"s-{seed}", "row": row, "capture": "c", "sha256": image_id}
            rows.append({"image_id": image_id, **facts.row(), **place})
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))


def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of pairs that are compared from now on."""
    counts: list[int] = []

    def counting(first: Any, *rest: Any) -> Any:
        counts.append(len(first))
        return verify(first, *rest)

    verify = verification.verify
    monkeypatch.setattr(comparison, "verify", counting)
    return counts


def kept(paths: Paths) -> list[Path]:
    return sorted(paths.work("dedupe").glob("*/*.pairs"))


@pytest.fixture(scope="module")
def small_tasks() -> Iterator[None]:
    """Few pairs a task, so that there are many files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "TASK_PAIRS", 3)
        patch.setenv("SALON_WORKERS", "1")
        yield


@pytest.fixture(scope="module")
def from_nothing(small_tasks: None, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The pairs of all pictures, measured in a new folder."""
    paths = Paths(tmp_path_factory.mktemp("new"), "works")
    write(paths, len(PICTURES))
    dedupe.run(paths, Dedupe())
    return paths.table("pairs").read_bytes()


def earlier_run(paths: Paths, number: int) -> None:
    """A run over fewer images, in other places."""
    write(paths, 2 + number % (len(PICTURES) - 1), seed=number)
    dedupe.run(paths, Dedupe())


def killed_run(paths: Paths, number: int) -> None:
    """A run that ends after so many tasks, amid writing the next."""
    write(paths, len(PICTURES))
    tasks = 0

    def add(self: MeasuredPairs, *measured: Any) -> Path:
        nonlocal tasks
        tasks += 1
        if tasks > number % 8:
            raise KilledError
        return keep(self, *measured)

    keep = MeasuredPairs.add
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MeasuredPairs, "add", add)
        try:
            dedupe.run(paths, Dedupe())
        except KilledError:
            folder = next(paths.work("dedupe").glob("*/"), None)
            if folder is not None:
                (folder / ".x.pairs.other-host-1.partial").write_bytes(b"torn")


def tear(paths: Paths, number: int) -> None:
    """One file ends early."""
    for path in kept(paths)[number % 5 :][:1]:
        path.write_bytes(path.read_bytes()[: number * 7 % path.stat().st_size])


def change(paths: Paths, number: int) -> None:
    """Every measure that was kept is another, and no key."""
    for path in kept(paths):
        rows = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, 16 + 4 * MEASURES).copy()
        rows[:, 16 + number % 4 :: 4] ^= 1
        path.write_bytes(rows.tobytes())


def delete(paths: Paths, number: int) -> None:
    """Some files go, or all of the folder."""
    if number % 3:
        for path in kept(paths)[:: number % 3]:
            path.unlink()
    else:
        shutil.rmtree(paths.work("dedupe"), ignore_errors=True)


EVENTS = (earlier_run, killed_run, tear, change, delete)
Event = tuple[Callable[[Paths, int], None], int]


@settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example([(killed_run, 3), (tear, 0)])
@example([(earlier_run, 16), (change, 2)])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 99)), min_size=1, max_size=3))
def test_whatever_happened_before_the_pairs_are_those_of_a_run_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, from_nothing: bytes, events: list[Event]
) -> None:
    paths = Paths(tmp_path_factory.mktemp("old"), "works")
    for happen, number in events:
        happen(paths, number)
    write(paths, len(PICTURES))
    dedupe.run(paths, Dedupe())
    assert paths.table("pairs").read_bytes() == from_nothing


def test_a_pair_is_another_where_anything_is_from_which_its_measures_follow() -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.integers(0, 2**64, (1, 2), np.uint64) for _ in range(2))
    symmetry, warp = np.array([1], np.uint8), rng.normal(size=(1, 6))
    inputs = [(first, second, symmetry, warp), (second, first, symmetry, warp)]
    inputs += [(first + changed, second, symmetry, warp) for changed in np.eye(2, dtype=np.uint64)]
    inputs += [(first, second + changed, symmetry, warp) for changed in np.eye(2, dtype=np.uint64)]
    inputs += [(first, second, symmetry + np.uint8(1), warp)]
    inputs += [(first, second, symmetry, warp + changed) for changed in np.eye(6)]
    assert len({tuple(pair_keys(*each)[0]) for each in inputs}) == len(inputs)


def test_only_pairs_that_were_not_measured_are_compared(
    small_tasks: None, from_nothing: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path, "works")
    write(paths, len(PICTURES) - 1)
    counts = compared(monkeypatch)
    dedupe.run(paths, Dedupe())
    first = sum(counts)
    counts.clear()
    dedupe.run(paths, Dedupe())
    assert not counts

    write(paths, len(PICTURES), seed=1)
    dedupe.run(paths, Dedupe())
    assert 0 < sum(counts) < first / 2
    assert paths.table("pairs").read_bytes() == from_nothing


def test_a_run_that_was_killed_goes_on_after_the_last_finished_task(
    small_tasks: None, from_nothing: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path, "works")
    counts = compared(monkeypatch)
    killed_run(paths, 4)
    assert len(kept(paths)) == 4
    before = sum(counts)
    counts.clear()
    dedupe.run(paths, Dedupe())
    every = sum(len(path.read_bytes()) for path in kept(paths)) // (16 + 4 * MEASURES)
    assert before == 5 * 3  # the last of them was not kept
    assert sum(counts) == every - 4 * 3
    assert paths.table("pairs").read_bytes() == from_nothing


def test_pairs_of_images_that_are_gone_and_of_other_code_are_forgotten(
    small_tasks: None, tmp_path: Path
) -> None:
    paths = Paths(tmp_path, "works")
    write(paths, len(PICTURES))
    dedupe.run(paths, Dedupe())
    other = paths.work("dedupe") / "other-code" / "0.pairs"
    other.parent.mkdir()
    other.write_bytes(b"0")
    many = sum(path.stat().st_size for path in kept(paths))
    write(paths, 8)
    dedupe.run(paths, Dedupe())
    assert not other.exists()
    assert sum(path.stat().st_size for path in kept(paths)) < many / 2


def test_the_fingerprint_holds_all_code_by_which_pairs_are_measured() -> None:
    folder = Path(comparison.__file__).parent
    named = {f"curation.duplicates.{path.stem}" for path in folder.glob("*.py")}
    named |= {"curation", "curation.duplicates", curation.images.gradients.__name__}
    used = closure(["curation.duplicates.verification"])
    assert {name for name in used - named if not name.startswith("pipeline")} == set()
    assert {name for name in used if name.startswith("pipeline")} <= {
        "pipeline", "pipeline.core", "pipeline.core.errors", "pipeline.core.files",
        "pipeline.core.shards",
    }  # fmt: skip
