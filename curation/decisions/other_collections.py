"""Ids and the collections: does another know what this one does not, and is it the same image?

The lists serve all collections, so what is unknown here may be at home elsewhere. This decides
only what the curator is told, never a row of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from curation.decisions.list_files import Lists
from curation.decisions.list_syntax import Problem, Target, TargetKind
from curation.decisions.resolution import NAMED, Index, Unknown
from curation.selection.listing_state import HISTORY, newest_state
from pipeline.core.ids import ID_LENGTH
from pipeline.core.params.file import collection_names
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS
from pipeline.core.tables import read

_NOUN = {
    TargetKind.LISTING: "listing",
    TargetKind.CREATOR: "artist or brand",
    TargetKind.GROUP: "image id",
    TargetKind.IMAGE: "image id",
    TargetKind.VARIANT: "image id",
}


def index_of(paths: Paths) -> Index | None:
    """What can be named in a collection; None while its tables are not there yet.

    Raises:
        TableError: a table is torn.
    """
    images, listings = paths.table("images"), paths.table("listings")
    if not images.exists() or not listings.exists():
        return None
    return Index(
        read(images, IMAGES, ["image_id"]),
        lambda: newest_state(read(listings, LISTINGS, [*HISTORY, "creator"])),
    )


def collections(root: Path) -> list[str]:
    """Every collection that may know an id: named in params.yaml, captured, or with tables."""
    file = root / "params.yaml"
    named = collection_names(file) if file.exists() else []
    folders = [root / "data" / "captures", root / "data" / "tables"]
    on_disk = {path.name for folder in folders for path in folder.glob("*/")}
    return sorted(on_disk.union(named))


def check_unknown(
    unknown: Iterable[Unknown], indices: Mapping[str, Index | None]
) -> tuple[list[Problem], list[str]]:
    """Which of the ``unknown`` ids are wrong, and warnings about those nobody can tell yet.

    ``indices`` holds every collection; None stands for one whose tables are not there yet.
    """
    pending = [name for name, index in indices.items() if index is None]
    ready = {name: index for name, index in indices.items() if index is not None}
    problems: list[Problem] = []
    warnings: list[str] = []
    for unknown_id in unknown:
        if any(index.find(unknown_id.target) is not None for index in ready.values()):
            continue
        problem = Problem(unknown_id.file, unknown_id.line, _sentence(unknown_id, ready, pending))
        if pending:
            warnings.append(str(problem))
        else:
            problems.append(problem)
    return problems, warnings


def ambiguous_ids(lists: Lists, indices: Mapping[str, Index | None]) -> list[Problem]:
    """Entries whose few digits name one image here and another one there.

    ``indices`` holds every collection; those whose tables are not there yet say nothing.
    """
    problems = []
    for name, entry in lists.named_entries():
        for target in entry.targets:
            if target.kind in NAMED or len(target.name) == ID_LENGTH:
                continue
            homes = _homes(target, indices)
            if len(homes) > 1 and len(set(homes.values())) > 1:
                fits = ", ".join(f"{image} ({collection})" for collection, image in homes.items())
                problems.append(
                    Problem(
                        lists.file(name),
                        entry.line,
                        f"{target.name!r} fits different images ({fits}); write more of its digits",
                    )
                )
    return problems


def has_short_ids(lists: Lists) -> bool:
    """Whether any image is named by a part of its id."""
    return any(
        target.kind not in NAMED and len(target.name) < ID_LENGTH
        for _, entry in lists.named_entries()
        for target in entry.targets
    )


def _homes(target: Target, indices: Mapping[str, Index | None]) -> dict[str, str]:
    """The image that ``target`` fits in each collection where it fits just one."""
    images_by_collection = {
        name: index.find(target) for name, index in indices.items() if index is not None
    }
    return {
        name: images[0]
        for name, images in images_by_collection.items()
        if images and len(images) == 1
    }


def _sentence(unknown: Unknown, ready: Mapping[str, Index], pending: list[str]) -> str:
    what = f"unknown {_NOUN[unknown.target.kind]} {unknown.target.name!r}"
    if pending:
        return f"{what}; perhaps of {' or '.join(pending)}, which has no tables yet"
    for index in ready.values():
        near = index.nearest(unknown.target)
        if near is not None:
            return f"{what} (in no collection); did you mean {near!r}?"
    return f"{what} (in no collection); delete the line, or capture what it names"
