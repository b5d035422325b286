"""Everything that differs between two versions of one collection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.schema import SELECTION
from pipeline.versions import decisions, measurements
from pipeline.versions.causes import Causes, causes
from pipeline.versions.decisions import Decisions, Share
from pipeline.versions.measurements import Remeasured
from pipeline.versions.results import ComparedResults, results
from pipeline.versions.revision import Version
from pipeline.versions.row_matching import Alignment, aligned_rows
from pipeline.versions.splits import Crossing, Sides, crossings, sides


@dataclass(frozen=True)
class Difference:
    """Two versions of one collection side by side."""

    collection: str
    was: str
    """The collection's name in the old version."""
    old: str
    """Name of the old version, as it was asked for."""
    new: str
    causes: Causes
    decisions: Decisions
    facts: Remeasured
    splits: list[Share]
    """Variants that stay, by split."""
    crossings: list[Crossing]
    """Images that were trained on and are held out, or the other way round: a leak."""
    results: ComparedResults
    lacking: dict[str, dict[str, tuple[str, ...]]]
    """By version and table, the columns of today that the table did not have yet."""
    absent: dict[str, tuple[str, ...]]
    """By version, the tables that no stage had written yet."""


def differ(old: Version, new: Version, collection: str, was: str | None = None) -> Difference:
    """Compare two versions of ``collection``, which the old one called ``was``.

    Raises:
        UsageError: a version has no such collection.
        VersionError: a table can be had neither here nor from the remote.
        TableError: a table is torn.
    """
    names = (was or collection, collection)
    new.check_collection(collection)
    renamed = f"; if it was renamed, say --collection {collection} --was OLD_NAME"
    old.check_collection(names[0], "" if was else renamed)
    pair = tuple(zip((old, new), names, strict=True))
    for version, name in pair:
        version.bring(*_compared_files(version, name))
    held = [version.table(name, SELECTION, decisions.READ) for version, name in pair]
    rows = aligned_rows(*(each.table["image_id"] for each in held))
    measured = _remeasured(old, new, names, rows)
    before, after = (_sides(version, name) for version, name in pair)
    both = (before, after) if before and after else None
    lacking = {
        version.name: _lacking(SELECTION.name, each.missing)
        | _lacking("images", measured.missing.get(version.name, ()))
        for version, each in zip((old, new), held, strict=True)
    }
    return Difference(
        collection=collection,
        was=names[0],
        old=old.name,
        new=new.name,
        causes=causes(old, new, names),
        decisions=decisions.compare_decisions(held[0].table, held[1].table, rows),
        facts=measured,
        splits=decisions.shares(both[0].variants, both[1].variants) if both else [],
        crossings=crossings(both[0].images, both[1].images) if both else [],
        results=results(old, new, names),
        lacking={name: columns for name, columns in lacking.items() if columns},
        absent=_absent(pair),
    )


def _compared_files(version: Version, collection: str) -> list[Path]:
    """What a comparison opens, as far as it was made: brought in one go, not file by file."""
    paths = version.paths(collection)
    tables = [paths.table(name) for name in ("selection", "images", "variants")]
    told = [paths.model / "model.json", paths.evaluation / "evaluation.json"]
    return [path for path in (*tables, *told) if version.holds(path)]


def _lacking(table: str, columns: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {table: columns} if columns else {}


def _absent(pair: tuple[tuple[Version, str], ...]) -> dict[str, tuple[str, ...]]:
    absent = {}
    for version, name in pair:
        tables = [
            t for t in ("images", "variants") if not version.holds(version.paths(name).table(t))
        ]
        if tables:
            absent[version.name] = tuple(tables)
    return absent


def _remeasured(old: Version, new: Version, names: tuple[str, str], rows: Alignment) -> Remeasured:
    """What was measured otherwise; equal files are not opened."""
    paths = [
        version.paths(name).table("images") for version, name in zip((old, new), names, strict=True)
    ]
    if not (old.holds(paths[0]) and new.holds(paths[1])):
        return measurements.NOTHING
    digest = old.digest(paths[0])
    if digest is not None and digest == new.digest(paths[1]):
        return measurements.NOTHING
    old.bring(paths[0])
    new.bring(paths[1])
    return measurements.compare_measurements(paths[0], paths[1], (old.name, new.name), rows)


def _sides(version: Version, collection: str) -> Sides | None:
    path = version.paths(collection).table("variants")
    if not version.holds(path):
        return None
    version.bring(path)
    return sides(path)
