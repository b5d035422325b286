"""The lists as all collections see them: what is wrong, and what the edits would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.elsewhere import index_of, judge
from curation.decisions.entries import Problem
from curation.decisions.list_files import Lists
from curation.decisions.resolution import Index, Resolved, resolve
from curation.selection.inputs import Inputs, read_inputs
from curation.selection.outcome import select
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, Status

_NEEDED = ("images", "listings", "pairs", "watermark")


@dataclass(frozen=True)
class Survey:
    """The lists against every collection."""

    entries: int
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    resolved: dict[str, Resolved]
    """By collection, where its tables are there."""


@dataclass(frozen=True)
class Move:
    """An image that changes sides, and why it is (or was) out."""

    image_id: str
    reason: str


@dataclass(frozen=True)
class Effect:
    """What the lists as they stand would change in one collection."""

    collection: str
    before: int
    """Images kept by the decisions that were last applied."""
    after: int
    leave: tuple[Move, ...]
    returning: tuple[Move, ...]

    def __str__(self) -> str:
        if not self.leave and not self.returning:
            return f"{self.collection}: nothing changes ({self.before} kept)"
        images = "image leaves" if len(self.leave) == 1 else "images leave"
        returns = "returns" if len(self.returning) == 1 else "return"
        return (
            f"{self.collection}: {len(self.leave)} {images}, {len(self.returning)} {returns} "
            f"({self.before} -> {self.after})"
        )


def indices_of(root: Path, collections: list[str]) -> dict[str, Index | None]:
    """What can be named in each collection; None where its tables are not there yet."""
    return {name: index_of(Paths(root, name)) for name in collections}


def survey(lists: Lists, indices: Mapping[str, Index | None]) -> Survey:
    """Everything that is wrong with the lists, as far as the tables that are there can tell."""
    resolved = {name: resolve(lists, index) for name, index in indices.items() if index is not None}
    problems = {problem for one in resolved.values() for problem in one.problems}
    unknown = {each for one in resolved.values() for each in one.unknown}
    wrong, warnings = judge(sorted(unknown, key=lambda one: (one.file, one.line)), indices)
    warnings += [
        f"{name} has no tables yet, so nothing was looked up there"
        for name, index in indices.items()
        if index is None
    ]
    return Survey(
        entries=len(lists.named_entries()),
        problems=tuple(sorted({*lists.problems, *problems, *wrong})),
        warnings=tuple(warnings),
        resolved=resolved,
    )


def effect(paths: Paths, resolved: Resolved, params: Select) -> Effect | None:
    """What applying ``resolved`` changes; None while tables are missing.

    Raises:
        ListsError: entries about one duplicate group contradict each other.
        TableError: a table is torn.
    """
    if not all(paths.table(name).exists() for name in _NEEDED):
        return None
    applied = paths.table("decisions").exists()
    before = read_inputs(paths) if applied else read_inputs(paths, DECISIONS.arrow.empty_table())
    return _compare(paths.collection, before, resolved.decisions, params)


def _compare(collection: str, before: Inputs, decisions: pa.Table, params: Select) -> Effect:
    old = select(before, params)
    new = select(replace(before, decisions=decisions), params)
    was, stays = _stays(old), _stays(new)
    return Effect(
        collection,
        int(pc.sum(was).as_py() or 0),
        int(pc.sum(stays).as_py() or 0),
        _moves(new, pc.and_not(was, stays)),
        _moves(old, pc.and_not(stays, was)),
    )


def _stays(selection: pa.Table) -> pa.ChunkedArray:
    return pc.equal(selection["status"], Status.KEEP.value)


def _moves(selection: pa.Table, rows: pa.ChunkedArray) -> tuple[Move, ...]:
    moved = selection.filter(rows).select(["image_id", "reason"]).to_pylist()
    return tuple(Move(row["image_id"], row["reason"]) for row in moved)
