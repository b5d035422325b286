from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from torch import nn

from pipeline.core import shards, tables
from pipeline.core.errors import UsageError
from pipeline.core.params.train import ResidualTrain, Train
from pipeline.core.schema import VARIANTS, Split
from tests.train import small
from train.compute.device import Compute
from train.data import classes
from train.data.variants import NAMELESS, Variants
from train.export import model_file
from train.loop.training import Training
from train.monitor.rules import LEAST_DIVERSITY, Course, class_collapse
from train.networks import residual
from train.networks.conditions import ConditionShape
from train.networks.registry import recipe_for
from train.samples.grid import Samples

CONDITIONAL = small.RESIDUAL | {"condition": "creator"}


def test_classes_come_as_often_as_their_share_from_the_start() -> None:
    sizes = np.array([60, 0, 10, 30])
    for count in (10, 100, 1000):
        shares = np.bincount(classes.spread(sizes, count), minlength=4) / count
        assert shares == pytest.approx(sizes / 100, abs=2 / count)
    assert np.array_equal(classes.spread(sizes, 100)[:10], classes.spread(sizes, 10))


def test_rows_show_the_largest_classes() -> None:
    sizes = np.array([2, 9, 9, 1])
    assert classes.rows(sizes, 2).tolist() == [1, 2]
    assert classes.rows(sizes, 8).tolist() == [1, 1, 2, 2, 0, 0, 3, 3]


def test_an_image_is_projected_on_the_embedding_of_its_class() -> None:
    params = ResidualTrain(model="residual", resolution=32, channels_base=64, latent=8)
    _, judging = residual.build(params, ConditionShape(classes=3))
    images, classes = torch.randn(4, 3, 32, 32), torch.tensor([0, 1, 2, 0])
    features: list[torch.Tensor] = []
    judging.last.register_forward_hook(lambda *seen: features.append(seen[2]))
    logits = judging(images, classes)
    assert judging.embedding is not None
    along = (features[0] * judging.embedding(classes)).sum(1) / features[0].shape[1] ** 0.5
    torch.testing.assert_close(logits, judging.score(features[0]) + along)


def test_a_class_is_learnt_and_drawn_on_demand(tmp_path: Path, cpu: Compute) -> None:
    """Two creators, one of red and one of blue pictures, and many more of the first."""
    settings = CONDITIONAL | {
        "kimg": 0.8, "learning_rate": 4e-3, "class_balanced": True, "log_every_kimg": 9.0,
        "samples_every_kimg": 9.0, "checkpoint_every_kimg": 9.0, "ema_half_life_kimg": 0.1,
    }  # fmt: skip
    paths = small.build(tmp_path, settings)
    red, blue = np.array([[200, 30, 30], [30, 30, 200]], np.uint8)
    for shard in small.SHARDS:
        shards.write(paths.pixel_shard(64, shard), _flat([blue] * 2 + [red] * 10))
    table = tables.read(paths.table("variants"), VARIANTS)
    variants = Variants.of(table, Split.TRAIN)
    names = np.where(variants.row < 2, 1, 0)
    variants = Variants(
        variants.shard_names, variants.image_id, variants.shard, variants.row, variants.symmetry,
        ("red", "blue"), names,
    )  # fmt: skip
    params: Train = TypeAdapter(Train).validate_python(settings)
    training = Training(params, cpu, paths.pixels, variants, tmp_path / "run")
    training.run(lambda _row: None, lambda: False)
    sizes = dict(zip(variants.classes, variants.class_sizes().tolist(), strict=True))
    model = model_file.Model(params, training.state.averaged_generator(), cpu, sizes)
    for name, colour in (("red", red), ("blue", blue)):
        mean_colour = model.of_class(name).draw(16, seed=1).mean(axis=(0, 1, 2))
        others = blue if name == "red" else red
        assert np.abs(mean_colour - colour).sum() < np.abs(mean_colour - others).sum()
    blues = model.draw(40, seed=1).mean(axis=(1, 2)) @ (1, 0, -1) < 0
    assert blues.mean() == pytest.approx((names == 1).mean(), abs=0.1)
    with pytest.raises(UsageError, match="2 classes, but no 'bleu'; near to it are blue"):
        model.of_class("bleu")


def _flat(colours: list[np.ndarray]) -> np.ndarray:
    return np.stack([np.broadcast_to(colour, (64, 64, 3)) for colour in colours])


def test_creators_that_are_not_known_are_one_class(tmp_path: Path) -> None:
    table = tables.read(small.build(tmp_path).table("variants"), VARIANTS)
    variants = Variants.of(table, Split.TRAIN)
    assert variants.classes == ("ana", "ben", NAMELESS)
    number = np.array([int(image, 16) for image in variants.image_id])
    assert np.array_equal(variants.of_class, number % 3)
    assert variants.class_sizes().sum() == len(variants)
    assert np.array_equal(variants.originals()[0].of_class, np.unique(number) % 3)


class _Forgetful(nn.Module):
    """Draws shades by latent, and of one class always the same."""

    def __init__(self, forgets: int | None) -> None:
        super().__init__()
        self._forgets = forgets

    def forward(self, latents: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        shades = latents[:, :3].clamp(-1, 1)
        if self._forgets is not None:
            shades = torch.where((classes == self._forgets)[:, None], 0.0, shades)
        return shades[:, :, None, None].expand(-1, -1, 32, 32)


@pytest.mark.parametrize("forgets", [None, 0, 2])
@pytest.mark.parametrize("grid", [2, 6])
def test_a_class_that_is_always_drawn_alike_is_seen(
    tmp_path: Path, cpu: Compute, forgets: int | None, grid: int
) -> None:
    """A sheet of two rows shows two of the three classes; all are watched."""
    paths = small.build(tmp_path)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    params: Train = TypeAdapter(Train).validate_python(CONDITIONAL | {"sample_grid": grid})
    recipe = recipe_for(params, cpu, ConditionShape(len(variants.classes)))
    samples = Samples(params, recipe, paths.pixels, variants)
    forgetful, phase = _Forgetful(forgets), recipe.phase_at(0)
    fakes = samples.draw(forgetful, phase)
    metrics = samples.measure(fakes, samples.draw_classes(forgetful, phase))
    assert metrics["diversity"] > 0.5
    assert metrics["class_diversity"] > 0.5
    assert (metrics["least_class_diversity"] < LEAST_DIVERSITY) == (forgets is not None)
    course = Course(
        [{"step": 5000, "steps": 5000}], [metrics] * 3, 1.0, finite=True, objective=None
    )
    rules = [finding.rule for finding in class_collapse(course)]
    assert rules == ([] if forgets is None else ["class collapse"])
