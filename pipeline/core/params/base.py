"""What all sections of params.yaml share: frozen, strict, and no key without a meaning."""

from __future__ import annotations

from typing import Any

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


def as_tuples(value: Any) -> Any:
    """``value`` with tuples where YAML has lists, as the frozen sections have them."""
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value
