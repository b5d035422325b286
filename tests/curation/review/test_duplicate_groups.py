"""The queue of doubtful pairs, and what is compared with a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.decisions.list_files import DISTINCT
from curation.decisions.list_syntax import ListEntry
from curation.review.collection import ReviewCollection
from curation.review.decision_store import Ids, Placed
from curation.review.duplicate_groups import candidates, doubtful, measured
from pipeline.core import tables
from pipeline.core.params.select import Select
from pipeline.core.schema import PAIRS
from tests.small_project import build


def told_apart(ids: Ids) -> tuple[Placed, ...]:
    """What curators said of each pair, and nothing of a single image."""
    return ((DISTINCT, ListEntry(ids)),) if len(ids) == 2 else ()


@pytest.mark.parametrize(("suspicion", "moves"), [("flat", False), ("crop", True)])
def test_answers_move_the_chance_that_dedupe_set_but_not_of_flat_pictures(
    tmp_path: Path, suspicion: str, moves: bool
) -> None:
    paths = build(tmp_path)
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    changed = {"suspicion": suspicion, "chance": 0.5}
    rows = [row | changed if row["kind"] == "doubtful" else row for row in rows]
    tables.write(paths.table("pairs"), PAIRS, tables.from_rows(PAIRS, rows))
    collection = ReviewCollection(paths, Select())
    silent = doubtful(collection, lambda _: ())
    assert (silent.chances, silent.distinct) == ([0.5], 0)
    answered = doubtful(collection, told_apart)
    assert answered.distinct == 1
    assert (answered.chances[0] < 0.5) == moves


def test_what_is_like_a_picture_is_ordered_by_kind_and_chance(tmp_path: Path) -> None:
    paths = build(tmp_path)
    collection = ReviewCollection(paths, Select())
    ids = [collection.image_id(row) for row in range(4)]
    pair = tables.read(paths.table("pairs"), PAIRS).to_pylist()[0]
    kinds = [("doubtful", 0.2, "crop"), ("doubtful", 0.7, "crop"), ("exact", 0.1, None)]
    rows = []
    for other, (kind, chance, suspicion) in zip(ids[1:], kinds, strict=True):
        first, second = sorted((ids[0], other))
        known = {"kind": kind, "chance": chance, "suspicion": suspicion}
        rows.append(pair | known | {"a": first, "b": second})
    tables.write(paths.table("pairs"), PAIRS, tables.from_rows(PAIRS, rows))
    collection = ReviewCollection(paths, Select())
    assert candidates(collection, 0) == [3, 2, 1]
    assert candidates(collection, 1) == [0]
    assert candidates(collection, 4) == []
    chances = {row["kind"]: row["chance"] for row in measured(collection, [0, 2, 3], lambda _: ())}
    assert chances["exact"] is None
    assert chances["doubtful"] == doubtful(collection, lambda _: ()).chances[0]
