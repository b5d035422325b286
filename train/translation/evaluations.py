"""How translations of each kind are evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from train.translation import evaluation_both_ways, evaluation_of_pairs
from train.translation.evaluation import Evaluation

EVALUATED: Final[Mapping[str, Callable[..., Evaluation]]] = {
    "paired": evaluation_of_pairs.evaluated,
    "unpaired": evaluation_both_ways.evaluated,
}
"""By kind; of game, the collection, the target, pairs that are known, judges and seed."""
