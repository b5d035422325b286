"""The kinds of translation; a further one is added here, and in `train.translation.evaluations`.

Evaluations are apart, so that an edit of one makes no training stale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from torch import nn

from pipeline.core.params.translation import (
    PairedTranslation,
    Translation,
    UnpairedTranslation,
)
from train.compute.device import Compute
from train.loop.subject import Drawing
from train.networks.recipe import Pair
from train.translation import paired, unpaired
from train.translation.curated import Curated
from train.translation.drawing import PairDrawing
from train.translation.drawing_both_ways import DrawingBothWays
from train.translation.game import TranslationGame
from train.translation.paired import PairedGame
from train.translation.unpaired import UnpairedGame


@dataclass(frozen=True)
class Kind:
    """One kind."""

    params: type[Translation]
    build: Callable[[Any], Pair]
    """Both networks that the params ask for."""
    game: Callable[[Any, Compute], TranslationGame]
    """With first weights as the params' seed draws them."""
    drawing: Callable[[Any, Any, Curated, Curated], Drawing]
    """Of params, game, the collection and the target."""
    of_two: bool
    """Whether the target is another collection."""
    ways: tuple[str, ...]
    """The networks of a generator that lead forth and back; none where it goes one way."""

    def network(self, generator: nn.Module, *, back: bool) -> nn.Module:
        """The network of a ``generator`` that goes that way."""
        return getattr(generator, self.ways[back]) if self.ways else generator


KINDS: Final = (
    Kind(PairedTranslation, paired.build, PairedGame, PairDrawing, of_two=False, ways=()),
    Kind(
        UnpairedTranslation, unpaired.build, UnpairedGame, DrawingBothWays,
        of_two=True, ways=("forth", "back"),
    ),
)  # fmt: skip


def kind_of(params: Translation) -> Kind:
    """The kind that ``params`` are of."""
    for kind in KINDS:
        if isinstance(params, kind.params):
            return kind
    raise LookupError(f"{type(params).__name__} is of no kind in KINDS of {__file__}")
