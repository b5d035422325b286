"""Ids that one collection does not know: do others, or is it a slip of the pen?

The lists serve all collections, so what is unknown here may be at home elsewhere. This decides
only what the curator is told, never a row of a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from curation.decisions.entries import Problem, TargetKind
from curation.decisions.resolution import Index, Unknown
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
        read(listings, LISTINGS, ["source", "listing_id", "image_id", "creator"]),
    )


def collections(root: Path) -> list[str]:
    """Every collection that may know an id: named in params.yaml, captured, or with tables."""
    file = root / "params.yaml"
    named = collection_names(file) if file.exists() else []
    folders = [root / "data" / "captures", root / "data" / "tables"]
    on_disk = {path.name for folder in folders for path in folder.glob("*/")}
    return sorted(on_disk.union(named))


def judge(
    unknown: Iterable[Unknown], indices: Mapping[str, Index | None]
) -> tuple[list[Problem], list[str]]:
    """Which of the ``unknown`` ids are wrong, and warnings about those nobody can judge yet.

    ``indices`` holds every collection; None stands for one whose tables are not there yet.
    """
    pending = [name for name, index in indices.items() if index is None]
    ready = {name: index for name, index in indices.items() if index is not None}
    problems: list[Problem] = []
    warnings: list[str] = []
    for one in unknown:
        if any(index.find(one.target) is not None for index in ready.values()):
            continue
        problem = Problem(one.file, one.line, _sentence(one, ready, pending))
        if pending:
            warnings.append(str(problem))
        else:
            problems.append(problem)
    return problems, warnings


def _sentence(unknown: Unknown, ready: Mapping[str, Index], pending: list[str]) -> str:
    what = f"unknown {_NOUN[unknown.target.kind]} {unknown.target.name!r}"
    if pending:
        return f"{what}; perhaps of {' or '.join(pending)}, which has no tables yet"
    for index in ready.values():
        near = index.nearest(unknown.target)
        if near is not None:
            return f"{what} (in no collection); did you mean {near!r}?"
    return f"{what} (in no collection); delete the line, or capture what it names"
