"""Random numbers that follow from the seed and from what they are for."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import torch
from torch import Tensor


class Purpose(IntEnum):
    """What random numbers are for; each has a stream of its own."""

    GRID = 0
    CALIBRATION = 1
    STEPS = 2
    COMPARED = 3
    CLASSES = 4
    TARGETS = 5


def seeded(seed: int, *purpose: int) -> int:
    """A seed for one purpose, unlike those of all others."""
    return int(np.random.SeedSequence([seed, *purpose]).generate_state(1, np.uint64)[0] >> 1)


def latents(seed: int, purpose: Purpose, count: int, size: int) -> Tensor:
    """``count`` latents (count, size) from N(0, 1), the same on every device."""
    return torch.randn(count, size, generator=torch.Generator().manual_seed(seeded(seed, purpose)))
