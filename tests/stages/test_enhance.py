from __future__ import annotations

from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from PIL import Image
from pydantic import TypeAdapter

from pipeline.core.params.enhance import Enhance
from pipeline.core.params.train import Train
from pipeline.stages import enhance
from tests.train import small
from train.compute.device import find
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.networks.registry import recipe_for
from train.super_resolution.esrgan import RrdbNet

PARAMS = Enhance(network="animevideov3", samples=3, seed=4)


def test_samples_are_enlarged_fourfold_and_shown_beside_themselves(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    params: Train = TypeAdapter(Train).validate_python(small.PROGAN)
    compute = find()
    model_file.write_model(
        paths.model, recipe_for(params, compute).generator, small.description(small.PROGAN)
    )
    stale = paths.enhanced / "0009.png"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"of an earlier run")
    enhance.run(paths, PARAMS)

    names = sorted(path.name for path in paths.enhanced.iterdir())
    assert names == ["0000.png", "0001.png", "0002.png"]
    assert paths.enhanced_sheet.is_file()
    samples = model_file.load_model(paths.model / WEIGHTS, compute).draw(3, PARAMS.seed)
    for number in range(3):
        enlarged = np.asarray(Image.open(paths.enhanced / f"{number:04d}.png"))
        assert enlarged.shape == (64, 64, 3)
        back = enlarged.reshape(16, 4, 16, 4, 3).mean(axis=(1, 3))
        likeness = [np.corrcoef(back.ravel(), sample.ravel())[0, 1] for sample in samples]
        assert np.argmax(likeness) == number
        assert likeness[number] > 0.9

    before = {path.name: path.read_bytes() for path in paths.enhanced.iterdir()}
    enhance.run(paths, PARAMS)
    assert {path.name: path.read_bytes() for path in paths.enhanced.iterdir()} == before


def test_the_users_weights_take_the_place_of_the_packaged_ones(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    params: Train = TypeAdapter(Train).validate_python(small.PROGAN)
    network = recipe_for(params, find()).generator
    model_file.write_model(paths.model, network, small.description(small.PROGAN))
    grey = {name: torch.zeros_like(value) for name, value in RrdbNet(blocks=1).state_dict().items()}
    grey["last.2.bias"] += 0.5
    safetensors.torch.save_file(grey, tmp_path / "grey.safetensors")
    enhance.run(paths, PARAMS.model_copy(update={"weights": "grey.safetensors"}))
    assert (np.asarray(Image.open(paths.enhanced / "0000.png")) == 128).all()
