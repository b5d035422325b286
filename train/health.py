"""When to stop a training that will not recover: rules over the rows of its history."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from pipeline.core.errors import UnhealthyError

WINDOW_STEPS: Final = 200
"""A single step says nothing: losses of 0.000 come and go while a DCGAN still learns."""

LEAST_SUM: Final = 0.7
"""Of the losses on drawn images, -log(1 - p) and -log(p): for one p they make at least 2 ln 2."""

Row = dict[str, Any]


def check(rows: Sequence[Row], *, finite: bool) -> None:
    """Look at the history, the latest row last; ``finite``: whether all weights are numbers.

    Raises:
        UnhealthyError: going on is pointless; says since when, why, and what to try.
    """
    latest = rows[-1]
    for name, value in latest.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise UnhealthyError(f"{_place(latest)} the loss {name!r} is not a number")
    if not finite:
        raise UnhealthyError(f"{_place(latest)} a weight is not a number")
    window = _window(rows)
    if window and "discriminator_drawn" in latest:
        total = _mean(window, "discriminator_drawn") + _mean(window, "generator")
        if total < LEAST_SUM:
            raise UnhealthyError(
                f"{_place(latest)} the discriminator calls drawn images both real and drawn "
                f"(losses {total:.3f} together over {WINDOW_STEPS} steps, {2 * math.log(2):.3f} "
                f"is the least for one discriminator): its batch norm sees other images in the "
                f"two steps; set train.discriminator_batch_norm to false"
            )


@torch.no_grad()
def all_finite(*networks: nn.Module) -> bool:
    """Whether every weight is a number; waits for the device once."""
    weights: list[Tensor] = [weight for network in networks for weight in network.parameters()]
    return bool(torch.stack(torch._foreach_norm(weights)).isfinite().all())


def _window(rows: Sequence[Row]) -> list[Row]:
    taken: list[Row] = []
    for row in reversed(rows):
        taken.append(row)
        if sum(row["steps"] for row in taken) >= WINDOW_STEPS:
            return taken
    return []


def _mean(rows: Sequence[Row], name: str) -> float:
    total = sum(row[name] * row["steps"] for row in rows)
    return float(total / sum(row["steps"] for row in rows))


def _place(row: Row) -> str:
    return f"training stopped after {row['images']:,} images (step {row['step']:,}):"
