"""How a training in progress stands, in one small file that others may read while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.core.files import write_bytes
from train.monitor.rules import Row

FILE: Final = "live.json"


class Live(BaseModel):
    """What `salon train --watch` shows; written at each row of the history and each sheet."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    state: Literal["running", "stopped", "ended"]
    images: int
    steps: int
    seconds: float
    """Time on the wall so far."""
    share: float
    """How far it is, 0..1."""
    spent: str
    """How much of what ends it is spent, in words."""
    resolution: int
    grid: int
    """Rows and columns of a sheet of samples."""
    balance: str
    """Of the two networks, in words."""
    rows: list[Row]
    sample_metrics: list[Row]
    findings: list[dict[str, int | str]]
    classes: list[str]
    """The class of each row of the sheet of all classes; none where none are told apart."""


def write_live(folder: Path, live: Live) -> None:
    """Write ``live`` into the folder of its training, whole or not at all."""
    write_bytes(folder / FILE, live.model_dump_json().encode())


def latest(trainings: Path) -> tuple[Path, Live] | None:
    """The folder below ``trainings`` that was written last, and how its training stands."""
    files = sorted(trainings.glob(f"*/{FILE}"), key=lambda path: path.stat().st_mtime)
    if not files:
        return None
    try:
        return files[-1].parent, Live.model_validate_json(files[-1].read_bytes())
    except ValidationError:  # of an earlier version
        return None
