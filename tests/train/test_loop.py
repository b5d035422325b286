from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter

from pipeline.core import tables
from pipeline.core.errors import InterruptedRunError, TrainingError, UnhealthyError
from pipeline.core.params.train import Train
from pipeline.core.schema import VARIANTS, Split
from tests.train import small
from train.compute.device import Compute, find
from train.data.real_images import RealImages
from train.data.variants import Variants
from train.loop import checkpoint
from train.loop.ema import decay
from train.loop.training import Training
from train.metrics.sample_metrics import COMPARED, SampleMetrics
from train.monitor.rules import Row
from train.networks.phase import images
from train.samples.grid import Samples

PARAMS: dict[str, dict[str, Any]] = {
    "dcgan": small.DCGAN,
    "progan": small.PROGAN,
    "residual": small.RESIDUAL,
    "conditional": small.RESIDUAL
    | {
        "condition": "creator",
        "class_balanced": True,
        "augment": ("translate", "geometric"),
        "augment_target": 0.5,
        "augment_ramp_kimg": 0.2,
        "publish": "best",
    },
    "relativistic": small.RESIDUAL | {"loss": "relativistic", "augment": ()},
    "falling": small.RESIDUAL | {"learning_rate_falls_from": 0.5},
}


def _training(root: Path, settings: dict[str, Any], compute: Compute | None = None) -> Training:
    paths = small.build(root)
    params: Train = TypeAdapter(Train).validate_python(settings)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    return Training(params, compute or find(), paths.pixels, variants, root / "run")


def _ignore(_row: Row) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def _after(steps: int) -> Callable[[], bool]:
    left = iter(range(steps))
    return lambda: next(left, None) is None


def _state(training: Training) -> dict[str, torch.Tensor]:
    networks = {
        "generator": training.recipe.generator,
        "discriminator": training.recipe.discriminator,
        "average": training.state.averaged_generator(),
    }
    return {
        f"{part}.{name}": tensor
        for part, network in networks.items()
        for name, tensor in network.state_dict().items()
    }


def _same(a: Training, b: Training) -> bool:
    left, right = _state(a), _state(b)
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


@pytest.fixture(scope="module", params=PARAMS)
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Training]:
    settings = PARAMS[request.param]
    training = _training(tmp_path_factory.mktemp(request.param), settings)
    training.run(_ignore, _never)
    return settings, training


def test_one_seed_gives_identical_weights(
    undisturbed: tuple[dict[str, Any], Training], tmp_path: Path
) -> None:
    settings, first = undisturbed
    again = _training(tmp_path / "again", settings)
    again.run(_ignore, _never)
    assert _same(first, again)
    assert first.rows == again.rows
    other = _training(tmp_path / "other", settings | {"seed": 2})
    assert not _same(first, other)


@pytest.mark.parametrize("steps", [1, 13])
def test_a_stopped_training_goes_on_to_the_same_bits(
    undisturbed: tuple[dict[str, Any], Training], steps: int, tmp_path: Path
) -> None:
    settings, whole = undisturbed
    with pytest.raises(InterruptedRunError, match="goes on from there"):
        _training(tmp_path, settings).run(_ignore, _after(steps))
    saved, torn = checkpoint.load_latest(tmp_path / "run")
    assert saved is not None
    assert not torn
    resumed = _training(tmp_path, settings)
    assert saved.record.images_seen == steps * resumed.recipe.reals_per_step
    resumed.restore(saved, Path("saved"))
    resumed.run(_ignore, _never)
    assert _same(whole, resumed)
    # As lists, because the order of the losses is that of the history's columns.
    assert [list(row.items()) for row in resumed.rows] == [list(row.items()) for row in whole.rows]
    sheets = {path.name: path.read_bytes() for path in (tmp_path / "run/samples").iterdir()}
    expected = {path.name: path.read_bytes() for path in (whole.folder / "samples").iterdir()}
    assert sheets == expected


