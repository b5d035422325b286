"""Real images that are judged as if they were of another image's condition (Reed et al. 2016).

A discriminator that sees real images with their own condition and drawn ones with the one they were
drawn of may judge the image alone; only real images with a wrong condition, which it must call
fake, make it look at both (section 4.1, algorithm 1: half of what counts against fakes).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def differ(conditions: Tensor, others: Tensor) -> Tensor:
    """Which rows of ``others`` (n, k) are not those of ``conditions``: 1 or 0, (n,).

    Another image may be of the same condition, and then the pair is a right one.
    """
    return (conditions != others).any(dim=1).float()


def with_mismatches(
    of_fakes: Tensor, real_logits: Tensor | None, mismatched: Tensor, counts: Tensor
) -> Tensor:
    """The loss ``of_fakes``, half of it in favour of real images with a wrong condition.

    Args:
        of_fakes: of drawn images, a scalar.
        real_logits: (n,) of real images with their own condition, where logits mean something by
            their differences only; None: ``mismatched`` are judged by themselves.
        mismatched: logits (n,) of real images with another image's condition.
        counts: (n,), 0 where that condition is the right one after all.
    """
    logits = mismatched if real_logits is None else mismatched - real_logits
    wrong = (functional.softplus(logits.float()) * counts).mean()
    return torch.lerp(of_fakes, wrong, 0.5)
