"""The published generator: its averaged weights, and what is needed to draw with them again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors
import safetensors.torch
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from pipeline.core.errors import TrainingError
from pipeline.core.files import write_bytes, write_json
from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from train.data import to_bytes
from train.device import Compute
from train.recipes import recipe_for

WEIGHTS: Final = "generator.safetensors"
DESCRIPTION: Final = "model.json"

_BATCH: Final = 64


@dataclass(frozen=True)
class Model:
    """A generator ready to draw, on the device of ``compute``."""

    params: Train
    network: nn.Module
    compute: Compute

    def latents(self, count: int, seed: int) -> Tensor:
        """``count`` latents (count, d) of ``seed``, the same on every device."""
        source = torch.Generator().manual_seed(seed)
        return torch.randn(count, self.params.latent, generator=source)

    def draw(self, count: int, seed: int) -> Pixels:
        """``count`` images for the latents of ``seed``: uint8 (count, r, r, 3)."""
        return self.draw_from(self.latents(count, seed))

    @torch.no_grad()
    def draw_from(self, latents: Tensor) -> Pixels:
        """One image for each of ``latents`` (n, d): uint8 (n, r, r, 3)."""
        batches = latents.to(self.compute.device).split(_BATCH)  # type: ignore[no-untyped-call] # torch leaves it untyped
        return np.concatenate([to_bytes(self.network(batch)) for batch in batches])


def write(folder: Path, network: nn.Module, description: dict[str, Any]) -> None:
    """Write the weights of ``network`` and the facts of ``description`` into ``folder``."""
    weights: dict[str, Tensor] = {
        name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    write_bytes(folder / WEIGHTS, safetensors.torch.save(weights))
    write_json(folder / DESCRIPTION, description)


def load(folder: Path, compute: Compute) -> Model:
    """The generator in ``folder``.

    Raises:
        TrainingError: there is none, or its files do not fit together.
    """
    params = _params(folder)
    network = recipe_for(params, compute).generator
    try:
        network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS))
    except (OSError, RuntimeError, safetensors.SafetensorError) as error:
        raise TrainingError(
            f"{folder / WEIGHTS}: missing, torn or of another model; {_AGAIN}"
        ) from error
    return Model(params, network.eval(), compute)


def untrained(folder: Path, compute: Compute) -> Model:
    """The generator in ``folder`` as it was before its first step.

    Raises:
        TrainingError: there is no description of a model in ``folder``.
    """
    params = _params(folder)
    return Model(params, recipe_for(params, compute).generator.eval(), compute)


_AGAIN: Final = "run `dvc repro` to train it"


def _params(folder: Path) -> Train:
    try:
        held = json.loads((folder / DESCRIPTION).read_bytes())["params"]
        # Read as JSON, which has lists where the params have tuples.
        params: Train = TypeAdapter(Train).validate_json(json.dumps(held))
    except FileNotFoundError as error:
        raise TrainingError(f"{folder / DESCRIPTION}: missing; {_AGAIN}") from error
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise TrainingError(
            f"{folder / DESCRIPTION}: not a model's description; {_AGAIN}"
        ) from error
    return params
