from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.core import shards, tables
from pipeline.core.params.train import DcganTrain, ResidualTrain
from pipeline.core.schema import VARIANTS
from tests.train import small
from train.fingerprint import data_digest, fingerprint

PARAMS = DcganTrain(model="dcgan")


def _table(root: Path) -> pa.Table:
    return tables.read(small.build(root).table("variants"), VARIANTS)


def _replaced(table: pa.Table, column: str, old: str, new: str) -> pa.Table:
    values = pc.if_else(pc.equal(table[column], old), new, table[column])
    return table.set_column(table.schema.get_field_index(column), column, values)


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("image_id", f"{3:024x}", f"{99:024x}"),
        ("transform", "rot90", "rot270"),
        ("split", "held_out", "train"),
        ("shard", small.SHARDS[0], small.SHARDS[1]),
        ("status", "keep", "reject"),
    ],
)
def test_the_data_digest_sees_every_change_of_what_is_shown(
    tmp_path: Path, column: str, old: str, new: str
) -> None:
    table = _table(tmp_path)
    assert data_digest(_replaced(table, column, old, new), PARAMS) != data_digest(table, PARAMS)


def test_the_data_digest_ignores_what_is_not_shown(tmp_path: Path) -> None:
    table = _table(tmp_path)
    renamed = _replaced(table, "decided_by", "rule", "ada")
    without = table.filter(pc.equal(table["status"], "keep"))
    chunked = pa.concat_tables([table.slice(0, 50), table.slice(50)])
    digests = {data_digest(each, PARAMS) for each in (table, renamed, without, chunked)}
    assert len(digests) == 1


def test_creators_matter_where_they_are_looked_at(tmp_path: Path) -> None:
    table = _table(tmp_path)
    renamed = _replaced(table, "creator", small.CREATORS[0], "somebody-else")
    balanced = PARAMS.model_copy(update={"class_balanced": True})
    conditional = ResidualTrain(model="residual", condition="creator")
    assert data_digest(renamed, PARAMS) == data_digest(table, PARAMS)
    for params in (balanced, conditional):
        assert data_digest(renamed, params) != data_digest(table, params)


def test_every_param_matters_but_the_harmless_one() -> None:
    usual = fingerprint(PARAMS, "data", [])
    changed = {"seed": 2, "kimg": 7.0, "width": 64, "learning_rate": 0.1, "dropout": 0.0}
    for name, value in changed.items():
        assert fingerprint(PARAMS.model_copy(update={name: value}), "data", []) != usual, name
    often = PARAMS.model_copy(update={"checkpoint_every_kimg": 0.5})
    assert fingerprint(often, "data", []) == usual
    assert fingerprint(PARAMS, "other data", []) != usual
    best, often = (each.model_copy(update={"publish": "best"}) for each in (PARAMS, often))
    assert fingerprint(best, "data", []) != fingerprint(often, "data", [])


def test_names_and_sizes_of_the_shards_matter(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    first, second = (paths.pixel_shard(64, name) for name in small.SHARDS)
    usual = fingerprint(PARAMS, "data", [first, second])
    assert fingerprint(PARAMS, "data", [second, first]) == usual
    assert fingerprint(PARAMS, "data", [first]) != usual
    shards.write(second, small.pictures(3))
    assert fingerprint(PARAMS, "data", [first, second]) != usual
