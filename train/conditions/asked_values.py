"""What a user asks of a model that is drawn of data sheets: ``Dial=green``, ``year=1960..2020``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from pipeline.core.errors import UsageError
from train.conditions.data_sheet import Categories, DataSheet, Numbers, read_sheet
from train.conditions.vectors import Floats

STEPS: Final = 6
"""Values of a range that a sweep shows."""
_RANGE: Final = re.compile(r"(.+?)\s*\.\.\s*(.+)")


def data_sheet_of(description: dict[str, Any]) -> DataSheet:
    """The columns that a model is drawn of, by what its file says of its vectors.

    Raises:
        UsageError: it is drawn of no data sheet.
        TrainingError: what it is drawn of cannot be read.
    """
    if description.get("kind") != "sheet":
        raise UsageError(
            "this model is not drawn of data sheets; train one with train.condition: sheet"
        )
    return read_sheet(description)


def with_values(sheet: DataSheet, rows: Floats, asked: Sequence[str]) -> Floats:
    """``rows`` (n, k) with what is ``asked``, each as ``column=value``, in place of what they say.

    Raises:
        UsageError: there is no such column or value; the sentence says which there are.
    """
    rows = rows.copy()
    columns: list[str] = []
    for text in asked:
        column, value = _parted("--set", sheet, text)
        if column.column in columns:
            raise UsageError(f"--set: {column.column} is set twice; leave one out")
        columns.append(column.column)
        rows[:, sheet.place(column)] = column.asked(value)
    return rows


@dataclass(frozen=True)
class Sweep:
    """Values of one column, side by side."""

    column: str
    labels: tuple[str, ...]
    vectors: Floats
    """(rows, values, k): each row's vector with each value in its place."""


def sweep_of(sheet: DataSheet, rows: Floats, asked: str) -> Sweep:
    """``rows`` (n, k) under each of the values that ``asked`` names.

    These are ``column=36..46``, `STEPS` numbers from the first to the last, or ``column=a,b,c``.

    Raises:
        UsageError: there is no such column or value; the sentence says which there are.
    """
    column, text = _parted("--sweep", sheet, asked)
    texts = _values(column, text)
    vectors = rows[:, None].repeat(len(texts), axis=1)
    for place, value in enumerate(texts):
        vectors[:, place, sheet.place(column)] = column.asked(value)
    unit = f" {column.unit}" if isinstance(column, Numbers) and column.unit else ""
    labels = tuple(
        value if isinstance(column, Categories) or unit.strip() in value else f"{value}{unit}"
        for value in texts
    )
    return Sweep(column.column, labels, vectors)


def _values(column: Numbers | Categories, text: str) -> list[str]:
    ends = _RANGE.fullmatch(text)
    if ends is None or isinstance(column, Categories):
        return [value.strip() for value in text.split(",") if value.strip()]
    first, last = (column.number(end) for end in ends.groups())
    return [f"{value:.4g}" for value in np.linspace(first, last, STEPS)]


def _parted(option: str, sheet: DataSheet, text: str) -> tuple[Numbers | Categories, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        example = sheet.columns[0]
        such = example.categories[0] if isinstance(example, Categories) else f"{example.mean:.0f}"
        raise UsageError(
            f'{option}: write COLUMN=VALUE, such as "{example.column}={such}", not {text!r}'
        )
    return sheet.column(name.strip()), value.strip()
