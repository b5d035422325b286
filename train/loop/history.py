"""The history of a training, written down for people and DVC."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.core.files import storage_errors, write_bytes
from train.monitor.rules import Row

WHEN: Final = frozenset({"images", "step", "steps"})
"""Columns that say when, and are no curves."""


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write ``rows`` as CSV, one line each."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def write_curves(folder: Path, rows: Sequence[Row]) -> None:
    """Write a table of two columns for each number, as `dvc plots` draws and compares them."""
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    for name in rows[0].keys() - WHEN:
        write_csv(folder / f"{name}.csv", [{k: row[k] for k in ("images", name)} for row in rows])