@pytest.mark.parametrize("name", ["dcgan", "residual"])
@pytest.mark.parametrize("first_kimg", [0.05, 0.08])
def test_a_training_that_is_lengthened_ends_as_one_long_run(
    name: str, first_kimg: float, tmp_path: Path
) -> None:
    """At 0.05 samples are due, at 0.08 a checkpoint; the ends of others are in no cadence."""
    settings = PARAMS[name] | {"generator_batch_norm": True} if name == "dcgan" else PARAMS[name]
    whole = _training(tmp_path / "whole", settings)
    assert whole.run(_ignore, _never)
    first = _training(tmp_path / "parts", settings | {"kimg": first_kimg})
    assert first.run(_ignore, _never)
    assert first.rows[-1]["images"] == first.state.images_seen < whole.state.images_seen
    for _ in range(2):  # once more when nothing is left to do
        longer = _training(tmp_path / "parts", settings)
        saved, _ = checkpoint.load_latest(longer.folder)
        assert saved is not None
        longer.restore(saved, longer.folder)
        assert longer.run(_ignore, _never)
        assert _same(whole, longer)
        assert longer.rows == whole.rows
        assert longer.monitor.seen == whole.monitor.seen


def test_after_a_warm_start_the_average_goes_on_in_its_middle(
    undisturbed: tuple[dict[str, Any], Training], tmp_path: Path
) -> None:
    settings, whole = undisturbed
    saved, _ = checkpoint.load_latest(whole.folder)
    assert saved is not None
    warm = _training(tmp_path, settings | {"ema_half_life_kimg": 1e6})
    warm.start_warm(saved)
    before = [weight.clone() for weight in warm.state.average.network.parameters()]
    with pytest.raises(InterruptedRunError):
        warm.run(_ignore, _after(1))
    shown = warm.state.images_seen
    share = 1 - decay(shown, whole.state.images_seen + shown, 1e9)
    learnt = list(warm.recipe.generator.parameters())
    expected = [torch.lerp(old, new, share) for old, new in zip(before, learnt, strict=True)]
    torch.testing.assert_close(list(warm.state.average.network.parameters()), expected)

    resumed = _training(tmp_path, settings)
    saved, _ = checkpoint.load_latest(warm.folder)
    assert saved is not None
    resumed.restore(saved, Path("saved"))
    assert resumed.state.images_before == whole.state.images_seen
    resumed.start_warm(saved)
    assert resumed.state.images_before == whole.state.images_seen + shown


def test_rows_samples_and_checkpoints_come_when_they_are_due(
    undisturbed: tuple[dict[str, Any], Training],
) -> None:
    _, training = undisturbed
    seen = [row["images"] for row in training.rows]
    shown = training.recipe.reals_per_step
    assert seen[-1] == training.state.images_seen
    assert 0 <= training.state.images_seen - (training.budget.images or 0) < shown
    assert all(row["images"] - 30 * k < shown for k, row in enumerate(training.rows[:-1], 1))
    assert sum(row["steps"] for row in training.rows) == training.state.steps
    names = sorted(path.stem for path in (training.folder / "samples").iterdir())
    assert names[0] == "000000000"
    assert names[-1] == f"{training.state.images_seen:09d}"
    kept = checkpoint.kept(training.folder)
    assert len(kept) == training.params.keep_checkpoints
    assert kept[0] == checkpoint.path_of(training.folder, training.state.images_seen)
    assert (training.folder / checkpoint.BEST).exists() == (training.params.publish == "best")


def test_both_networks_and_the_average_learn(
    undisturbed: tuple[dict[str, Any], Training], tmp_path: Path
) -> None:
    settings, trained = undisturbed
    before, after = _state(_training(tmp_path, settings)), _state(trained)
    still = {name for name in before if torch.equal(before[name], after[name])}
    # What is added to every logit cancels where real images are judged against drawn ones.
    no_use = {"discriminator.score.bias"} if settings.get("loss") == "relativistic" else set()
    still = {name for name in still if not name.endswith("num_batches_tracked")}
    assert still == no_use


