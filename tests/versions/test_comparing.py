"""Joining, counting and measuring against the plain way of doing it, on any tables."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core import tables
from pipeline.core.schema import IMAGES, SELECTION, VARIANTS
from pipeline.versions import decisions, measurements, old_tables
from pipeline.versions.decisions import Move
from pipeline.versions.row_matching import aligned_rows
from pipeline.versions.splits import astride, crossings, sides
from tests.decision_tables import Row, id_of, image, table

REASONS = [None, "too_small", "rights", "a_former_reason"]
_few = settings(max_examples=50)
_names = st.sampled_from("abcdefgh")
_selections = st.dictionaries(_names, st.sampled_from(REASONS))
_sides = st.dictionaries(_names, st.sampled_from(["train", "held_out"]))


def _selection(states: dict[str, Any]) -> pa.Table:
    rows: list[Row] = [
        dict.fromkeys(SELECTION.arrow.names)
        | {"image_id": name, "status": "reject" if reason else "keep", "reason": reason}
        | {"decided_by": "rule"}
        for name, reason in states.items()
    ]
    return table(SELECTION, rows).select(decisions.READ)


@_few
@given(_selections, _selections)
def test_every_image_is_counted_once_whatever_the_rows(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, after = _selection(old), _selection(new)
    changes = decisions.compare_decisions(
        before, after, aligned_rows(before["image_id"], after["image_id"])
    )
    states = {
        name: tuple("absent" if name not in side else side[name] or "keep" for side in (old, new))
        for name in {*old, *new}
    }
    expected = Counter(pair for pair in states.values() if pair[0] != pair[1])
    assert changes.transitions == dict(expected)
    moved = {
        move: {row["image_id"] for row in rows.to_pylist()} for move, rows in changes.moves.items()
    }
    for name, (was, now) in states.items():
        keeps = (was == "keep", now == "keep")
        move = {
            (True, False): Move.VANISHED if now == "absent" else Move.LEFT,
            (False, True): Move.ARRIVED if was == "absent" else Move.RETURNED,
        }.get(keeps)
        assert {image_id for image_id, names in moved.items() if name in names} == ({move} - {None})
    gains = changes.count(Move.ARRIVED) + changes.count(Move.RETURNED)
    assert (
        changes.kept[0] + gains - changes.count(Move.LEFT) - changes.count(Move.VANISHED)
        == (changes.kept[1])
    )


@_few
@given(st.lists(_names, unique=True), st.lists(_names, unique=True))
def test_rows_are_joined_by_id_in_any_order(old: list[str], new: list[str]) -> None:
    columns = [pa.chunked_array([pa.array(names, pa.string())]) for names in (old, new)]
    rows = aligned_rows(*columns)
    joined = {
        (old[old_row] if old_row >= 0 else None, new[new_row] if new_row >= 0 else None)
        for old_row, new_row in zip(rows.old.tolist(), rows.new.tolist(), strict=True)
    }
    assert joined == {
        (name if name in old else None, name if name in new else None) for name in {*old, *new}
    }


@_few
@given(_sides, _sides)
def test_images_that_change_sides_are_named(old: dict[str, str], new: dict[str, str]) -> None:
    tables_ = [
        pa.table(
            {
                "image_id": pa.array(sorted(side), pa.string()),
                "split": pa.array([side[name] for name in sorted(side)], pa.string()),
            }
        )
        for side in (old, new)
    ]
    crossed = [
        (crossing.image_id, crossing.before, crossing.after) for crossing in crossings(*tables_)
    ]
    assert crossed == [
        (name, old[name], new[name]) for name in sorted({*old} & {*new}) if old[name] != new[name]
    ]


def _variants(tmp_path: Path, *rows: tuple[str, str, str, str]) -> Path:
    full = [
        dict.fromkeys(VARIANTS.arrow.names)
        | {"image_id": name, "transform": transform, "status": status, "split": split}
        | {"decided_by": "rule", "shard": "s", "row": 0}
        for name, transform, status, split in rows
    ]
    path = tmp_path / "variants.parquet"
    tables.write(path, VARIANTS, tables.from_rows(VARIANTS, full))
    return path


def test_a_picture_on_both_sides_is_found_through_its_group(tmp_path: Path) -> None:
    both_sides = sides(
        _variants(
            tmp_path,
            ("a", "identity", "keep", "train"),
            ("b", "identity", "keep", "held_out"),  # of the group of a
            ("c", "flip_left_right", "reject", "train"),
            ("c", "identity", "keep", "held_out"),
            ("d", "flip_left_right", "keep", "held_out"),
            ("d", "identity", "keep", "train"),  # on both sides itself
        )
    )
    assert both_sides.variants == {"train": 2, "held_out": 3}
    selection = pa.table({"image_id": list("abcd"), "group": ["a", "a", None, None]})
    assert sorted(astride(both_sides.images, selection)) == [("a", "b"), ("d", "d")]


def _images(tmp_path: Path, name: str, *rows: Row) -> Path:
    path = tmp_path / f"{name}.parquet"
    tables.write(path, IMAGES, table(IMAGES, rows))
    return path


@pytest.mark.parametrize(
    ("fact", "before", "after"),
    [
        ("width", 400, 401),
        ("pixel_digest", "0" * 32, "1" * 32),
        ("phashes", [7] * 8, [7] * 7 + [2**63 + 1]),
        ("mean_rgb", None, [1.0, 2.0, 3.0]),
        ("sharpness", 90.0, None),
        ("featureless", False, True),
        ("symmetry_distances", [0.0] * 8, [0.0] * 7 + [float("nan")]),
    ],
)
def test_what_is_measured_otherwise_is_named(
    tmp_path: Path, fact: str, before: Any, after: Any
) -> None:
    same = [image("a"), image("c", sharpness=float("nan"), mean_rgb=None)]
    old = _images(tmp_path, "old", *same, image("b", **{fact: before}), image("gone"))
    new = _images(tmp_path, "new", *same, image("b", **{fact: after}), image("new"))
    known = aligned_rows(*(tables.read(path, IMAGES)["image_id"] for path in (old, new)))
    comparison = measurements.compare_measurements(old, new, ("v1", "v2"), known)
    assert comparison.columns == {fact: 1}
    assert comparison.images == 1
    (example,) = comparison.examples
    assert (example["image_id"], example["fact"]) == (id_of("b"), fact)
    assert np.array_equal(example["before"], before) or before is None
    assert not measurements.compare_measurements(old, old, ("v1", "v2"), known)


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_tables_that_are_read_in_parts_are_compared_row_by_row(
    in_order: bool, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images come, go and are measured otherwise across the borders of parts of seven rows."""
    monkeypatch.setattr(old_tables, "_ROWS_AT_ONCE", 7)
    rng = np.random.default_rng(seed)
    measured: list[dict[str, int]] = []
    paths = [tmp_path / "old.parquet", tmp_path / "new.parquet"]
    for path in paths:
        names = [f"n{number}" for number in range(60) if rng.random() < 0.7]
        widths = {name: int(rng.integers(400, 402)) for name in names}
        measured.append({id_of(name): width for name, width in widths.items()})
        rows = table(IMAGES, [image(name, width=width) for name, width in widths.items()])
        order = rng.permutation(rows.num_rows)
        pq.write_table(rows.sort_by("image_id") if in_order else rows.take(order), path)
    ids = [pq.read_table(path)["image_id"] for path in paths]
    told = measurements.compare_measurements(paths[0], paths[1], ("v1", "v2"), aligned_rows(*ids))
    before, after = measured
    differs = {
        image_id for image_id in before.keys() & after.keys() if before[image_id] != after[image_id]
    }
    assert told.columns == {"width": len(differs)}
    assert told.images == len(differs)
    assert len(told.examples) == 3
    for example in told.examples:
        name = example["image_id"]
        assert name in differs
        assert (example["before"], example["after"]) == (before[name], after[name])
