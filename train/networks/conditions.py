"""What a picture is drawn of, besides its latents: a class, a vector of numbers, or nothing.

Both networks turn it into features by a layer of their own: classes by an embedding, vectors by two
dense layers, so that what is asked need not act in proportion to its numbers.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from torch import nn

from train.networks.layers import SLOPE, Dense


class ConditionShape(NamedTuple):
    """What kind of condition networks take; of both numbers at most one is above zero."""

    classes: int = 0
    """How many classes are told apart; a condition is then a whole number, (n,) for n images."""
    numbers: int = 0
    """How long a vector is; a condition is then a row of them, (n, numbers) for n images."""

    @property
    def is_any(self) -> bool:
        """Whether networks take a condition."""
        return bool(self.classes or self.numbers)


UNCONDITIONAL: Final = ConditionShape()
CONDITIONAL: Final = "embedding"
"""What both networks call their layer that `embedding_of` makes."""


def embedding_of(shape: ConditionShape, outputs: int) -> nn.Module | None:
    """A layer with first weights that makes (n, outputs) of conditions, if there are any."""
    if shape.classes:
        return nn.Embedding(shape.classes, outputs)
    if shape.numbers:
        return nn.Sequential(
            Dense(shape.numbers, outputs), nn.LeakyReLU(SLOPE), Dense(outputs, outputs, gain=1.0)
        )
    return None
