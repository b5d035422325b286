"""How the model came to be: its losses, and its samples from the first to the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from pipeline.card.charts import Numbers, curves
from pipeline.card.templating import counted, number
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.paths import Paths
from train.bases.base_catalogue import PREFIX, catalogue
from train.samples.sheets import STRIP_COLUMNS, evenly

_STRIP_PX = 1400
_NO_LOSS = frozenset(
    {"images", "step", "steps", "resolution", "fade"}
    | {"accuracy_real", "accuracy_fake", "generator_gradient", "penalty", "learning_rate"}
)
"""Columns of the history that say when and how, or are not measured as losses are."""


@dataclass(frozen=True)
class TrainingStory:
    """What the card shows of a training."""

    words: str
    curves: Markup
    losses: list[str]
    film_strip: Thumbnail
    """A row for each of some latents, a column for each of some moments."""
    moments: list[str]
    """Thousands of images shown until the moment of each column."""


def training_story(paths: Paths) -> TrainingStory:
    """Read the history and the samples of the model of one collection.

    Raises:
        TableError: the history or a picture is missing or torn.
    """
    history = read_history(paths.model / "history.csv")
    losses = [name for name in history if name not in _NO_LOSS]
    kimg = history["images"] / 1000
    samples = sorted((paths.model / "samples").glob("[0-9]*.png"))
    moments = evenly(samples, STRIP_COLUMNS)
    return TrainingStory(
        words=_words(model_description(paths.model / "model.json")),
        curves=curves(
            "losses",
            kimg,
            {name.replace("_", " "): history[name] for name in losses},
            steps=_resolution_steps(kimg, history["resolution"]),
        ),
        losses=losses,
        film_strip=from_file(paths.evaluation / "film_strip.png", longest_px=_STRIP_PX),
        moments=[_kimg(int(path.stem)) for path in moments],
    )


def _kimg(images: int) -> str:
    """Thousands of images, as exactly as a narrow column holds."""
    return f"{images / 1000:.3g}" if images < 100_000 else number(round(images / 1000))


def _words(model: Mapping[str, Any]) -> str:
    params, data, sizes = model["params"], model["data"], model["parameters"]
    title = model.get("title") or params["model"]  # earlier versions wrote none
    return (
        f"A {title} at {params['resolution']} pixels was shown "
        f"{number(model['images_seen'])} images in {counted(model['steps'], 'step')} of "
        f"{params['batch']}, drawn from {counted(data['variants'], 'variant')} of "
        f"{counted(data['images'], 'image')}. Its generator has "
        f"{number(sizes['generator'])} parameters, its discriminator "
        f"{number(sizes['discriminator'])}.{_drawn_of(model)}{_start(params.get('warm_start'))}"
    )


def _drawn_of(model: Mapping[str, Any]) -> str:
    """What a picture is drawn of besides latents, where it is."""
    condition = model.get("condition") or {}
    if condition.get("kind") == "sheet":
        columns = ", ".join(column["column"] for column in condition["columns"])
        return f" A picture is drawn of what its data sheet says: {columns}."
    if condition.get("kind") == "text":
        return f" A picture is drawn of its caption, by the template “{condition['caption']}”."
    return ""


def _start(warm_start: str | None) -> str:
    """Where the first weights came from, so that nobody takes a short training for all of it."""
    if warm_start is None:
        return ""
    name = warm_start.removeprefix(PREFIX)
    base = catalogue().get(name) if name != warm_start else None
    if base is None:
        return f" It did not begin from scratch, but with the weights of {warm_start}."
    shown = number(round(base.kimg * 1000))
    return (
        f" It did not begin from scratch, but with the weights of the base {name}, which had been "
        f"shown {shown} images, drawn from {counted(base.images, 'other image')}: {base.pictures}."
    )


def read_history(path: Path) -> dict[str, Numbers]:
    """The columns of a training's history, by name.

    Raises:
        TableError: the file is missing, empty, or not numbers throughout.
    """
    torn = TableError(f"{path}: torn; run `dvc repro train` to make it anew")
    try:
        history = pd.read_csv(path, dtype=np.float64)
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except ValueError as error:
        raise torn from error
    if history.isna().to_numpy().any():  # a row that ends early
        raise torn
    return {str(name): column.to_numpy() for name, column in history.items()}


def _resolution_steps(kimg: Numbers, resolution: Numbers) -> dict[float, str]:
    """Where each resolution begins; nothing for a network that has only one."""
    begins = np.flatnonzero(np.diff(resolution)) + 1
    return {float(kimg[place - 1]): f"{resolution[place]:g} px" for place in begins}


_OF_A_MODEL = frozenset({"params", "data", "parameters", "compute", "images_seen", "steps"})


def model_description(path: Path) -> dict[str, Any]:
    """What `train` wrote about its model.

    Raises:
        TableError: the file is missing, torn, or holds something else.
    """
    content = read_object(path)
    missing = sorted(_OF_A_MODEL - content.keys())
    if missing:
        raise TableError(f"{path}: does not say {missing[0]}; run `dvc repro train`")
    return content
