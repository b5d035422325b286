"""Pictures of the images that moved, each from the version whose rows name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.picture_notes import note_of
from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import CURATOR_REMOVED
from pipeline.card.curators_words import CuratorsWords
from pipeline.card.example_images import SHORT_ID, Caption, Example, captions
from pipeline.card.thumbnails import Thumbnail, thumbnails
from pipeline.core.errors import VersionError
from pipeline.core.schema import DECISIONS, LISTINGS, SELECTION
from pipeline.versions.decisions import Move
from pipeline.versions.difference import Difference
from pipeline.versions.old_tables import as_today, batches_of
from pipeline.versions.results import object_of
from pipeline.versions.revision import Version

_WORDS = pa.schema(
    [
        LISTINGS.arrow.field(name)
        for name in (
            "capture",
            "image_id",
            "page_url",
            "title",
            "creator",
            "creator_name",
            "year_text",
        )
    ]
)

Row = dict[str, Any]


@dataclass(frozen=True)
class ExampleGroup:
    """Images that moved the same way for the same reason, those nearest to the threshold first."""

    anchor: str
    heading: str
    means: str
    count: int
    examples: list[Example]


@dataclass(frozen=True)
class Pair:
    """The member of a duplicate group that was preferred, and the one that is."""

    before: Example
    after: Example
    members: int
    """Images that went from the one to the other."""


class MovedImages:
    """The images of a difference, as examples for a page."""

    def __init__(self, old: Version, new: Version, difference: Difference) -> None:
        self._difference = difference
        self._of = {
            Move.LEFT: (new, difference.collection),
            Move.ARRIVED: (new, difference.collection),
            Move.RETURNED: (old, difference.was),
            Move.VANISHED: (old, difference.was),
        }
        self._listings: dict[str, pa.Table] = {}
        self._removals: dict[str, CuratorsWords] = {}

    def groups(self, moves: Sequence[Move], state: str, count: int) -> list[ExampleGroup]:
        """The images of ``moves`` by their other ``state`` (the name of a column)."""
        groups = []
        for move in moves:
            table = self._difference.decisions.moves[move]
            for reason, total in _counted(table, state):
                rows = _nearest_to_threshold(table.filter(pc.equal(table[state], reason)), count)
                notes = [_note(row, self._curators_words(move, row)) for row in rows]
                shown = self._examples(move, rows, notes)
                heading, means = _group_heading(move, reason, self._difference)
                groups.append(ExampleGroup(f"{move}-{reason}", heading, means, total, shown))
        return groups

    def _curators_words(self, move: Move, row: Row) -> str:
        """What the curator wrote who removed the image of ``row``; empty where a rule did."""
        if row["reason"] != CURATOR_REMOVED.name:
            return ""
        version, name = self._of[move]
        if version.name not in self._removals:
            decisions = version.table(name, DECISIONS).table.to_pylist()
            notes = object_of(version, version.paths(name).removal_notes)
            self._removals[version.name] = CuratorsWords(decisions, notes)
        return self._removals[version.name].of(row["image_id"], row["decided_by"])

    def crossed(self, count: int) -> list[Example]:
        """Images that changed sides of the split."""
        chosen = self._difference.crossings[:count]
        rows = self._rows_of(Move.ARRIVED, [crossing.image_id for crossing in chosen])
        notes = {crossing.image_id: f"{crossing.before} -> {crossing.after}" for crossing in chosen}
        return self._examples(Move.ARRIVED, rows, [notes[row["image_id"]] for row in rows])

    def regrouped(self, count: int) -> list[Pair]:
        """The preferred members of groups before and after."""
        chosen = self._difference.decisions.regrouped[:count]
        before = self._by_id(Move.RETURNED, [group.before for group in chosen], "preferred before")
        after = self._by_id(Move.ARRIVED, [group.after for group in chosen], "preferred now")
        return [
            Pair(before[group.before], after[group.after], group.members)
            for group in chosen
            if group.before in before and group.after in after
        ]

    def _by_id(self, move: Move, ids: Sequence[str], note: str) -> dict[str, Example]:
        rows = self._rows_of(move, ids)
        made = self._examples(move, rows, [note] * len(rows))
        return {example.image_id: example for example in made}

    def _rows_of(self, move: Move, ids: Sequence[str]) -> list[Row]:
        """Where the images of these ids lie in the version of a move."""
        if not ids:
            return []
        version, name = self._of[move]
        table = version.table(name, SELECTION, ["image_id", "shard", "row"]).table
        chosen = table.filter(pc.is_in(table["image_id"], pa.array(ids, pa.string())))
        rows: list[Row] = chosen.to_pylist()
        return rows

    def _examples(self, move: Move, rows: Sequence[Row], notes: Sequence[str]) -> list[Example]:
        version, name = self._of[move]
        ids = [row["image_id"] for row in rows]
        words = captions(self._words(move, ids), ids)
        shown = [row for row in rows if row["shard"] is not None]
        places = [(row["shard"], row["row"]) for row in shown]
        pictures = dict(
            zip([row["image_id"] for row in shown], _pictures(version, name, places), strict=False)
        )
        return [
            Example(
                image_id=row["image_id"],
                caption=words.get(row["image_id"], Caption()),
                note=note,
                picture=pictures.get(row["image_id"]),
            )
            for row, note in zip(rows, notes, strict=True)
        ]

    def _words(self, move: Move, ids: Sequence[str]) -> pd.DataFrame:
        """What listings say of the images, the newest capture first."""
        version, name = self._of[move]
        if version.name not in self._listings:
            self._listings[version.name] = self._listings_of(version, name)
        held = self._listings[version.name]
        about = held.filter(pc.is_in(held["image_id"], pa.array(ids, pa.string())))
        newest_first = about.sort_by([("capture", "descending")])
        frame: pd.DataFrame = newest_first.to_pandas(types_mapper=pd.ArrowDtype)
        return frame

    def _listings_of(self, version: Version, collection: str) -> pa.Table:
        """The listings of the images that differ: those of all images may be a million."""
        path = version.paths(collection).table(LISTINGS.name)
        version.bring(path)
        held = (as_today(part, _WORDS)[0] for part in batches_of(path, _WORDS.names))
        about = self._ids_that_differ()
        return pa.concat_tables(part.filter(pc.is_in(part["image_id"], about)) for part in held)

    def _ids_that_differ(self) -> pa.Array:
        decisions = self._difference.decisions
        moved = [c for table in decisions.moves.values() for c in table["image_id"].chunks]
        named = [crossing.image_id for crossing in self._difference.crossings]
        named += [id_ for each in decisions.regrouped for id_ in (each.before, each.after)]
        return pa.concat_arrays([*moved, pa.array(named, pa.string())])


def _pictures(
    version: Version, collection: str, places: Sequence[tuple[str, int]]
) -> list[Thumbnail]:
    """The pictures at ``places``: of the largest size that is here, else the smallest, fetched."""
    paths = version.paths(collection)
    sizes = sorted({int(name.partition("/")[0]) for name in version.names(paths.pixels)})
    if not places or not sizes:
        return []
    shards_of = {
        size: [paths.pixel_shard(size, shard) for shard in {shard for shard, _ in places}]
        for size in sizes
    }
    size = next((each for each in reversed(sizes) if version.is_here(*shards_of[each])), sizes[0])
    try:
        version.bring(*shards_of[size])
    except VersionError:
        return []
    return thumbnails(paths, places, size)


def _counted(table: pa.Table, state: str) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for reason in table[state].to_pylist():
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _nearest_to_threshold(table: pa.Table, count: int) -> list[Row]:
    """Rows that a slightly different threshold would judge otherwise; then by id."""
    distance = pc.abs(pc.subtract(table["value"], table["threshold"]))
    keyed = table.append_column("distance", pc.fill_null(distance, float("inf")))
    order = [("distance", "ascending"), ("image_id", "ascending")]
    rows: list[Row] = keyed.sort_by(order).slice(0, count).to_pylist()
    return rows


def _note(row: Row, curators_words: str) -> str:
    if row["reason"] not in REASONS:
        return ""
    note = note_of({"fault_detail": None, **row}, curators_words)
    copied = f"a copy of {row['group'][:SHORT_ID]}" if row["group"] else ""
    return "; ".join(filter(None, (note, copied)))


def _group_heading(move: Move, reason: str, difference: Difference) -> tuple[str, str]:
    if move is Move.ARRIVED:
        return "New", f"Not in {difference.old} at all."
    if move is Move.VANISHED:
        return "Vanished", f"Not in {difference.new} at all."
    known = reason in REASONS
    label = REASONS[reason].label if known else reason
    means = REASONS[reason].means if known else ""
    return (label, means) if move is Move.LEFT else (f"Was out: {label.lower()}", means)
