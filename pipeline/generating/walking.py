"""A walk between two pictures of a model, on a page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

from pipeline.core.shards import Pixels
from pipeline.generating.real_pictures import real_pictures
from train.compute import device
from train.export.model_description import read_model_description
from train.export.model_file import load_model
from train.samples.saved_latents import VECTOR_SEED
from train.samples.truncation import drawing_truncated
from train.watch.walk import LatentWalk
from train.watch.walk_page import serve_walk_page


def serve_walk(
    name: str,
    weights: Path,
    out: Path,
    ready: Callable[[str], None],
    *,
    class_name: str | None,
    truncation: float | None,
    port: int,
) -> None:
    """Serve the page until Ctrl-C; ``ready`` is told its address.

    Args:
        name: of the collection whose images may be ends, or the path of the model file.
        weights: the model file.
        out: folder for what is kept.
        ready: called once.
        class_name: the one class to walk in, None for a choice of all.
        truncation: as `salon generate --truncation`.
        port: to listen on, 0 for any free one.

    Raises:
        TrainingError: the model is missing or torn.
        UsageError: it tells no such class apart.
        BusyError: another program listens on ``port``.
    """
    device.make_deterministic()
    model = load_model(weights, device.find()).of_one_vector(VECTOR_SEED)
    if class_name is not None:
        model = model.of_class(class_name)

    def real_of(image_id: str) -> Pixels:
        real: Pixels = real_pictures(name, [image_id], model.params.resolution)[0][0]
        return real

    with drawing_truncated(model, truncation) if truncation is not None else nullcontext():
        fingerprint = read_model_description(weights).fingerprint
        walk = LatentWalk(model, name, fingerprint, real_of, out, truncation)
        # Not raised where the signal is ignored, as in a background job of a shell.
        with suppress(KeyboardInterrupt):
            serve_walk_page(walk, port, ready)
