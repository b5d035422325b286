"""The lists as all collections see them: what is wrong, and what the edits would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from curation.decisions.list_files import Lists, write_list
from curation.decisions.list_syntax import Problem, folded, render
from curation.decisions.other_collections import ambiguous_ids, check_unknown, index_of
from curation.decisions.resolution import Index, Resolved, resolve
from curation.selection.decide import select
from curation.selection.inputs import read_inputs
from curation.selection.selection_difference import Effect, compare
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS

_NEEDED = ("images", "listings", "pairs", "watermark")


@dataclass(frozen=True)
class CheckResult:
    """The lists against every collection."""

    entries: int
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    resolved: dict[str, Resolved]
    """By collection, where its tables are there."""


def indices_of(root: Path, collections: list[str]) -> dict[str, Index | None]:
    """What can be named in each collection; None where its tables are not there yet."""
    return {name: index_of(Paths(root, name)) for name in collections}


def check_lists(lists: Lists, indices: Mapping[str, Index | None]) -> CheckResult:
    """Everything that is wrong with the lists, as far as the tables that are there can tell."""
    resolved = {name: resolve(lists, index) for name, index in indices.items() if index is not None}
    problems = {
        problem for of_collection in resolved.values() for problem in of_collection.problems
    }
    unknown = {each for of_collection in resolved.values() for each in of_collection.unknown}
    wrong, warnings = check_unknown(
        sorted(unknown, key=lambda of_collection: (of_collection.file, of_collection.line)), indices
    )
    warnings += [
        f"{name} has no tables yet, so nothing was looked up there"
        for name, index in indices.items()
        if index is None
    ]
    return CheckResult(
        entries=len(lists.named_entries()),
        problems=tuple(
            sorted({*lists.problems, *problems, *wrong, *ambiguous_ids(lists, indices)})
        ),
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
    old = select(before, params)
    if resolved.decisions.equals(before.decisions):
        return compare(paths.collection, old, old)
    new = select(before.with_decisions(resolved.decisions), params)
    return compare(paths.collection, old, new)


def tidy(folder: Path, lists: Lists, *, write: bool) -> list[str]:
    """Rewrite the lists that are not in canonical form, or only name them: one line each.

    A list with lines that cannot be read is left as it is, so that none of them is lost.
    """
    messages: list[str] = []
    unreadable = {problem.file for problem in lists.problems}
    for name, curators_list in lists.by_name.items():
        path, shown = folder / f"{name}.txt", lists.file(name)
        canonical, twice = folded(curators_list)
        if not path.exists() or shown in unreadable:
            continue
        if path.read_bytes() == render(canonical).encode():
            continue
        if not write:
            messages.append(f"{shown}: not in canonical form; `salon lists check --fix` sorts it")
            continue
        write_list(folder, name, canonical)
        messages.append(f"{shown}: sorted and spaced")
        messages += [f"{shown}: line {gone} said the same as line {kept}" for kept, gone in twice]
    return messages
