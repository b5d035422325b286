"""A latent in a small file, from which the same model draws the same picture again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from pipeline.core.errors import UsageError
from pipeline.core.files import write_bytes
from train.export.model_file import Model

VECTOR_SEED: Final = 1
"""Picks the vector of all saved pictures, where a model draws of any (`Model.of_one_vector`)."""


class SavedLatent(BaseModel):
    """What the page of a walk writes beside each picture."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    fingerprint: str
    """Of the model that drew the picture."""
    class_name: str | None
    """Which class it drew, where it tells classes apart."""
    truncation: float | None = Field(gt=0)
    walked: str
    """From where to where, and how far, for people."""
    latent: list[float]

    def latent_for(self, path: Path, model: Model) -> Tensor:
        """The latent (1, d), as ``model`` draws it.

        Raises:
            UsageError: it is none of this model, as is said of ``path``.
        """
        length = model.params.latent
        if len(self.latent) != length or not any(map(math.fabs, self.latent)):
            raise UsageError(
                f"{path}: holds {len(self.latent)} numbers, and this model draws from {length}; "
                f"name the model that the picture was saved of"
            )
        return torch.tensor([self.latent], dtype=torch.float32)


def write_saved(path: Path, saved: SavedLatent) -> None:
    """Write ``saved`` as JSON; numbers are written so that they are read to the bit."""
    write_bytes(path, (saved.model_dump_json(indent=1) + "\n").encode())


def read_saved(path: Path) -> SavedLatent:
    """What `write_saved` wrote.

    Raises:
        UsageError: there is no such file, or it is another kind of file.
    """
    try:
        return SavedLatent.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError as error:
        raise UsageError(
            f"{path}: no latent that `salon walk` saved; name a file such as walk-1.json"
        ) from error
