"""Every network that is registered, through every command that meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from click import Command
from click.testing import CliRunner
from pydantic import TypeAdapter
from torch import nn

from pipeline.card.evaluation_section import evaluation
from pipeline.card.templating import environment
from pipeline.card.training_section import training_story
from pipeline.commands.generate import generate
from pipeline.commands.model import model
from pipeline.commands.train import train
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.train import Train
from pipeline.stages import evaluate
from pipeline.stages import train as train_stage
from tests.train import small
from train.metrics.nearest import thumbnails
from train.network_summary import layer_rows
from train.networks.registry import NETWORKS

SETTINGS: dict[str, dict[str, Any]] = {
    "dcgan": small.DCGAN, "progan": small.PROGAN, "residual": small.RESIDUAL
}  # fmt: skip
"""The smallest params of each network; a new one gets its line here."""

QUICK = {"kimg": 0.032, "checkpoint_every_kimg": 9.0, "samples_every_kimg": 9.0}


def _settings(name: str, images: int) -> dict[str, Any]:
    growing = {"fade_kimg": 0.008, "stable_kimg": 0.008} if name == "progan" else {}
    usual = {key: value for key, value in QUICK.items() if key != "kimg" or not growing}
    return SETTINGS[name] | usual | growing | ({"sample_grid": 1} if images == 1 else {})


def test_each_model_of_params_is_registered_once() -> None:
    known = get_args(get_args(Train)[0])
    assert sorted(network.params.__name__ for network in NETWORKS) == sorted(
        kind.__name__ for kind in known
    )
    models = {get_args(kind.model_fields["model"].annotation)[0] for kind in known}
    assert models == set(SETTINGS), "a network without its line in SETTINGS, or a line without one"


@pytest.mark.parametrize("images", [16, 1])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_network_goes_all_the_way(
    name: str,
    images: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = _settings(name, images)
    paths = small.build(tmp_path, settings, count=images)
    monkeypatch.chdir(tmp_path)
    # Thumbnails for features: that numbers come is asked here, not which.
    for network in ("Extractor", "Mobilenet"):
        monkeypatch.setattr(evaluate, network, lambda _compute: thumbnails)
    params: Train = TypeAdapter(Train).validate_python(settings)
    train_stage.run(paths, params)
    few = "train: 1 image to train on, and fewer than 16 are too few: the model will repeat them"
    assert (few in capsys.readouterr().err) == (images == 1)
    evaluate.run(paths, Evaluate(samples=32, nearest_shown=4))
    story = training_story(paths)
    assert params.title in story.words
    page = environment().get_template("evaluation.html.j2")
    shown = page.render(card={"evaluation": evaluation(paths)})
    assert ("not measured" in shown) == (images == 1)
    said = json.loads((paths.model / "model.json").read_text())
    assert said["title"] == params.title
    commands: list[tuple[Command, list[str]]] = [
        (train, ["--summary"]),
        (model, []),
        (generate, ["-n", "2", "--out", "grid.png"]),
    ]
    for command, options in commands:
        arguments = [small.COLLECTION, *options]
        done = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert done.exit_code == 0, done.output
    truncated = [small.COLLECTION, "-n", "2", "--truncation", "0.5", "--out", "safer.png"]
    assert CliRunner().invoke(generate, truncated, catch_exceptions=False).exit_code == 0


class _Special(nn.Module):
    """Weights of its own around layers, one run twice, one parametrized, one never run."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(5))
        self.first = nn.utils.parametrizations.weight_norm(nn.Linear(3, 3))
        self.twice = nn.Linear(3, 3)
        self.idle = nn.Linear(7, 7)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.twice(self.twice(self.first(images)))
        return features, features * self.scale.sum()


def test_special_layers_have_their_place_in_the_summary() -> None:
    rows = [
        (row.kind, row.shape, row.parameters) for row in layer_rows(_Special(), torch.ones(2, 3))
    ]
    assert rows == [
        ("Linear", (3,), 15), ("Linear", (3,), 12), ("Linear", (3,), 0), ("_Special", (3,), 5)
    ]  # fmt: skip
    assert np.prod(rows[0][1]) == 3
