from __future__ import annotations

import pytest
import torch
from torch import nn

from train.loop.ema import RAMP_UP, Average, decay, measure_batch_norm


def test_after_a_half_life_half_of_the_old_is_left() -> None:
    late = 10**9
    assert decay(500, late, 500.0) == pytest.approx(0.5)
    assert decay(250, late, 500.0) ** 2 == pytest.approx(0.5)


def test_early_on_the_half_life_is_a_share_of_what_was_seen() -> None:
    assert decay(10, 1000, 1e9) == pytest.approx(0.5 ** (10 / (RAMP_UP * 1000)))


def test_the_average_follows_with_its_half_life() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = Average(network, half_life=100)
    nn.init.ones_(network.weight)
    for step in range(10):  # 100 images in steps of 10, long after the ramp
        average.update(network, shown=10, images_seen=10**6 + 10 * step)
    assert average.network.weight.item() == pytest.approx(0.5, abs=1e-5)  # type: ignore[operator]


def test_batch_norm_is_measured_on_the_averages_own_maps() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)).eval()
    images = torch.randn(64, 3, 8, 8) * 3 + 1
    before = [weight.clone() for weight in network.parameters()]
    measure_batch_norm(network, images)
    out = network(images)
    torch.testing.assert_close(out.mean(dim=(0, 2, 3)), torch.zeros(4), atol=1e-2, rtol=0)
    torch.testing.assert_close(out.std(dim=(0, 2, 3)), torch.ones(4), atol=2e-2, rtol=0)
    assert all(map(torch.equal, before, network.parameters()))
    assert not network.training
    assert isinstance(network[1], nn.BatchNorm2d)
    assert network[1].momentum == pytest.approx(0.1)
