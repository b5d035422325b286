"""What a sheet asks of pictures, read back from vectors, for `train.metrics.attributes`."""

from __future__ import annotations

import numpy as np

from train.conditions.data_sheet import Categories, DataSheet, Numbers
from train.conditions.vectors import Floats
from train.metrics.attributes import Category, Labels, Matrix, Quantity


def sheet_attributes(
    sheet: DataSheet, shown: Floats, held_out: Floats, asked: Floats
) -> list[Category | Quantity]:
    """An attribute a column, of the vectors (n, k) of images shown, held out, and drawn."""
    return [_attribute(sheet, column, (shown, held_out, asked)) for column in sheet.columns]


def _attribute(
    sheet: DataSheet, column: Numbers | Categories, vectors: tuple[Floats, Floats, Floats]
) -> Category | Quantity:
    blocks = [each[:, sheet.place(column)] for each in vectors]
    if isinstance(column, Numbers):
        return Quantity(column.column, *(_numbers(column, block) for block in blocks))
    return Category(column.column, column.categories, *(_labels(column, block) for block in blocks))


def _numbers(column: Numbers, block: Floats) -> Matrix:
    numbers = block[:, 0].astype(np.float64) * column.std + column.mean
    return np.where(block[:, 1] > 0, np.nan, numbers)


def _labels(column: Categories, block: Floats) -> Labels:
    """Places among the categories; others and what is missing are no category to be read."""
    told = block[:, : len(column.categories)]
    return np.where(told.any(axis=1), told.argmax(axis=1), -1).astype(np.int64)
