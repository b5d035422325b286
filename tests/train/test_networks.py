from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import nn

from pipeline.core.params.train import ResidualTrain
from train.network_summary import count
from train.networks import dcgan, layers, progan, residual
from train.networks.conditions import UNCONDITIONAL
from train.super_resolution.esrgan import CompactNet, RrdbNet

DCGAN_PARAMETERS = [
    # batch norm, generator, discriminator: as ART GAN's four models print them
    (False, 1_728_387, 2_101_761),
    (True, 1_730_435, 2_105_857),
]

PROGAN_PARAMETERS = [
    # resolution, generator, discriminator, each with all its layers to and from RGB
    (4, 6_556_163, 6_561_793),
    (8, 11_277_318, 11_283_457),
    (16, 15_998_473, 16_005_121),
    (32, 20_719_628, 20_726_785),
    (64, 22_490_383, 22_498_049),
    (128, 22_933_394, 22_941_313),
    (256, 23_044_309, 23_052_353),
    (512, 23_072_120, 23_080_225),
    (1024, 23_079_115, 23_087_249),
]

SMALL = progan.Shape(resolution=32, latent=8, channels_base=64, channels_max=16)


@pytest.mark.parametrize(("batch_norm", "in_generator", "in_discriminator"), DCGAN_PARAMETERS)
def test_the_dcgan_has_the_parameters_of_the_original(
    batch_norm: bool, in_generator: int, in_discriminator: int
) -> None:
    with torch.device("meta"):
        generator = dcgan.Generator(latent=100, width=128, resolution=64, batch_norm=batch_norm)
        discriminator = dcgan.Discriminator(
            width=128, resolution=64, batch_norm=batch_norm, dropout=0.4
        )
    assert count(generator) == in_generator
    assert count(discriminator) == in_discriminator


@pytest.mark.parametrize(("resolution", "generator", "discriminator"), PROGAN_PARAMETERS)
def test_the_progan_has_the_parameters_of_the_paper(
    resolution: int, generator: int, discriminator: int
) -> None:
    shape = progan.Shape(resolution, latent=512, channels_base=8192, channels_max=512)
    with torch.device("meta"):
        networks = progan.Generator(shape), progan.Discriminator(shape, group=4)
    counts = [sum(weight.numel() for weight in network.parameters()) for network in networks]
    assert counts == [generator, discriminator]


@pytest.mark.parametrize("resolution", [32, 64])
def test_the_dcgan_draws_and_judges_squares(resolution: int) -> None:
    generator = dcgan.Generator(latent=8, width=8, resolution=resolution, batch_norm=True)
    discriminator = dcgan.Discriminator(
        width=8, resolution=resolution, batch_norm=True, dropout=0.4
    )
    images = generator(torch.randn(3, 8))
    assert images.shape == (3, 3, resolution, resolution)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (3,)


@pytest.mark.parametrize("resolution", [32, 64, 128])
def test_the_residual_networks_draw_and_judge_squares(resolution: Literal[32, 64, 128]) -> None:
    params = ResidualTrain(model="residual", resolution=resolution, channels_base=64, latent=8)
    generator, discriminator = residual.build(params, UNCONDITIONAL)
    images = generator(torch.randn(4, 8))
    assert images.shape == (4, 3, resolution, resolution)
    assert discriminator(images).shape == (4,)


def test_a_drawing_block_draws_no_lattice_on_a_flat_field() -> None:
    torch.manual_seed(0)
    block = residual.GeneratorBlock(8, 8, style=4)
    made = block(torch.randn(2, 8, 1, 1).expand(2, 8, 8, 8), torch.randn(2, 4))
    inner = made[:, :, 4:-4, 4:-4]
    torch.testing.assert_close(inner, inner[:, :, :1, :1].expand_as(inner))
    assert inner[:, :, 0, 0].std() > 0.3


def test_a_judging_block_teaches_no_lattice_on_a_flat_field() -> None:
    torch.manual_seed(0)
    block = residual.DiscriminatorBlock(8, 8)
    features = torch.randn(2, 8, 1, 1).expand(2, 8, 16, 16).clone().requires_grad_()
    (slope,) = torch.autograd.grad(block(features)[:, :, 2:-2, 2:-2].sum(), features)
    inner = slope[:, :, 7:-7, 7:-7]
    torch.testing.assert_close(inner, inner[:, :, :1, :1].expand_as(inner))
    assert inner[:, :, 0, 0].std() > 0.1


def test_residual_blocks_keep_the_size_of_a_signal_but_for_what_averaging_takes() -> None:
    torch.manual_seed(0)
    features = torch.randn(16, 16, 16, 16)
    features_out = residual.GeneratorBlock(16, 16, style=4)(features, torch.randn(16, 4))
    judged = residual.DiscriminatorBlock(16, 16)(features)
    assert features_out.std().item() == pytest.approx(1.0, abs=0.15)
    assert judged.std().item() == pytest.approx(0.5, abs=0.1)  # of 2 by 2 independent pixels


@pytest.mark.parametrize("resolution", SMALL.resolutions)
def test_the_progan_draws_and_judges_every_resolution(resolution: int) -> None:
    generator, discriminator = progan.Generator(SMALL), progan.Discriminator(SMALL, group=2)
    fade = 1.0 if resolution == 4 else 0.3
    images = generator(torch.randn(4, 8), resolution, fade)
    assert images.shape == (4, 3, resolution, resolution)
    assert discriminator(images, fade).shape == (4,)


def test_a_fade_begins_with_the_resolution_before() -> None:
    generator, discriminator = progan.Generator(SMALL), progan.Discriminator(SMALL, group=2)
    latents = torch.randn(4, 8)
    small = generator(latents, 16)
    torch.testing.assert_close(generator(latents, 32, 0.0), progan.double(small))
    torch.testing.assert_close(discriminator(progan.double(small), 0.0), discriminator(small))
    torch.testing.assert_close(generator(latents, 32, 1.0), generator(latents))
    reals = torch.randn(2, 3, 8, 8)
    softened = progan.fade_reals(reals, 0.0)
    torch.testing.assert_close(softened, progan.double(progan.halve(reals)))
    assert progan.fade_reals(reals, 1.0) is reals


def test_pixel_norm_gives_every_pixel_unit_power() -> None:
    power = layers.pixel_norm(torch.randn(2, 5, 3, 3) * 7).square().mean(dim=1)
    torch.testing.assert_close(power, torch.ones(2, 3, 3))


def test_the_first_outputs_have_unit_variance() -> None:
    torch.manual_seed(0)
    layer = layers.Convolution(64, 64, 3, gain=1.0)
    made = layer(torch.randn(4, 64, 16, 16))[:, :, 1:-1, 1:-1]
    assert made.std().item() == pytest.approx(1.0, abs=0.05)


def test_minibatch_std_measures_how_images_of_a_group_differ() -> None:
    alike = torch.ones(4, 2, 4, 4)
    assert layers.minibatch_std(alike, 4)[:, 2].max() < 1e-3
    # Groups are images 0, 2 and 1, 3; the first pair differs by 2, so its std is 1.
    mixed = torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4) * 5] * 2)
    mixed[2] = 2.0
    spread = layers.minibatch_std(mixed, 2)[:, 1, 0, 0]
    torch.testing.assert_close(spread, torch.tensor([1.0, 0.0, 1.0, 0.0]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("network", [RrdbNet(blocks=1), CompactNet(convolutions=2)])
def test_super_resolution_is_fourfold(network: nn.Module) -> None:
    assert network(torch.rand(1, 3, 5, 7)).shape == (1, 3, 20, 28)
