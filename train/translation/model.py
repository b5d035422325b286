"""A published translation, ready to make pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from pipeline.core.errors import TrainingError, UsageError
from pipeline.core.params.translation import Translation
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.data.real_images import to_bytes, to_float
from train.export import model_description
from train.export.model_file import weights_for
from train.translation.drawing import applied
from train.translation.game import TranslationGame
from train.translation.kinds import kind_of


@dataclass(frozen=True)
class Translator:
    """A generator on the device of its game."""

    params: Translation
    game: TranslationGame
    network: nn.Module
    """What of the generator is used."""

    def read(self, handed_in: Pixels) -> Tensor:
        """Inputs of what is handed in: uint8 (n, r, r, 4), the last channel its opacity."""
        return self.game.task.read(self._floats(handed_in))

    def derive(self, pictures: Pixels) -> Tensor:
        """Inputs as a training makes them, of whole ``pictures``, uint8 (n, r, r, 3).

        Where chance decides, it is that of the pictures' numbers, 0, 1, 2 and so on.
        """
        ids = torch.arange(len(pictures), device=self.game.compute.device)
        return self.game.inputs(self._floats(pictures), ids)

    def make(self, inputs: Tensor) -> Pixels:
        """The pictures of ``inputs`` (n, c, r, r): uint8 (n, r, r, 3)."""
        return to_bytes(applied(self.network, inputs))

    def _floats(self, pixels: Pixels) -> Tensor:
        raw = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
        return to_float(raw.to(self.game.compute.device))


def load(path: Path, compute: Compute, *, back: bool = False) -> Translator:
    """The translation in the model file at ``path``; ``back``: from its target.

    Raises:
        TrainingError: there is none, or its weights and its description do not fit together.
        UsageError: it goes one way.
    """
    facts = model_description.read_model_description(path)
    if "kind" not in facts.params:
        raise TrainingError(f"{path}: draws pictures of nothing; use `salon generate`")
    try:
        params: Translation = TypeAdapter(Translation).validate_json(json.dumps(facts.params))
    except ValidationError as error:
        raise TrainingError(
            f"{path}: made by Salon with other params than this one knows; train it anew"
        ) from error
    kind = kind_of(params)
    if back and not kind.of_two:
        raise UsageError(f"--back: {path} is a translation that goes one way; leave it out")
    weights = weights_for(path, lambda: kind.build(params)[0])
    game = kind.game(params, compute)
    game.generator.load_state_dict(weights)
    game.generator.eval()
    return Translator(params, game, kind.network(game.generator, back=back))
