from __future__ import annotations

from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch._subclasses.fake_tensor import FakeTensorMode

from pipeline.commands.train import train
from pipeline.core.params.train import DcganTrain, ProganTrain, Train
from tests.train import small
from train.network_summary import count, layer_rows, summary_text
from train.networks.registry import networks_for

MODELS = {1: (False, False), 2: (True, False), 3: (True, True), 4: (False, True)}
"""Batch norm in generator and discriminator, by the number of ART GAN's model."""

# Parameters of the layers that have any, as the original's models print them; batch norm apart.
GENERATOR = [413_696, 524_416, 262_272, 262_272, 262_272, 3_459]
GENERATOR_NORMS = {1: 512, 2: 512, 3: 512, 4: 512}
DISCRIMINATOR = [3_584, 295_168, 590_080, 1_180_160, 32_769]
DISCRIMINATOR_NORMS = {1: 1_024, 2: 1_024, 3: 2_048}

# Progressive growing to 1024 px (Karras et al. 2018, table 2), first layer to last.
GROWN_GENERATOR = [
    4_194_816, 2_359_808, *[2_359_808] * 6, 1_179_904, 590_080, 295_040, 147_584,
    73_792, 36_928, 18_464, 9_248, 4_624, 2_320, 51,
]  # fmt: skip
GROWN_DISCRIMINATOR = [
    64, 2_320, 4_640, 9_248, 18_496, 36_928, 73_856, 147_584, 295_168, 590_080, 1_180_160,
    *[2_359_808] * 6, 2_364_416, 4_194_816, 513,
]  # fmt: skip


def _counts(params: Train) -> tuple[list[int], list[int]]:
    with FakeTensorMode():
        generator, discriminator = networks_for(params)
        size = params.resolution
        shown = (
            layer_rows(generator, torch.empty(params.batch, params.latent)),
            layer_rows(discriminator, torch.empty(params.batch, 3, size, size)),
        )
    of_generator, of_discriminator = (
        [row.parameters for row in rows if row.parameters] for rows in shown
    )
    return of_generator, of_discriminator


def _with_norms(layers_: list[int], norms: dict[int, int]) -> list[int]:
    return [size for k, layer in enumerate(layers_) for size in (layer, norms.get(k)) if size]


@pytest.mark.parametrize("number", MODELS)
def test_art_gans_four_models_layer_by_layer(number: int) -> None:
    in_generator, in_discriminator = MODELS[number]
    params = DcganTrain(
        model="dcgan",
        generator_batch_norm=in_generator,
        discriminator_batch_norm=in_discriminator,
    )
    assert _counts(params) == (
        _with_norms(GENERATOR, GENERATOR_NORMS if in_generator else {}),
        _with_norms(DISCRIMINATOR, DISCRIMINATOR_NORMS if in_discriminator else {}),
    )


def test_the_progan_layer_by_layer() -> None:
    params = ProganTrain(model="progan", resolution=1024, batch=4)
    assert _counts(params) == (GROWN_GENERATOR, GROWN_DISCRIMINATOR)
    with FakeTensorMode():
        networks = networks_for(params)
    # With the layers to and from the smaller images, which take no part at the end.
    assert [count(network) for network in networks] == [23_079_115, 23_087_249]


def test_the_summary_prints_shapes_and_sums_and_trains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.write_params(tmp_path, {"model": "dcgan"})
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(train, [small.COLLECTION, "--summary"], catch_exceptions=False)
    assert printed.output == summary_text(DcganTrain(model="dcgan")) + "\n"
    lines = [" ".join(line.split()) for line in printed.output.splitlines()]
    assert "ConvTranspose2d 128 x 64 x 64 262,272" in lines
    assert [line for line in lines if line.startswith("all")] == ["all 1,730,435", "all 2,101,761"]
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
