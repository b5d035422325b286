"""What all sections of params.yaml share: frozen, strict, and no key without a meaning."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One section of a collection; the stage of the same name receives it and nothing else."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        defer_build=True,  # Params builds them all at once: a third of the start of a stage
    )
