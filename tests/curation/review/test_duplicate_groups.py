"""The queue of doubtful pairs: chances as `dedupe` set them, and as answers move them."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.decisions.entries import ListEntry
from curation.decisions.list_files import DISTINCT
from curation.review.collection import ReviewCollection
from curation.review.decision_store import Ids, Placed
from curation.review.duplicate_groups import doubtful
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
