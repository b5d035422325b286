"""The bases by name: ``train.warm_start: base:fields-64`` names one.

``bases.yaml`` says of each what networks it holds and where it comes from; its weights lie beside
it. Both are written by ``python -m tests.benches.bases`` (`make bases`). Nothing here needs torch,
so that a wrong name is told before DVC has removed anything.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict

from pipeline.core.errors import ParamsError, nearest
from pipeline.core.params.train import Train

PREFIX: Final = "base:"
NETWORK_PARAMS: Final = (
    "model", "resolution", "channels_base", "channels_max", "latent", "condition",
)  # fmt: skip
"""Params that decide the shapes of the networks."""

_FOLDER: Final = Path(str(resources.files("train.bases")))
CATALOGUE: Final = _FOLDER / "bases.yaml"


class Base(BaseModel):
    """What is known of one base."""

    model_config = ConfigDict(strict=True, extra="forbid")

    network: dict[str, Any]
    """The params of its networks."""
    pictures: str
    """What it was shown."""
    images: int
    """How many different ones."""
    kimg: float
    """Thousands of images shown in all."""
    cpu_minutes: float
    """What its training took."""
    licence: str


def catalogue() -> dict[str, Base]:
    """All bases by name."""
    content = yaml.safe_load(CATALOGUE.read_text("utf-8"))
    return {name: Base.model_validate(facts) for name, facts in content.items()}


def base_of(params: Train) -> tuple[str, Base] | None:
    """The name of the base that ``params`` start from and what is known of it, if they name one.

    Raises:
        ParamsError: there is no such base, or its networks are others than those of ``params``.
    """
    start = params.warm_start
    if start is None or not start.startswith(PREFIX):
        return None
    name, known = start.removeprefix(PREFIX), catalogue()
    if name not in known:
        raise ParamsError(
            f"train.warm_start: there is no base {name!r}{nearest(name, known)}; "
            f"the bases are: {', '.join(known)}"
        )
    asked, network = params.model_dump(mode="json"), known[name].network
    if params.vectors_of is not None:  # what pictures are drawn of is added to networks without
        asked["condition"] = None
    others = [
        f"{param}: {network[param]} and not {asked.get(param)}"
        for param in NETWORK_PARAMS
        if asked.get(param) != network[param]
    ]
    if others:
        raise ParamsError(
            f"train.warm_start: {start} has {', '.join(others)}; change these params of train, "
            f"or write warm_start: null to begin from scratch"
        )
    return name, known[name]


def weights_of(name: str) -> Path:
    """The checkpoint that a base is."""
    return _FOLDER / f"{name}.safetensors"
