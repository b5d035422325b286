"""Losses and penalties, each a mean over the batch in 32 bits."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional


def real_loss(logits: Tensor) -> Tensor:
    """Binary cross entropy of logits (n,) against "real": mean of -log sigmoid."""
    return functional.softplus(-logits.float()).mean()


def fake_loss(logits: Tensor) -> Tensor:
    """Binary cross entropy of logits (n,) against "fake": mean of -log(1 - sigmoid)."""
    return functional.softplus(logits.float()).mean()


def least_squares(logits: Tensor, *, real: bool) -> Tensor:
    """Mean squared distance of logits from 1 where they should say "real", else from 0.

    Mao et al. 2017, equation 9 without its half.
    """
    return (logits.float() - float(real)).square().mean()


@torch.no_grad()
def accuracy(logits: Tensor, *, real: bool, boundary: float = 0.0) -> Tensor:
    """Share of logits (n,) on the side of the truth; above the ``boundary`` they say "real"."""
    return ((logits > boundary) == real).float().mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], reals: Tensor, fakes: Tensor, mix: Tensor
) -> Tensor:
    """How far the critic's slope between real and fake images is from 1.

    Mean of (|grad critic(x)| - 1)^2 over x = (1 - mix) * real + mix * fake, ``mix`` (n, 1, 1, 1)
    in 0..1 (Gulrajani et al. 2017, section 4). Can be differentiated with respect to the critic.
    """
    between = torch.lerp(reals.float(), fakes.float(), mix).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).float().sum(), between, create_graph=True)
    length = gradient.flatten(1).square().sum(dim=1).sqrt()
    return (length - 1).square().mean()


def squared_gradient(logits: Tensor, images: Tensor) -> Tensor:
    """Mean squared length of the gradient of ``logits`` (n,) with respect to ``images``.

    Half of it, times a weight gamma, is R1 on real images and R2 on fake ones (Mescheder et al.
    2018, section 4.1). Can be differentiated with respect to what made the logits.
    """
    (gradient,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return gradient.float().square().flatten(1).sum(dim=1).mean()


def drift_penalty(scores: Tensor) -> Tensor:
    """Keeps the critic's scores near zero (Karras et al. 2018, appendix A.1)."""
    return scores.float().square().mean()
