"""The published generator: averaged weights in one file that says what it is.

What is needed to draw with them again stands in the same file. `model.json` beside it repeats it
for people and programs that do not read safetensors.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors.torch
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn

from pipeline.core.errors import TrainingError, UsageError
from pipeline.core.files import write_bytes, write_json
from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from train.compute.device import Compute
from train.conditions.vectors import Floats
from train.data.classes import spread
from train.data.real_images import to_bytes
from train.data.variants import Indices
from train.export import model_description
from train.export.model_description import WEIGHTS, Description
from train.networks.conditions import ConditionShape
from train.networks.recipe import Network
from train.networks.registry import network_of, networks_for, recipe_for
from train.networks.state_dicts import Tensors, current_names

DESCRIPTION: Final = "model.json"
VECTORS: Final = "condition.vectors"
"""Among the tensors of the file: vectors of images that the model was shown, if it takes any."""

_BATCH: Final = 64


@dataclass(frozen=True)
class Model:
    """A generator ready to draw, on the device of ``compute``."""

    params: Train
    network: nn.Module
    compute: Compute
    classes: dict[str, int]
    """Variants of each class that it tells apart, in the order of its embeddings; none if it
    tells none."""
    only: str | None = None
    """The one class that it draws; without, all of them as often as they were shown."""
    condition: dict[str, Any] = field(default_factory=dict)
    """What the vectors that it draws of stand for (`train.conditions`); empty if it takes none."""
    vectors: Tensor | None = None
    """(m, k): those that it draws of, in turn: of images that it was shown, or what was asked."""

    def of_class(self, name: str) -> Model:
        """The same generator, drawing the class ``name`` alone.

        Raises:
            UsageError: it knows no such class.
        """
        if name in self.classes:
            return replace(self, only=name)
        if not self.classes:
            raise UsageError("this model tells no classes apart; train one with train.condition")
        near = difflib.get_close_matches(name, self.classes, n=3, cutoff=0)
        raise UsageError(
            f"this model knows {len(self.classes)} classes, but no {name!r}; near to it are "
            f"{', '.join(near)}"
        )

    def of_vectors(self, vectors: Floats) -> Model:
        """The same generator, drawing of these ``vectors`` (m, k) in turn."""
        return replace(self, vectors=torch.from_numpy(vectors))

    def of_one_vector(self, seed: int) -> Model:
        """The same generator, drawing of one of its vectors, which ``seed`` picks, if it has any.

        What moves or mixes latents shall change nothing else.
        """
        if self.vectors is None:
            return self
        place = seed % len(self.vectors)
        return replace(self, vectors=self.vectors[place : place + 1])

    def rows(self, count: int | None = None) -> Floats:
        """The first ``count`` vectors that it draws of, (count, k); without, each once.

        Raises:
            UsageError: it takes none.
        """
        if self.vectors is None:
            raise UsageError("this model draws of nothing but latents; see train.condition")
        places = torch.arange(len(self.vectors) if count is None else count) % len(self.vectors)
        rows: Floats = self.vectors[places].numpy()
        return rows

    def latents(self, count: int, seed: int) -> Tensor:
        """``count`` latents (count, d) of ``seed``, the same on every device."""
        source = torch.Generator().manual_seed(seed)
        return torch.randn(count, self.params.latent, generator=source)

    def draw(self, count: int, seed: int) -> Pixels:
        """``count`` images for the latents of ``seed``: uint8 (count, r, r, 3)."""
        return self.draw_from(self.latents(count, seed))

    def draw_from(self, latents: Tensor) -> Pixels:
        """One image for each of ``latents`` (n, d): uint8 (n, r, r, 3)."""
        return np.concatenate(list(self.batches(latents)))

    def batches(self, latents: Tensor) -> Iterator[Pixels]:
        """What `draw_from` draws, some images at a time."""
        inputs = self.inputs(latents)
        for batch in zip(*(each.split(_BATCH) for each in inputs), strict=True):  # type: ignore[no-untyped-call] # torch leaves it untyped
            with torch.no_grad():
                yield to_bytes(self.network(*batch))

    def inputs(self, latents: Tensor) -> list[Tensor]:
        """What the network is called with for ``latents``: these, and conditions, if any."""
        device = self.compute.device
        inputs = [latents.to(device)]
        if self.vectors is not None:
            inputs.append(self.vectors[torch.arange(len(latents)) % len(self.vectors)].to(device))
        if self.classes:
            inputs.append(torch.from_numpy(self._classes_of(len(latents))).to(device))
        return inputs

    @property
    def kind(self) -> Network:
        """What its network registers."""
        return network_of(self.params)

    def _classes_of(self, count: int) -> Indices:
        if self.only is None:
            return spread(np.array(list(self.classes.values())), count)
        return np.full(count, list(self.classes).index(self.only))


def write_model(
    folder: Path, network: nn.Module, facts: Description, vectors: Floats | None = None
) -> None:
    """Write the weights of ``network`` and what ``facts`` say into ``folder``.

    ``vectors`` (m, k) are those that it draws of where nothing else is asked.
    """
    weights: dict[str, Tensor] = {
        name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    if vectors is not None:
        weights[VECTORS] = torch.from_numpy(vectors)
    content = safetensors.torch.save(weights, metadata=model_description.metadata(facts))
    write_bytes(folder / WEIGHTS, content)
    write_json(folder / DESCRIPTION, facts.model_dump())


def load_model(path: Path, compute: Compute) -> Model:
    """The generator in the model file at ``path``.

    Raises:
        TrainingError: there is none, or its weights and its description do not fit together.
    """
    model, weights = _without_weights(path, compute)
    model.network.load_state_dict(weights)
    return model


def untrained(path: Path, compute: Compute) -> Model:
    """The generator in the model file at ``path`` as it was before its first step.

    Raises:
        TrainingError: there is none, or it does not say what it is.
    """
    return _without_weights(path, compute)[0]


_AGAIN: Final = "run `dvc repro` to train it"


def _without_weights(path: Path, compute: Compute) -> tuple[Model, Tensors]:
    """The generator with its first weights, and those that it had in the end."""
    params, facts = _read(path)
    vectors = _vectors(path, facts)
    numbers = 0 if vectors is None else vectors.shape[1]
    shape = ConditionShape(0 if numbers else len(facts.classes), numbers)
    weights = weights_for(path, lambda: networks_for(params, shape)[0])
    network = recipe_for(params, compute, shape).generator.eval()
    return Model(params, network, compute, facts.classes, None, facts.condition, vectors), weights


def _vectors(path: Path, facts: Description) -> Tensor | None:
    """What the model in ``path`` draws of, if it takes vectors.

    Raises:
        TrainingError: they are not as its description says.
    """
    if not facts.condition:
        return None
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            vectors: Tensor = file.get_tensor(VECTORS)
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{path}: torn, or no weights of its params; {_AGAIN}") from error
    if vectors.dim() != 2 or not vectors.numel() or not vectors.isfinite().all():
        raise TrainingError(f"{path}: torn, or the weights of another model; {_AGAIN}")
    return vectors.float()


def _read(path: Path) -> tuple[Train, Description]:
    facts = model_description.read_model_description(path)
    if "kind" in facts.params:
        raise TrainingError(
            f"{path}: makes pictures of pictures, and none of nothing; use `salon translate`"
        )
    try:
        # Read as JSON, which has lists where the params have tuples.
        params: Train = TypeAdapter(Train).validate_json(json.dumps(facts.params))
    except ValidationError as error:
        raise TrainingError(
            f"{path}: made by Salon with other params than this one knows; {_AGAIN}"
        ) from error
    return params, facts


def weights_for(path: Path, build: Callable[[], nn.Module]) -> Tensors:
    """The weights in ``path``, which are of the shapes of the network that ``build`` makes.

    No more memory is taken than the file is long, whatever it says it is: the network is built
    without memory and compared first.

    Raises:
        TrainingError: they are of other shapes, or torn.
    """
    try:
        with torch.device("meta"):
            generator = build()
        weights = current_names(safetensors.torch.load_file(path))
        weights.pop(VECTORS, None)
    # Torch has several complaints of sizes that no memory has.
    except (OSError, OverflowError, RuntimeError, TypeError, SafetensorError) as error:
        raise TrainingError(f"{path}: torn, or no weights of its params; {_AGAIN}") from error
    asked = {name: (tensor.shape, tensor.dtype) for name, tensor in generator.state_dict().items()}
    if asked != {name: (tensor.shape, tensor.dtype) for name, tensor in weights.items()}:
        raise TrainingError(f"{path}: torn, or the weights of another model; {_AGAIN}")
    return weights
