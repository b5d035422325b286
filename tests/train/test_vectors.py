"""Vectors, the sheets they are made of, the losses that need them, the probe that reads them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from pydantic import TypeAdapter

from pipeline.core.params.train import ResidualTrain, Train
from tests.train import small
from train.bases.base_catalogue import weights_of
from train.compute.device import Compute
from train.conditions.data_sheet import Categories, Numbers, read_sheet, sheet_vectors
from train.conditions.vectors import Vectors
from train.conditions.written_numbers import number_in, unit_of
from train.loop import checkpoint
from train.metrics.attributes import Category, Quantity, Seen, judge_attributes
from train.networks import mismatches, state_dicts
from train.networks.conditions import CONDITIONAL, ConditionShape
from train.networks.phase import Phase
from train.networks.recipe import Batch
from train.networks.registry import networks_for, recipe_for


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40 mm", (40, "mm")), ("40mm", (40, "mm")), ("1,250 €", (1250, "€")),
        ("$3,945", (3945, "$")), ("1.250,50 €", (1250.5, "€")), ("1'250.5", (1250.5, "")),
        ("2004", (2004, "")), ("1985 (Approximation)", (1985, "")), ("40,5 mm", (40.5, "mm")),
        ("1 250 000", (1250000, "")), ("-3.5 °C", (-3.5, "°c")), ("0.125", (0.125, "")),
        ("1.250.000", (1250000, "")),
        ("36 x 40 mm", None), ("Unknown", None), ("", None), ("3/4", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, number: tuple[float, str] | None) -> None:
    assert number_in(text) == number


def test_a_column_is_of_numbers_where_nearly_all_share_a_unit() -> None:
    assert unit_of(["40 mm", "41 mm", "38 mm", "unknown"]) == "mm"
    assert unit_of(["40 mm", "unknown", "38 mm", "unknown"]) is None
    assert unit_of(["2135CE", "31972WE", "1164BN"]) is None
    assert unit_of(["1985", "1999 (Approximation)"]) == ""
    assert unit_of([]) is None


def _facts(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.table(
        {
            "image_id": [f"{place:024x}" for place in range(len(rows))],
            "split": ["held_out" if row.get("out") else "train" for row in rows],
            "year": pa.array([row.get("year") for row in rows], pa.int32()),
            "sheet": [
                json.dumps({"Case / Dial": row["dial"]} if row.get("dial") else {}) for row in rows
            ],
        }
    )


def _params(**changes: Any) -> ResidualTrain:
    settings = {"model": "residual", "condition": "sheet", "sheet": ("dial", "year")}
    return ResidualTrain.model_validate(settings | changes)


def test_vectors_say_numbers_as_deviations_and_categories_one_by_one() -> None:
    dials = ["Blue", "blue", "Black", "Green", "Black", "Black", None, "Pink"]
    rows = [{"dial": dial, "year": 2000 + 2 * place} for place, dial in enumerate(dials)]
    rows[1]["year"] = None
    rows[7] |= {"out": True, "year": 1990}
    vectors, description = sheet_vectors(_facts(rows), _params(sheet_categories=2))
    dial, year = read_sheet(description).columns
    assert isinstance(dial, Categories)
    assert isinstance(year, Numbers)
    assert dial.labels == ("Black", "Blue", "other", "")
    assert vectors[:, :4].argmax(axis=1).tolist() == [1, 1, 0, 2, 0, 0, 3, 2]
    assert (vectors[:, :4].sum(axis=1) == 1).all()
    shown = np.array([2000, 2004, 2006, 2008, 2010, 2012])
    assert vectors[[0, 2, 3, 4, 5, 6], 4] == pytest.approx((shown - shown.mean()) / shown.std())
    assert vectors[7, 4] == pytest.approx((1990 - shown.mean()) / shown.std()), (
        "held out: not in it"
    )
    assert vectors[:, 5].tolist() == [0, 1, 0, 0, 0, 0, 0, 0]
    again, _ = sheet_vectors(_facts(rows), _params(sheet_categories=2))
    assert np.array_equal(vectors, again)


def test_variants_of_an_image_share_its_vector_and_an_image_without_one_is_named() -> None:
    ids, values = np.array(["a", "c"], object), np.eye(2, dtype=np.float32)
    found = Vectors.by_id(ids, values, np.array(["c", "a", "c"], object))
    assert found.at(np.array([0, 2])).tolist() == [[0, 1], [0, 1]]
    assert found.taken(np.array([1])).at(np.array([0])).tolist() == [[1, 0]]
    for stranger in ("b", "d"):
        with pytest.raises(LookupError, match=stranger):
            Vectors.by_id(ids, values, np.array(["a", stranger], object))


def test_a_wrong_condition_counts_half_and_the_same_one_not_at_all() -> None:
    conditions = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    counts = mismatches.differ(conditions, conditions.roll(1, 0))
    assert counts.tolist() == [1, 1, 0]
    of_fakes, real, wrong = (
        torch.tensor(0.5),
        torch.tensor([2.0, 1.0, 0.0]),
        torch.tensor([1.0, -1.0, 9.0]),
    )
    alone = mismatches.with_mismatches(of_fakes, None, wrong, counts)
    assert alone.item() == pytest.approx((0.5 + np.log1p(np.exp([1.0, -1.0])).sum() / 3) / 2)
    beside = mismatches.with_mismatches(of_fakes, real, wrong, counts)
    assert beside.item() == pytest.approx((0.5 + np.log1p(np.exp([-1.0, -2.0])).sum() / 3) / 2)


@pytest.mark.parametrize("loss", ["logistic", "relativistic"])
def test_a_step_judges_real_images_with_the_vector_of_another(cpu: Compute, loss: str) -> None:
    """The same step with and without: only the losses of the discriminator differ at first."""
    settings = small.RESIDUAL | {
        "condition": "sheet", "sheet": ("Dial",), "loss": loss, "augment": ()
    }  # fmt: skip
    images, vectors = torch.rand(8, 3, 32, 32) * 2 - 1, torch.eye(8)[:, :3]
    measured = []
    for mismatched, others in (
        (True, vectors.roll(1, 0)),
        (False, vectors.roll(1, 0)),
        (True, None),
    ):
        params: Train = TypeAdapter(Train).validate_python(settings | {"mismatched": mismatched})
        recipe = recipe_for(params, cpu, ConditionShape(numbers=3))
        torch.manual_seed(5)
        batch = Batch(images, vectors, torch.arange(8), None, others)
        measured.append(recipe.step(batch, Phase(32), 1))
    name = "discriminator" if loss == "relativistic" else "discriminator_fake"
    assert measured[0][name] != measured[1][name]
    assert measured[1] == measured[2]


def test_a_base_without_conditions_is_what_a_conditional_network_begins_with() -> None:
    params: Train = TypeAdapter(Train).validate_python(
        {"model": "residual", "channels_base": 512, "channels_max": 64, "latent": 64}
    )
    saved = checkpoint.load_checkpoint(weights_of("watches-64"))
    assert saved is not None
    weights = state_dicts.parts(saved.tensors)["average"]
    plain, conditional = networks_for(params)[0], networks_for(params, ConditionShape(numbers=5))[0]
    plain.load_state_dict(weights)
    conditional.load_state_dict(state_dicts.widened(weights, conditional, CONDITIONAL))
    latents = torch.randn(3, 64)
    with torch.no_grad():
        torch.testing.assert_close(plain(latents), conditional(latents, torch.randn(3, 5)))


def test_a_probe_tells_what_was_asked_from_what_was_not() -> None:
    random = np.random.default_rng(1)
    labels, numbers = random.integers(0, 3, (3, 120)), random.normal(40, 5, (3, 120))
    seen = [
        np.eye(3)[label] @ _DIRECTIONS
        + number[:, None] / 40 * _ALONG + random.normal(0, 0.1, (120, 8))
        for label, number in zip(labels, numbers, strict=True)
    ]  # fmt: skip
    labels[0, :10], numbers[1, :5] = -1, np.nan
    features = Seen(*seen)
    names = ("black", "blue", "green")
    for asked_labels, asked_numbers, obeys in (
        (labels[2], numbers[2], True),
        (np.roll(labels[2], 1), np.roll(numbers[2], 1), False),
    ):
        attributes: list[Category | Quantity] = [
            Category("dial", names, labels[0], labels[1], asked_labels),
            Quantity("diameter", numbers[0], numbers[1], asked_numbers),
        ]
        dial, diameter = judge_attributes(features, attributes).values()
        assert dial["reals"] > 0.95
        assert diameter["reals"] > 0.8
        assert dial["chance"] == pytest.approx(1 / 3, abs=0.05)
        assert (dial["right"] > 0.95) == obeys
        assert (diameter["correlation"] > 0.8) == obeys
        assert obeys or abs(dial["right"] - dial["chance"]) < 0.15
    few = Category("dial", names, labels[0], np.full(120, -1), labels[2])
    assert judge_attributes(features, [few]) == {"dial": None}


_DIRECTIONS = np.random.default_rng(2).normal(size=(3, 8))
_ALONG = np.random.default_rng(3).normal(size=8)
