"""The queue of doubtful pairs, and what is compared with a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.review.collection import ReviewCollection
from curation.review.duplicate_groups import candidates, doubtful, measured
from pipeline.core import tables
from pipeline.core.params.select import Select
from pipeline.core.schema import PAIRS
from tests.small_project import build


@pytest.mark.parametrize(("suspicion", "chance"), [("flat", 0.5), ("crop", 0.014)])
def test_the_chance_of_flat_pictures_is_the_one_that_dedupe_set(
    tmp_path: Path, suspicion: str, chance: float
) -> None:
    paths = build(tmp_path)
    rows = tables.read(paths.table("pairs"), PAIRS).to_pylist()
    flat = {"suspicion": suspicion, "chance": 0.5}
    rows = [row | flat if row["kind"] == "doubtful" else row for row in rows]
    tables.write(paths.table("pairs"), PAIRS, tables.from_rows(PAIRS, rows))
    queue = doubtful(ReviewCollection(paths, Select()), lambda _: ())
    assert queue.chances == pytest.approx([chance])


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
