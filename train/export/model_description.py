"""What a model file says about itself: a JSON text among the metadata of its safetensors.

A file that has left its project still tells what it was trained on, how, and under which rights;
nothing in it can run, and reading it needs no torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import safetensors
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.core.errors import TrainingError
from pipeline.core.schema import Split, Status

WEIGHTS: Final = "generator.safetensors"
NO_LABEL: Final = "no label"

_KEY: Final = "salon"
_FROZEN: Final = ConfigDict(frozen=True)
_MOST: Final = 2**53
"""No number of images, weights or steps is larger, so that what reads a file can count on it."""

Number = Annotated[int, Field(ge=0, le=_MOST)]


class Data(BaseModel):
    """What a model was shown."""

    model_config = _FROZEN

    sha256: str
    """Of the table of variants."""
    images: Number
    variants: Number
    captures: list[str]
    rights: dict[str, Number]
    """Images by the rights label that the sites give them."""


class Results(BaseModel):
    """How its training stood when it had the weights that are published."""

    model_config = _FROZEN

    losses: dict[str, float]
    """The row of the history in whose steps that was."""
    sample_metrics: dict[str, float]
    """The last measurement on samples until then."""
    findings: Number
    """Of the monitor, in the whole training."""
    evaluation: str
    """Where the project keeps the distances from real images, which are measured later."""

    @model_validator(mode="before")
    @classmethod
    def _as_now_called(cls, content: Any) -> Any:
        """Sample metrics were called vitals."""
        if isinstance(content, dict) and "vitals" in content:
            return {("sample_metrics" if k == "vitals" else k): v for k, v in content.items()}
        return content


class Description(BaseModel):
    """Everything about a model but its weights."""

    model_config = _FROZEN

    salon: str
    """Version that trained it."""
    collection: str
    fingerprint: str
    """Names the training: data, params and code."""
    params: dict[str, Any]
    """Section `train` as it was."""
    title: str = ""
    """What a reader calls the network, such as DCGAN; empty in files of earlier versions."""
    images_seen: Number
    steps: Number
    compute: dict[str, Any]
    data: Data
    classes: dict[str, Annotated[Number, Field(ge=1)]] = {}
    """Where it draws by class: variants of each that were shown, in the order of its embeddings."""
    condition: dict[str, Any] = {}
    """Where it draws of vectors: what these stand for, ``kind`` and what a module of that kind in
    `train.conditions` reads."""
    parameters: dict[str, Number]
    """Weights that each network learns."""
    range: str = "-1..1, RGB"
    """Of what the generator makes."""
    results: Results


def metadata(description: Description) -> dict[str, str]:
    """``description`` as safetensors holds it: one text, for the order of several is left open."""
    return {_KEY: description.model_dump_json()}


def read_model_description(path: Path) -> Description:
    """The description inside the model file at ``path``.

    Raises:
        TrainingError: there is no such file, it is torn, or no model of Salon's.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return Description.model_validate_json((file.metadata() or {})[_KEY])
    except FileNotFoundError as error:
        raise TrainingError(f"{path}: missing; run `dvc repro` to train it") from error
    except (safetensors.SafetensorError, OSError) as error:
        raise TrainingError(f"{path}: torn or no model; run `dvc repro` to train it") from error
    except (KeyError, ValidationError) as error:
        raise TrainingError(f"{path}: does not say what it is; train it anew") from error


def shown_rights(variants: pa.Table) -> dict[str, int]:
    """How many images trained on bear each rights label, by label; ``variants`` are VARIANTS."""
    is_shown = pc.and_(
        pc.equal(variants["status"], Status.KEEP), pc.equal(variants["split"], Split.TRAIN)
    )
    kept = variants.filter(is_shown)
    _, first = np.unique(kept["image_id"].to_numpy(), return_index=True)
    labels = pc.fill_null(kept["rights"].take(pa.array(first)), NO_LABEL)
    by_label = {each["values"]: each["counts"] for each in labels.value_counts().to_pylist()}
    return dict(sorted(by_label.items()))
