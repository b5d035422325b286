"""Means of the losses of the steps since the last row of the history; summed on the device."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from train.compute.ranks import Ranks

_DIGITS: Final = 6


class LossMeans:
    """Sums of numbers by name, read only when a row is closed."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.steps = 0

    def add(self, losses: dict[str, Tensor]) -> None:
        """Add those of one step: scalars on the device."""
        for name, value in losses.items():
            self.sums[name] = self.sums[name] + value if name in self.sums else value
        self.steps += 1

    def close(self, ranks: Ranks) -> dict[str, float]:
        """Means over all steps and processes, and start anew; waits for the device."""
        means = torch.stack(list(self.sums.values())).double() / self.steps
        ranks.average([means])
        named = dict(zip(self.sums, means.tolist(), strict=True))
        self.sums, self.steps = {}, 0
        return {name: six_digits(value) for name, value in named.items()}

    def restore(
        self, steps: int, names: list[str], sums: dict[str, Tensor], device: torch.device
    ) -> None:
        """Become what was saved; ``names`` keep the order, which a file of tensors loses."""
        self.steps = steps
        self.sums = {name: sums[name].to(device) for name in names}


def six_digits(value: float) -> float:
    """``value`` to six digits: enough to look at, and short to store."""
    return float(f"{value:.{_DIGITS}g}")
