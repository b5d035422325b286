from __future__ import annotations

import math

import pytest
import torch

from train.augmentation.geometric import NUMBERS, geometric

SIDE = 16
IMAGES = torch.rand(6, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
OPERATIONS = ("mirror", "turn", "scale", "rotate", "stretch", "shift")
AMOUNTS = ("mirror", "turn", "scale", "rotate", "stretch", "down", "right")


def _numbers(operation: str, **amounts: float) -> torch.Tensor:
    """Numbers that do ``operation`` alone, at a share of a half."""
    whether = [0.0 if name == operation else 1.0 for name in OPERATIONS]
    how_much = [amounts.get(name, 0.5) for name in AMOUNTS]
    return torch.tensor([whether + how_much] * len(IMAGES))


def _done(operation: str, **amounts: float) -> torch.Tensor:
    return geometric(IMAGES, _numbers(operation, **amounts), torch.tensor(0.5))


def test_a_share_of_none_changes_nothing() -> None:
    numbers = torch.rand(len(IMAGES), NUMBERS)
    assert torch.equal(geometric(IMAGES, numbers, torch.tensor(0.0)), IMAGES)


def test_mirrors_and_quarter_turns_are_exact() -> None:
    torch.testing.assert_close(_done("mirror", mirror=0.2), IMAGES.flip(3))
    torch.testing.assert_close(_done("mirror", mirror=0.8), IMAGES)
    turned = [_done("turn", turn=(k + 0.5) / 4) for k in range(4)]
    for k, result in enumerate(turned):
        torch.testing.assert_close(result, IMAGES.rot90(k, (2, 3)), atol=1e-4, rtol=0)
    torch.testing.assert_close(_done("rotate", rotate=0.75), turned[1], atol=1e-4, rtol=0)


def test_what_a_shift_brings_in_is_the_mirrored_image() -> None:
    two_pixels = 0.5 + 0.5 * math.erf(1 / math.sqrt(2))  # one standard deviation, an eighth
    moved = _done("shift", down=two_pixels)
    torch.testing.assert_close(moved[:, :, :-2], IMAGES[:, :, 2:], atol=1e-4, rtol=0)
    inside = IMAGES[:, :, [-2, -3]]
    torch.testing.assert_close(moved[:, :, -2:], inside, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("operation", "down", "right"), [("scale", 1, 1), ("stretch", -1, 1)])
def test_sizes_change_about_the_middle(operation: str, down: int, right: int) -> None:
    """On a picture of its own coordinates the change can be read off."""
    span = torch.arange(SIDE) - (SIDE - 1) / 2
    rows = span[:, None].expand(SIDE, SIDE)
    plain = torch.stack([rows, rows.T, torch.zeros(SIDE, SIDE)])[None].repeat(6, 1, 1, 1)
    one_deviation = 0.5 - 0.5 * math.erf(1 / math.sqrt(2))
    numbers = _numbers(operation, **{operation: one_deviation})
    moved = geometric(plain, numbers, torch.tensor(0.5))
    plain, moved = (each[:, :, 2:-2, 2:-2] for each in (plain, moved))  # within the picture
    for plane, sign in ((0, down), (1, right)):
        torch.testing.assert_close(moved[:, plane], plain[:, plane] * 2 ** (-0.2 * sign))


def test_penalties_can_pass_through() -> None:
    """A gradient of a gradient, which torch's own resampling does not have."""
    images = IMAGES.clone().requires_grad_()
    numbers = torch.rand(len(IMAGES), NUMBERS, generator=torch.Generator().manual_seed(2))
    loss = geometric(images, numbers, torch.tensor(0.8)).pow(3).sum()
    (slope,) = torch.autograd.grad(loss, images, create_graph=True)
    (twice,) = torch.autograd.grad(slope.square().sum(), images)
    assert twice.abs().sum() > 0
