from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import TypeAdapter

from pipeline.core import code, shards, tables
from pipeline.core.params.train import DcganTrain, ResidualTrain, Train
from pipeline.core.schema import VARIANTS
from tests.train import small
from train.loop.fingerprint import code_digest, data_digest, fingerprint
from train.networks.dcgan import DcganRecipe

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


def _named(**changes: Any) -> str:
    return fingerprint(PARAMS.model_copy(update=changes), "data", [], "code")


CHANGES: dict[str, Any] = {
    "seed": 2, "batch": 32, "learning_rate": 0.1, "ema_half_life_kimg": 1.0, "threads": 2,
    "learning_rate_falls_from": 0.5,
    "class_balanced": True, "resolution": 32, "width": 64, "latent": 50, "dropout": 0.0,
    "generator_batch_norm": False, "discriminator_batch_norm": True,
    "freeze_discriminator_batch_norm": True,
}  # fmt: skip
HARMLESS: dict[str, Any] = {
    "kimg": 7.0, "minutes": 5.0, "on_unhealthy": "go_on", "samples_every_kimg": 1.0,
    "log_every_kimg": 1.0, "checkpoint_every_kimg": 0.5, "publish": "best", "keep_checkpoints": 1,
    "keep_trainings": 9, "sample_grid": 2, "warm_start": "moved.safetensors",
}  # fmt: skip


def test_what_touches_the_weights_makes_another_training_and_nothing_else() -> None:
    assert CHANGES.keys() | HARMLESS.keys() == DcganTrain.model_fields.keys() - {"model"}
    assert {name for name, value in CHANGES.items() if _named(**{name: value}) == _named()} == set()
    assert {
        name for name, value in HARMLESS.items() if _named(**{name: value}) != _named()
    } == set()
    assert fingerprint(PARAMS, "other data", [], "code") != _named()
    assert fingerprint(PARAMS, "data", [], "other code") != _named()
    assert fingerprint(PARAMS, "data", [], "code", "first weights") != _named()


def test_names_and_sizes_of_the_shards_matter(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    first, second = (paths.pixel_shard(64, name) for name in small.SHARDS)
    usual = fingerprint(PARAMS, "data", [first, second], "code")
    assert fingerprint(PARAMS, "data", [second, first], "code") == usual
    assert fingerprint(PARAMS, "data", [first], "code") != usual
    shards.write(second, small.pictures(3))
    assert fingerprint(PARAMS, "data", [first, second], "code") != usual


def _edited(monkeypatch: pytest.MonkeyPatch, module: str, edit: Callable[[str], str]) -> str:
    """The name of the code of a DCGAN's steps after an edit of one module."""
    source = code._source
    with monkeypatch.context() as patch:
        patch.setattr(
            code, "_source", lambda name: edit(source(name)) if name == module else source(name)
        )
        return code_digest(DcganRecipe)


@pytest.mark.parametrize(
    ("module", "before", "after"),
    [
        ("train.networks.losses", "softplus(-logits.float())", "softplus(1 - logits.float())"),
        ("train.networks.dcgan", "BETAS: Final = (0.5, 0.999)", "BETAS: Final = (0.0, 0.999)"),
        ("train.loop.ema", "RAMP_UP = 0.05", "RAMP_UP = 0.1"),
        ("train.data.sampler", "permutation", "choice"),
        ("pipeline.core.transforms", "SYMMETRIES", "ALL_SYMMETRIES"),
    ],
)
def test_a_change_of_what_a_step_does_makes_another_training(
    monkeypatch: pytest.MonkeyPatch, module: str, before: str, after: str
) -> None:
    usual = code_digest(DcganRecipe)
    assert before in code._source(module)
    assert _edited(monkeypatch, module, lambda text: text.replace(before, after)) != usual
    comment = _edited(monkeypatch, module, lambda text: f'"""Other words."""\n# and more\n{text}')
    assert comment == usual


@pytest.mark.parametrize(
    "module",
    [
        "train.networks.residual", "train.monitor.rules", "train.samples.sheets",
        "train.metrics.sample_metrics", "train.export.model_file", "train.loop.training",
        "pipeline.core.schema", "pipeline.core.params.train", "pipeline.stages.train",
    ],
)  # fmt: skip
def test_a_change_of_anything_else_goes_on(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    assert _edited(monkeypatch, module, lambda text: f"{text}\nX = 1\n") == code_digest(DcganRecipe)


def test_the_essence_of_code_has_no_texts_but_those_that_are_used() -> None:
    source = '''"""A module."""
A = "kept"
"""Says what A is."""
def f(x):
    """Says what f does."""  # and more
    return  {"a": x}
class C:
    """Nothing else."""
'''
    assert code.essence(source) == "A = 'kept'\n\ndef f(x):\n    return {'a': x}\n\nclass C:"


def test_where_rates_fall_another_end_is_another_training() -> None:
    def named(**settings: Any) -> str:
        params: Train = TypeAdapter(Train).validate_python(small.DCGAN | settings)
        return fingerprint(params, "data", [], "code")

    assert named(kimg=5.0) == named(kimg=6.0) == named(minutes=3.0)
    falling = {"learning_rate_falls_from": 0.5}
    ends: list[dict[str, Any]] = [{"kimg": 5.0}, {"kimg": 6.0}, {"kimg": 5.0, "minutes": 3.0}]
    names = {named(**falling, **end) for end in ends}
    assert len(names) == len(ends)
    assert named(kimg=5.0) not in names
    assert named(**falling, kimg=5.0) == named(**falling, kimg=5.0, publish="best")
