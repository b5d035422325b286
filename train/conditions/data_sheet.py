"""Condition ``sheet``: what listings say of an image, as numbers and as one of some categories.

Numbers become how many standard deviations they are above the mean, beside a flag for those that
are not told; each category that is told apart has a place of its own, 1 for it and 0 for others.
Attributes as continuous conditions, which can be moved by degrees, are those of Pumarola et al.
(GANimation, 2018, section 3); here they are of the whole picture, and drawn of latents.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core.errors import TrainingError, UsageError, nearest
from pipeline.core.params.train import ResidualTrain
from pipeline.core.schema import Split
from train.conditions.told import Told, casefolded
from train.conditions.vectors import Conditioned, Floats
from train.conditions.written_numbers import number_in, unit_of

Texts = Sequence[str | None]
OTHER: Final = "other"
_FROZEN: Final = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Numbers(BaseModel):
    """A column of numbers; its place in a vector is two numbers wide."""

    model_config = _FROZEN

    kind: Literal["numbers"] = "numbers"
    column: str
    unit: str
    """As written beside the numbers, in small letters; empty where none is."""
    mean: float
    std: Annotated[float, Field(gt=0)]
    least: float
    most: float

    @property
    def width(self) -> int:
        """The number, and whether it is missing."""
        return 2

    def encoded(self, texts: Texts) -> Floats:
        """``texts`` (n,) as rows (n, 2)."""
        block = np.zeros((len(texts), 2), np.float32)
        for row, text in zip(block, texts, strict=True):
            number = self._number(text)
            row[:] = (0, 1) if number is None else ((number - self.mean) / self.std, 0)
        return block

    def asked(self, text: str) -> Floats:
        """What is drawn for ``text``, such as "40" or "40 mm": (2,).

        Raises:
            UsageError: it is no number, or one of another unit.
        """
        self.number(text)
        block: Floats = self.encoded([text])[0]
        return block

    def number(self, text: str) -> float:
        """The number that ``text`` asks for.

        Raises:
            UsageError: it is no number, or one of another unit.
        """
        number = self._number(text)
        if number is None:
            unit = f" of {self.unit}" if self.unit else ""
            raise UsageError(
                f"{self.column}: {text!r} is no number{unit}; the model was shown "
                f"{self.least:g} to {self.most:g}"
            )
        return number

    def _number(self, text: str | None) -> float | None:
        written = None if text is None else number_in(text)
        return written.value if written is not None and written.unit in {"", self.unit} else None


class Categories(BaseModel):
    """A column of categories; its place in a vector is as wide as there are `labels`."""

    model_config = _FROZEN

    kind: Literal["categories"] = "categories"
    column: str
    categories: Annotated[tuple[str, ...], Field(min_length=1)]
    """Those told apart, the most common first."""
    has_others: bool
    """Whether some are of none of them."""
    has_missing: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """What each number of its place stands for; the last one for nothing told, if any is so."""
        others = (OTHER,) if self.has_others else ()
        return (*self.categories, *others, *(("",) if self.has_missing else ()))

    @property
    def width(self) -> int:
        """One number a label."""
        return len(self.labels)

    def encoded(self, texts: Texts) -> Floats:
        """``texts`` (n,) as rows (n, width); what was never shown is of no label."""
        place = {casefolded(label): number for number, label in enumerate(self.labels)}
        block = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(block, texts, strict=True):
            label = casefolded(text or "")
            number = place.get(label, place.get(OTHER) if label else None)
            if number is not None:
                row[number] = 1
        return block

    def asked(self, text: str) -> Floats:
        """What is drawn for the category ``text``: (width,).

        Raises:
            UsageError: none is called so; the sentence says which there are.
        """
        known = [label for label in self.labels if label]
        if casefolded(text) not in map(casefolded, known):
            raise UsageError(
                f"{self.column}: the model was shown no {text!r}{nearest(text, known)}; "
                f"there are: {', '.join(known)}"
            )
        block: Floats = self.encoded([text])[0]
        return block


Column = Annotated[Numbers | Categories, Field(discriminator="kind")]


class DataSheet(BaseModel):
    """The columns of a vector, one after the other."""

    model_config = ConfigDict(frozen=True)

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]

    def column(self, name: str) -> Numbers | Categories:
        """The column called ``name``, in letters of any size.

        Raises:
            UsageError: there is none; the sentence says which there are.
        """
        for column in self.columns:
            if casefolded(column.column) == casefolded(name):
                return column
        known = [column.column for column in self.columns]
        raise UsageError(
            f"this model is not drawn of {name!r}{nearest(name, known)}; it is drawn of: "
            f"{', '.join(known)}"
        )

    def place(self, column: Numbers | Categories) -> slice:
        """Where ``column`` stands in a vector."""
        start = 0
        for each in self.columns:
            if each == column:
                return slice(start, start + each.width)
            start += each.width
        raise LookupError(column.column)

    @property
    def width(self) -> int:
        """How long a vector is."""
        return sum(column.width for column in self.columns)


def read_sheet(description: dict[str, Any]) -> DataSheet:
    """The columns that a description of kind ``sheet`` tells of.

    Raises:
        TrainingError: it tells of none.
    """
    try:
        return DataSheet.model_validate_json(json.dumps(description))
    except ValidationError as error:
        raise TrainingError(
            "what the model is drawn of cannot be read from its file; train it anew"
        ) from error


def sheet_vectors(facts: pa.Table, params: ResidualTrain) -> Conditioned:
    """The vectors of all ``facts``; means and categories are those of the images trained on.

    Raises:
        TrainingError: nothing has one of ``params.sheet``, or nothing can be learnt of it.
    """
    told = Told(facts)
    is_shown = np.asarray(facts["split"].to_pylist()) == Split.TRAIN
    columns, blocks = [], []
    for name in params.sheet:
        texts = told.texts(name, is_shown)
        shown = [text for text, shows in zip(texts, is_shown, strict=True) if shows]
        columns.append(_fitted_column(name, shown, params.sheet_categories))
        blocks.append(columns[-1].encoded(texts))
    description = DataSheet(columns=tuple(columns)).model_dump(mode="json")
    return Conditioned(np.concatenate(blocks, axis=1), description)


def _fitted_column(name: str, texts: Texts, most: int) -> Numbers | Categories:
    told = [text for text in texts if text]
    unit = unit_of(told)
    if unit is not None:
        return _numbers(name, unit, told)
    counts = Counter(map(casefolded, told))
    if max(counts.values()) == 1:
        raise TrainingError(
            f"train.sheet: {name!r} is another for each of {len(told)} images, so that nothing can "
            f"be learnt of it; leave it out"
        )
    _check_differs(name, len(counts))
    spelt = Counter(told)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    names = tuple(_most_usual(name, spelt) for name in ranked[:most])
    return Categories(
        column=name,
        categories=names,
        has_others=len(ranked) > most,
        has_missing=len(told) < len(texts),
    )


def _numbers(name: str, unit: str, told: Sequence[str]) -> Numbers:
    written = [number for text in told if (number := number_in(text)) and number.unit in {"", unit}]
    values = np.array([number.value for number in written])
    _check_differs(name, len(set(values.tolist())))
    return Numbers(
        column=name,
        unit=unit,
        mean=float(values.mean()),
        std=float(values.std()),
        least=float(values.min()),
        most=float(values.max()),
    )


def _check_differs(name: str, values: int) -> None:
    if values == 1:
        raise TrainingError(
            f"train.sheet: {name!r} is the same for all images, so that nothing can be learnt of "
            f"it; leave it out"
        )


def _most_usual(name: str, spelt: Counter[str]) -> str:
    """The most common spelling of what is ``name`` once it is casefolded."""
    spellings = [text for text in spelt if casefolded(text) == name]
    return " ".join(min(spellings, key=lambda text: (-spelt[text], text)).split())
