from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import TypeAdapter
from torch import Tensor, nn

from pipeline.core.errors import TrainingError
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.stages import evaluate
from tests.train import small
from train.compute.device import find
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.metrics.inception import Inception
from train.networks.registry import recipe_for

PARAMS = Evaluate(samples=32, nearest_shown=4)


def _publish(paths: Paths) -> None:
    """A generator that is not its own untrained self, without training one."""
    params: Train = TypeAdapter(Train).validate_python(small.DCGAN)
    network = recipe_for(params, find()).generator
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2.0)
    model_file.write_model(paths.model, network, small.description(small.DCGAN))


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = small.build(tmp_path_factory.mktemp("evaluated"))
    _publish(paths)
    evaluate.run(paths, PARAMS)
    return paths


def _evaluation(paths: Paths) -> dict[str, Any]:
    evaluation: dict[str, Any] = json.loads((paths.evaluation / "evaluation.json").read_text())
    return evaluation


def test_the_numbers_stand_in_their_frame(evaluated: Paths) -> None:
    evaluation = _evaluation(evaluated)
    assert evaluation["features"]["name"] == "effnet-lite0"
    assert evaluation["images"] == {"each_side": 32, "held_out": 32}
    assert evaluation["kid"].keys() == {"trained", "untrained", "floor", "held_out"}
    assert evaluation["kid"]["floor"]["mean"] < evaluation["kid"]["trained"]["mean"]
    assert evaluation["kid"]["trained"] != evaluation["kid"]["untrained"]
    assert evaluation["frechet"]["floor"] < evaluation["frechet"]["trained"]
    assert 0 <= evaluation["precision"] <= 1
    assert 0 <= evaluation["recall"] <= 1
    assert evaluation["copies"]["pixels"]["share_of_near_copies"] == 0


def test_the_sheets_show_samples_beside_reals(evaluated: Paths) -> None:
    resolution, gap = small.DCGAN["resolution"], 2
    nearest = np.asarray(Image.open(evaluated.evaluation / "nearest.png"))
    assert nearest.shape == (2 * (resolution + gap) + gap, 4 * (resolution + gap) + gap, 3)
    pairs = np.asarray(Image.open(evaluated.evaluation / "samples_and_reals.png"))
    assert pairs.shape[0] == 4 * (resolution + gap) + gap  # 32 of each in rows of eight


def test_without_a_model_it_says_what_to_do(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    with pytest.raises(TrainingError, match=r"generator\.safetensors: missing; run `dvc repro`"):
        evaluate.run(paths, PARAMS)
    _publish(paths)
    (paths.model / WEIGHTS).write_bytes(b"torn")
    with pytest.raises(TrainingError, match=r"generator\.safetensors: torn or no model"):
        evaluate.run(paths, PARAMS)


class _Standin(nn.Module):
    """Called as StyleGAN's Inception file is: 32 sums over a small copy of the picture."""

    def __init__(self) -> None:
        super().__init__()
        weights = torch.randn(48, 32, generator=torch.Generator().manual_seed(0))
        self.weights = nn.Parameter(weights)

    def forward(self, images: Tensor, return_features: bool = False) -> Tensor:
        small = nn.functional.interpolate(images.float() / 255, (4, 4), mode="bilinear")
        return torch.matmul(small.flatten(1), self.weights) if return_features else images


def _script(network: nn.Module, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.script(network), path)


def test_the_users_inception_adds_its_distances_and_the_rest_is_the_same_again(
    evaluated: Paths,
) -> None:
    before = _evaluation(evaluated)
    sheets = {path: path.read_bytes() for path in evaluated.evaluation.glob("*.png")}
    assert len(sheets) == 3
    file = evaluated.root / "inception.pt"
    _script(_Standin(), file)
    evaluate.run(evaluated, PARAMS.model_copy(update={"inception": file.name}))
    evaluation = _evaluation(evaluated)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    assert evaluation["inception"] == {"name": "inception.pt", "sha256": digest}
    assert evaluation["kid_inception"].keys() == {"trained", "untrained", "floor", "held_out"}
    fid = evaluation["fid_inception"]
    assert fid.keys() == {"trained", "untrained", "floor"}
    assert fid["floor"] < fid["trained"]
    added = {"inception", "kid_inception", "fid_inception"}
    assert {name: value for name, value in evaluation.items() if name not in added} == before
    assert {path: path.read_bytes() for path in sheets} == sheets


def test_what_is_no_inception_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "given.pt"
    with pytest.raises(TrainingError, match=r"given\.pt is missing, torn or no TorchScript"):
        Inception(file, find())
    torch.save({"weights": torch.zeros(2)}, file)
    with pytest.raises(TrainingError, match=r"given\.pt is missing, torn or no TorchScript"):
        Inception(file, find())
    _script(nn.Linear(3, 3), file)
    with pytest.raises(TrainingError, match="takes no images; name a TorchScript file"):
        Inception(file, find())
