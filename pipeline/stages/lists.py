"""Stage `lists`: the curators' lists as a table of decisions about one collection.

The table depends on the lists and on this collection's own tables alone, and not on comments,
blanks or the order of lines: an edit of those ends here. Notes of removals are a file of their own
that only the card reads: no stage that decides runs again after an edit of one.
"""

from __future__ import annotations

from curation.decisions.list_files import Lists, read_lists
from curation.decisions.other_collections import (
    ambiguous_ids,
    check_unknown,
    collections,
    has_short_ids,
    index_of,
)
from curation.decisions.resolution import Index, Resolved, resolve
from pipeline.core import tables
from pipeline.core.errors import ListsError, TableError
from pipeline.core.files import write_json
from pipeline.core.log import counted, say
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS


def run(paths: Paths) -> None:
    """Write DECISIONS, and the notes of removals.

    Raises:
        ListsError: entries cannot be applied; every one is named with file and line.
        TableError: a table is missing or torn.
    """
    index = index_of(paths)
    if index is None:
        missing = next(p for p in map(paths.table, ("images", "listings")) if not p.exists())
        raise TableError(f"{missing}: missing; run `dvc repro` to make it")
    lists = read_lists(paths.lists, paths.root)
    resolved = resolve(lists, index)
    _check(paths, lists, index, resolved)
    tables.write(paths.table("decisions"), DECISIONS, resolved.decisions)
    write_json(paths.removal_notes, resolved.removal_notes)
    of_other_collections = len({(unknown.file, unknown.line) for unknown in resolved.unknown})
    entries = resolved.applied + of_other_collections
    say(
        f"lists {paths.collection}: {entries:,} {'entry' if entries == 1 else 'entries'}, "
        f"{of_other_collections:,} of them about other collections; "
        f"{counted(resolved.decisions.num_rows, 'decision')} here"
    )


def _check(paths: Paths, lists: Lists, index: Index, resolved: Resolved) -> None:
    """Stop at problems, and warn of ids that nobody can check_unknown yet."""
    problems = set(resolved.problems)
    if resolved.unknown or has_short_ids(lists):
        others = [name for name in collections(paths.root) if name != paths.collection]
        indices = {name: index_of(Paths(paths.root, name)) for name in others}
        indices[paths.collection] = index
        wrong, warnings = check_unknown(resolved.unknown, indices)
        problems |= {*wrong, *ambiguous_ids(lists, indices)}
        for warning in warnings:
            say(f"warning: {warning}")
    if problems:
        raise ListsError("\n".join(map(str, sorted(problems))))