def _poisoned(training: Training, after: int) -> Callable[[], bool]:
    """Spoil a weight once more than ``after`` images were shown."""
    spoilt: list[bool] = []

    def poison() -> bool:
        if training.state.images_seen >= after and not spoilt:
            spoilt.append(True)
            next(iter(training.recipe.generator.parameters())).data.fill_(torch.inf)
        return False

    return poison


def test_an_infinite_weight_stops_the_training_and_keeps_the_last_good(
    tmp_path: Path, cpu: Compute
) -> None:
    settings = small.DCGAN | {"checkpoint_every_kimg": 0.03}
    training = _training(tmp_path, settings, cpu)
    with pytest.raises(UnhealthyError) as stopped:
        training.run(_ignore, _poisoned(training, images(0.05)))
    (good,) = checkpoint.kept(training.folder)
    assert good == checkpoint.path_of(training.folder, 32)
    assert "after 60 images (step 15): not finite" in str(stopped.value)
    assert str(good) in str(stopped.value)


def test_a_training_that_is_set_back_ends_well_at_half_the_pace(
    tmp_path: Path, cpu: Compute
) -> None:
    settings = small.DCGAN | {"checkpoint_every_kimg": 0.02, "on_unhealthy": "rollback"}
    training = _training(tmp_path, settings, cpu)
    usual = training.params.learning_rate
    assert not training.run(_ignore, _poisoned(training, images(0.05)))
    assert training.state.images_seen == 20
    assert [row["images"] for row in training.rows] == []
    assert len(checkpoint.kept(training.folder)) == 1

    resumed = _training(tmp_path, settings, cpu)
    saved, _ = checkpoint.load_latest(training.folder)
    assert saved is not None
    resumed.restore(saved, Path("saved"))
    for each in (training, resumed):
        assert each.run(_ignore, _never)
        assert each.recipe.generator_optimizer.param_groups[0]["lr"] == usual / 2
        assert each.monitor.seen.setbacks == 1
        (finding,) = each.monitor.seen.findings
        assert finding["rule"] == "not finite"
    assert _same(training, resumed)


