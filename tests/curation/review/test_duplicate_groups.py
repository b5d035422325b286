"""The queue of doubtful pairs, where there is nothing on two pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from curation.review.collection import ReviewCollection
from curation.review.duplicate_groups import doubtful
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
