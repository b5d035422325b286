"""Style mixing: the styles of one picture, such as colours, at the places of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.core.errors import UsageError
from train.export.model_file import Model
from train.samples import sheets


def write_mixed(path: Path, model: Model, latents: Tensor) -> None:
    """Write a sheet of mixtures of ``latents`` (2 n, d), one row and one column more.

    The first row are the n pictures whose places a column takes, the first column the n whose
    styles a row takes.

    Raises:
        UsageError: the network has no styles.
    """
    half = len(latents) // 2
    places, styles = latents[:half], latents[half:]
    blank = np.full_like(model.draw_from(places[:1]), sheets.PAPER)
    rows = [blank, model.draw_from(places)]
    for style in styles:
        with _styled(model, style[None]):
            rows += [model.draw_from(style[None]), model.draw_from(places)]
    sheets.write_png(path, sheets.sheet(np.concatenate(rows), half + 1))


@contextmanager
def _styled(model: Model, latent: Tensor) -> Iterator[None]:
    """Draw inside with the style of ``latent`` (1, d), whatever the latents are."""
    name = model.kind.style_layer
    if name is None:
        raise UsageError(
            f"--mix: a {model.params.model} network has no styles; take a model: residual"
        )
    layer = model.network.get_submodule(name)
    kept: list[Tensor] = []

    def keep(_layer: nn.Module, _inputs: Any, made: Tensor) -> None:
        kept.append(made)

    with torch.no_grad():
        hook = layer.register_forward_hook(keep)
        list(model.batches(latent))
        hook.remove()
    hook = layer.register_forward_hook(lambda _layer, _inputs, made: kept[0].expand_as(made))
    try:
        yield
    finally:
        hook.remove()
