from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from pipeline.core.errors import UnhealthyError
from train import health


def _row(number: int, drawn: float, generator: float, steps: int = 50) -> health.Row:
    return {
        "images": 400 * number, "step": steps * number, "steps": steps,
        "discriminator_drawn": drawn, "generator": generator,
    }  # fmt: skip


def test_a_game_in_balance_goes_on() -> None:
    health.check([_row(k, math.log(2), math.log(2)) for k in range(1, 9)], finite=True)


def test_an_impossible_pair_over_a_whole_window_stops() -> None:
    rows = [_row(k, 0.001, 0.002) for k in range(1, 5)]
    with pytest.raises(UnhealthyError, match=r"both real and drawn.*discriminator_batch_norm"):
        health.check(rows, finite=True)


def test_an_impossible_pair_for_a_moment_is_nothing() -> None:
    balanced = [_row(k, 0.7, 0.7) for k in range(1, 4)]
    health.check([*balanced, _row(4, 0.0, 0.0)], finite=True)
    health.check([_row(k, 0.0, 0.0) for k in range(1, 4)], finite=True)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops(value: float) -> None:
    with pytest.raises(UnhealthyError, match=r"2,000 images \(step 250\).*'generator'"):
        health.check([_row(5, 0.7, value)], finite=True)


def test_weights_are_looked_at() -> None:
    network = nn.Linear(2, 2)
    assert health.all_finite(network, nn.Linear(2, 2))
    network.weight.data[1, 1] = torch.nan
    assert not health.all_finite(network, nn.Linear(2, 2))
    with pytest.raises(UnhealthyError, match="a weight is not a number"):
        health.check([_row(1, 0.7, 0.7)], finite=False)
