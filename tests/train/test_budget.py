"""A training that ends after minutes: how it stops, goes on, and can be repeated."""

from __future__ import annotations

import csv
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import load_file

from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.stages.train import run
from tests.train import small
from train.export.model_description import WEIGHTS, read_model_description
from train.loop import budget

SETTINGS: Final[dict[str, Any]] = {k: v for k, v in small.DCGAN.items() if k != "kimg"} | {
    "checkpoint_every_kimg": 0.008
}


def _params(**settings: Any) -> Train:
    params: Train = TypeAdapter(Train).validate_python(SETTINGS | settings)
    return params


@pytest.mark.parametrize(
    ("given", "ends_after"),
    [
        ({}, (120.0, None)),
        ({"minutes": 5.0}, (None, 300.0)),
        ({"minutes": 5.0, "kimg": None}, (None, 300.0)),
        ({"minutes": 5.0, "kimg": 8.0}, (8.0, 300.0)),
        ({"minutes": None}, (120.0, None)),
    ],
)
def test_what_is_given_ends_a_training(
    given: dict[str, Any], ends_after: tuple[float | None, float | None]
) -> None:
    params = _params(**given)
    assert (getattr(params, "kimg", 0), params.seconds) == ends_after
    again: Train = TypeAdapter(Train).validate_python(params.model_dump())
    assert again == params
    from_json: Train = TypeAdapter(Train).validate_json(params.model_dump_json())
    assert from_json == params


def test_a_training_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="kimg: null trains without end"):
        _params(kimg=None)


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which a second passes whenever somebody looks."""
    ticks = count()
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: float(next(ticks))))


def _train(paths: Paths, capsys: pytest.CaptureFixture[str], **settings: Any) -> str:
    run(paths, _params(**settings))
    return " ".join(capsys.readouterr().err.split())


def _shown(paths: Paths) -> int:
    return read_model_description(paths.model / WEIGHTS).images_seen


@pytest.mark.usefixtures("ticking")
def test_minutes_go_on_when_raised_and_repeat_as_kimg(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.build(tmp_path / "minutes")
    said = _train(paths, capsys, minutes=0.2)
    first = _shown(paths)
    assert "train: fresh" in said
    assert f"{first} images and 0.2 of 0.2 minutes" in said
    assert f"to train so again to the bit, write kimg: {first / 1000} and no minutes" in said

    said = _train(paths, capsys, minutes=0.2)
    assert f"train: goes on after {first} images and 0.2 of 0.2 minutes" in said
    assert _shown(paths) == first

    assert f"goes on after {first} images and 0.2 of 0.5" in _train(paths, capsys, minutes=0.5)
    longer = _shown(paths)
    # The clock goes as far for each image of either training, but for what both begin with.
    assert longer == pytest.approx(2.5 * first, rel=0.35)
    assert "more than 0.2 minutes allow, and stays" in _train(paths, capsys, minutes=0.2)
    assert _shown(paths) == first

    by_images = small.build(tmp_path / "kimg")
    _train(by_images, capsys, kimg=first / 1000)
    same = [load_file(each.model / WEIGHTS) for each in (paths, by_images)]
    assert all(torch.equal(same[0][name], same[1][name]) for name in same[1])
    histories = [(each.model / "history.csv").read_bytes() for each in (paths, by_images)]
    assert histories[0] == histories[1]


@pytest.mark.usefixtures("ticking")
def test_rates_that_fall_with_the_clock_do_not_promise_to_repeat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.build(tmp_path)
    said = _train(paths, capsys, minutes=0.4, learning_rate_falls_from=0.5, log_every_kimg=0.004)
    first = _shown(paths)
    assert "its learning rates fell by the clock, so it cannot be trained again to the bit" in said
    assert f"kimg: {first / 1000} and no minutes shows as many images, and repeats" in said
    with (paths.model / "history.csv").open() as file:
        rates = [float(row["learning_rate"]) for row in csv.DictReader(file)]
    assert rates[-1] < 0.5 * _params().learning_rate < rates[0] <= _params().learning_rate
    # What has fallen does not go on.
    assert "train: fresh" in _train(paths, capsys, minutes=0.5, learning_rate_falls_from=0.5)


@pytest.mark.usefixtures("ticking")
@pytest.mark.parametrize(("kimg", "by_images"), [(0.016, True), (8.0, False)])
def test_of_both_whichever_is_spent_first_ends_it(
    kimg: float, by_images: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.build(tmp_path)
    said = _train(paths, capsys, minutes=0.3, kimg=kimg)
    assert (_shown(paths) == 1000 * kimg) is by_images
    assert ("to the bit, write kimg" in said) is not by_images
