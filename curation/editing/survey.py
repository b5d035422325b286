"""The lists as all collections see them: what is wrong, and what the edits would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from curation.decisions.elsewhere import index_of, judge, shared
from curation.decisions.entries import Problem
from curation.decisions.list_files import Lists
from curation.decisions.resolution import Index, Resolved, resolve
from curation.selection.comparison import Effect, compare
from curation.selection.inputs import read_inputs
from curation.selection.outcome import select
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS

_NEEDED = ("images", "listings", "pairs", "watermark")


@dataclass(frozen=True)
class Survey:
    """The lists against every collection."""

    entries: int
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    resolved: dict[str, Resolved]
    """By collection, where its tables are there."""


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
        problems=tuple(sorted({*lists.problems, *problems, *wrong, *shared(lists, indices)})),
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
    after = replace(before, decisions=resolved.decisions)
    return compare(paths.collection, select(before, params), select(after, params))
