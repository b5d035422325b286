from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.params.augment import Augment
from pipeline.core.params.select import Select
from pipeline.core.schema import VARIANTS
from pipeline.stages import augment, select
from tests.decision_tables import image, inputs, write_inputs


def test_variants_of_a_collection_that_has_no_pixels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = image("flat", symmetry_distances=[0.0] * 8)
    made = inputs([image("a"), image("b"), flat, image("tall", height=4000)])
    paths = write_inputs(tmp_path, "paintings", made)
    select.run(paths, Select())
    augment.run(paths, Augment())
    variants = tables.read(paths.table("variants"), VARIANTS)
    assert tables.counts(variants, "status") == {"keep": 13, "reject": 5}
    assert "augment paintings: 18 variants = 13 kept + 5 rejected (5 same_as_other_variant)" in (
        capsys.readouterr().err
    )
    assert not paths.pixels.exists()
    first = paths.table("variants").read_bytes()
    augment.run(paths, Augment())
    assert paths.table("variants").read_bytes() == first


def test_where_nothing_stays_there_is_an_empty_table(tmp_path: Path) -> None:
    paths = write_inputs(tmp_path, "paintings", inputs([image("tall", height=4000)]))
    select.run(paths, Select())
    augment.run(paths, Augment())
    assert tables.read(paths.table("variants"), VARIANTS).num_rows == 0


def test_a_missing_selection_is_told(tmp_path: Path) -> None:
    paths = write_inputs(tmp_path, "paintings", inputs([image("a")]))
    with pytest.raises(TableError, match=r"selection\.parquet: missing; run `dvc repro`"):
        augment.run(paths, Augment())