@pytest.mark.parametrize("settings", [small.DCGAN, small.PROGAN, small.RESIDUAL])
def test_learning_rates_fall_to_zero_from_the_share_that_is_given(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    settings = settings | {"learning_rate_falls_from": 0.25, "log_every_kimg": 0.001}
    training = _training(tmp_path, settings)
    rates: list[float] = []

    def watched() -> bool:
        if training.state.steps:
            optimizers = training.recipe.optimizers().values()
            (rate,) = {group["lr"] for each in optimizers for group in each.param_groups}
            rates.append(rate)
        return False

    training.run(_ignore, watched)
    total = training.budget.images
    assert total is not None
    usual, shown = training.params.learning_rate, training.recipe.reals_per_step
    done = np.arange(len(rates)) * shown / total
    assert rates == pytest.approx(usual * np.minimum(1, (1 - done) / 0.75))
    assert rates[0] == usual
    assert rates[-1] < 0.2 * usual
    assert [row["learning_rate"] for row in training.rows][: len(rates)] == pytest.approx(
        rates, rel=1e-5
    )


MODEL_3: dict[str, Any] = {
    "model": "dcgan", "resolution": 32, "width": 8, "batch": 16, "kimg": 2.8,
    "generator_batch_norm": True, "discriminator_batch_norm": True,
    "log_every_kimg": 0.8, "samples_every_kimg": 2.8, "checkpoint_every_kimg": 1.6,
    "ema_half_life_kimg": 0.1, "sample_grid": 4,
}  # fmt: skip
"""ART GAN's third model in small: batch norm in both networks."""


def test_model_3_collapses_as_it_did_and_is_stopped_within_a_window(tmp_path: Path) -> None:
    settings = MODEL_3 | {"freeze_discriminator_batch_norm": True}
    training = _training(tmp_path, settings)
    with pytest.raises(UnhealthyError, match=r"\(step [23]\d\d\): impossible pair: .*batch norm"):
        training.run(_ignore, _never)
    latest = training.rows[-1]
    assert latest["generator"] < 0.1
    assert latest["discriminator_real"] + latest["discriminator_fake"] < 0.1
    assert checkpoint.kept(training.folder)


def test_model_3_with_one_discriminator_shows_no_impossible_pair(tmp_path: Path) -> None:
    training = _training(tmp_path, MODEL_3 | {"kimg": 1.68})  # 210 steps, a window and a row
    assert training.run(_ignore, _never)
    latest = training.rows[-1]
    assert latest["discriminator_fake"] + latest["generator"] > 2 * math.log(2)
    assert training.monitor.seen.findings == []


def test_samples_are_measured_whenever_they_are_drawn(
    undisturbed: tuple[dict[str, Any], Training],
) -> None:
    _, training = undisturbed
    kept = sorted(int(path.stem) for path in (training.folder / "samples").iterdir())
    assert [row["images"] for row in training.monitor.seen.sample_metrics] == kept
    assert all(0 <= row["diversity"] < 2 for row in training.monitor.seen.sample_metrics)


def test_a_dcgan_learns_the_colours_of_a_plain_collection(tmp_path: Path, cpu: Compute) -> None:
    """Real training steps move the samples towards the reals: mean colour and its spread."""
    settings = small.DCGAN | {
        "kimg": 0.8, "batch": 16, "learning_rate": 2e-3, "dropout": 0.0, "log_every_kimg": 1.0,
        "samples_every_kimg": 9.0, "checkpoint_every_kimg": 9.0, "ema_half_life_kimg": 0.1,
    }  # fmt: skip
    training = _training(tmp_path, settings, cpu)
    reals = torch.from_numpy(small.pictures()).float() / 127.5 - 1
    latents = torch.randn(64, 8, generator=torch.Generator().manual_seed(5))

    def spread() -> float:
        with torch.no_grad():
            fakes = training.state.averaged_generator()(latents)
        return float(fakes.mean(dim=(2, 3)).std(dim=0).mean())

    before = spread()
    training.run(_ignore, _never)
    expected = float(reals.mean(dim=(1, 2)).std(dim=0).mean())
    assert before < 0.3 * expected < spread()


def test_the_best_checkpoint_is_the_nearest_and_can_be_published(
    tmp_path: Path, cpu: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.DCGAN | {"publish": "best", "kimg": 0.08}
    distances = iter([5.0, 3.0, 4.0, 3.0])
    monkeypatch.setattr(Samples, "distance", lambda *_: next(distances))
    training = _training(tmp_path, settings, cpu)
    averages: dict[int, dict[str, torch.Tensor]] = {}

    def remember() -> bool:
        held = training.state.averaged_generator().state_dict()
        averages[training.state.images_seen] = {name: value.clone() for name, value in held.items()}
        return False

    training.run(_ignore, remember)
    assert training.state.images_seen == 80
    assert next(distances, None) is None
    training.take_best()
    assert training.state.images_seen == 40
    for name, value in training.state.averaged_generator().state_dict().items():
        assert torch.equal(value, averages[40][name]), name
    training.folder.joinpath(checkpoint.BEST).unlink()
    with pytest.raises(TrainingError, match=r"best\.safetensors: missing"):
        training.take_best()


def test_samples_nearer_to_the_data_have_the_smaller_distance(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    metrics = SampleMetrics(paths.pixels, variants, 1)
    some = np.random.default_rng(3).integers(0, len(variants), COMPARED)
    reals = RealImages(paths.pixels, variants.taken(some), 64).pictures(np.arange(COMPARED))
    noise = np.random.default_rng(4).integers(0, 256, reals.shape, np.uint8)
    blended = (reals // 2 + noise // 2).astype(np.uint8)
    ranked = [metrics.distance(each) for each in (reals, blended, noise)]
    assert ranked == sorted(ranked)
    assert ranked[0] < ranked[1] / 3
