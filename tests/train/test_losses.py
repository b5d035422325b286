from __future__ import annotations

import math

import pytest
import torch

from train.networks import losses


def test_cross_entropy_of_an_undecided_judge_is_log_2() -> None:
    undecided = torch.zeros(5)
    assert losses.real_loss(undecided).item() == pytest.approx(math.log(2))
    assert losses.fake_loss(undecided).item() == pytest.approx(math.log(2))


def test_cross_entropy_matches_its_definition() -> None:
    logits = torch.tensor([-2.0, 0.5, 3.0])
    probability = torch.sigmoid(logits)
    torch.testing.assert_close(losses.real_loss(logits), -probability.log().mean())
    torch.testing.assert_close(losses.fake_loss(logits), -(1 - probability).log().mean())
    assert losses.fake_loss(torch.tensor([200.0])).item() == pytest.approx(200.0)


@pytest.mark.parametrize("length", [0.5, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_depends_on_its_slope_alone(length: float) -> None:
    direction = torch.randn(3 * 4 * 4)
    direction *= length / direction.norm()
    direction.requires_grad_()

    def critic(images: torch.Tensor) -> torch.Tensor:
        return images.flatten(1) @ direction

    reals, fakes = torch.randn(2, 6, 3, 4, 4)
    penalty = losses.gradient_penalty(critic, reals, fakes, torch.rand(6, 1, 1, 1))
    assert penalty.item() == pytest.approx((length - 1) ** 2, abs=1e-5)
    penalty.backward()  # type: ignore[no-untyped-call]
    assert direction.grad is not None
    # d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|
    expected = 2 * (length - 1) * direction.detach() / length
    torch.testing.assert_close(direction.grad, expected, atol=1e-5, rtol=1e-4)


def test_the_penalty_is_taken_between_real_and_drawn() -> None:
    seen: list[torch.Tensor] = []

    def critic(images: torch.Tensor) -> torch.Tensor:
        seen.append(images.detach())
        return images.square().flatten(1).sum(dim=1)

    reals, fakes = torch.zeros(2, 3, 2, 2), torch.ones(2, 3, 2, 2)
    mix = torch.tensor([0.25, 0.75]).view(2, 1, 1, 1)
    losses.gradient_penalty(critic, reals, fakes, mix)
    torch.testing.assert_close(seen[0], mix.expand(2, 3, 2, 2))


def test_the_squared_gradient_of_a_linear_judge_is_its_squared_length() -> None:
    direction = torch.randn(3 * 4 * 4, requires_grad=True)
    images = torch.randn(5, 3, 4, 4, requires_grad=True)
    slope = losses.squared_gradient(images.flatten(1) @ direction, images)
    torch.testing.assert_close(slope, direction.square().sum())
    slope.backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(direction.grad, 2 * direction)


def test_a_share_is_right_on_its_own_side_of_zero() -> None:
    logits = torch.tensor([-1.0, 0.5, 2.0, 3.0])
    assert losses.accuracy(logits, real=True).item() == 0.75
    assert losses.accuracy(logits, real=False).item() == 0.25


def test_drift_is_the_mean_square_of_the_scores() -> None:
    assert losses.drift_penalty(torch.tensor([1.0, -3.0])).item() == pytest.approx(5.0)
