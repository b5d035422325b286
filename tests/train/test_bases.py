"""The bases that a collection can start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from pydantic import TypeAdapter

from pipeline.card.training_section import training_story
from pipeline.core.errors import ParamsError, TrainingError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.stages import check
from pipeline.stages import train as train_stage
from tests.deps import code_of
from tests.train import small
from train.bases import base_catalogue as bases
from train.bases.base_catalogue import NETWORK_PARAMS, Base, base_of, catalogue, weights_of
from train.compute.device import Compute
from train.loop import checkpoint
from train.networks import state_dicts
from train.networks.registry import recipe_for

LARGEST = 4 << 20
QUICK: dict[str, Any] = small.RESIDUAL | {"kimg": 0.016, "sample_grid": 2}


def _params(**changes: Any) -> Train:
    params: Train = TypeAdapter(Train).validate_python(QUICK | changes)
    return params


@pytest.fixture
def own_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base of small networks, in a folder of its own."""
    folder = tmp_path / "bases"
    folder.mkdir()
    monkeypatch.setattr(bases, "_FOLDER", folder)
    monkeypatch.setattr(bases, "CATALOGUE", folder / "bases.yaml")
    dumped = _params().model_dump(mode="json")
    base = Base(
        network={param: dumped[param] for param in NETWORK_PARAMS},
        pictures="pictures of the test",
        images=20,
        kimg=1.5,
        cpu_minutes=0.1,
        licence="none",
    )
    (folder / "bases.yaml").write_text(yaml.safe_dump({"own": base.model_dump()}))
    return folder


def test_each_base_fits_its_networks_and_draws(cpu: Compute) -> None:
    known = catalogue()
    assert known
    for name, base in known.items():
        assert weights_of(name).stat().st_size <= LARGEST
        params: Train = TypeAdapter(Train).validate_python(
            {**base.network, "warm_start": f"base:{name}"}
        )
        assert base_of(params) == (name, base)
        saved = checkpoint.load_checkpoint(weights_of(name))
        assert saved is not None
        assert saved.record.images_seen == base.kimg * 1000
        recipe = recipe_for(params, cpu)
        parts = state_dicts.parts(saved.tensors)
        recipe.discriminator.load_state_dict(parts["discriminator"])
        for part in ("generator", "average"):
            recipe.generator.load_state_dict(parts[part])
        latents = torch.randn(2, params.latent, generator=torch.Generator().manual_seed(0))
        assert recipe.generator(latents).std() > 0.1


def test_a_training_begins_with_the_base_and_says_so_everywhere(
    tmp_path: Path, own_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.build(tmp_path)
    train_stage.run(paths, _params())
    latest = max(paths.work("train").glob("*/checkpoint-*.safetensors"))
    (own_base / "own.safetensors").write_bytes(latest.read_bytes())
    capsys.readouterr()
    train_stage.run(paths, _params(warm_start="base:own"))
    assert "train: warm, from base:own after 16 images, because" in capsys.readouterr().err
    story = training_story(paths).words
    assert "not begin from scratch, but with the weights of the base own, which had been" in story
    assert "shown 1\u2009500 images, drawn from 20 other images: pictures of the test." in story


def test_a_base_that_is_not_whole_is_one_sentence(tmp_path: Path, own_base: Path) -> None:
    paths = small.build(tmp_path)
    (own_base / "own.safetensors").write_bytes(b"torn")
    with pytest.raises(TrainingError, match=r"own\.safetensors: missing or torn; `git checkout"):
        train_stage.run(paths, _params(warm_start="base:own"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"warm_start": "base:onw"}, r"no base 'onw' \(did you mean 'own'\?\); the bases are: own"),
        (
            {"warm_start": "base:own", "resolution": 64, "latent": 4},
            r"base:own has resolution: 32 and not 64, latent: 8 and not 4; change these params",
        ),
        ({"warm_start": "base:own", "condition": "creator"}, "condition: None and not creator"),
    ],
)
@pytest.mark.usefixtures("own_base")
def test_what_no_base_fits_is_told_before_anything_is_removed(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    paths = Paths(tmp_path, small.COLLECTION)
    small.write_params(tmp_path, QUICK | changes)
    with pytest.raises(ParamsError, match=message):
        check.run(paths)
    assert not paths.checked.exists()


def test_dvc_trains_anew_when_a_base_changes() -> None:
    weights = {str(weights_of(name)) for name in catalogue()}
    listed = code_of("train")
    assert "train/bases" in listed or weights <= {*listed}
