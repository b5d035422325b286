"""What listings tell of images, under the names that a user has for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from pipeline.core.errors import TrainingError, nearest

_NO_FACTS: Final = frozenset({"image_id", "split", "sheet"})


class Told:
    """What is told of images, by column of the listings or label of their data sheets."""

    def __init__(self, facts: pa.Table) -> None:
        """``facts`` are as `train.conditions` has them."""
        self._facts = facts
        self._sheets = [_labels_in(text) for text in facts["sheet"].to_pylist()]

    def texts(self, name: str, is_shown: Sequence[bool] | Any) -> list[str | None]:
        """What is told of each image under ``name``, in letters of any size.

        Raises:
            TrainingError: nothing is told of any of those that are shown.
        """
        texts = self._listing_column(name) or self._labelled(name)
        if not any(text for text, shows in zip(texts, is_shown, strict=True) if shows):
            known = self.names(is_shown)
            raise TrainingError(
                f"train.sheet: no image to train on has {name!r}{nearest(name, known)}; their "
                f"listings have: {', '.join(known)}"
            )
        return texts

    def names(self, is_shown: Sequence[bool] | Any) -> list[str]:
        """What anything is told under: labels of data sheets, then columns of the listings."""
        labels: dict[str, None] = {}
        for sheet, shows in zip(self._sheets, is_shown, strict=True):
            labels |= {label_of(key): None for key, text in sheet.items() if shows}
        columns = [name for name in self._facts.column_names if name not in _NO_FACTS]
        rows = pa.array(np.flatnonzero(is_shown))
        filled = [name for name in columns if self._facts[name].take(rows).null_count < len(rows)]
        return [*sorted(labels), *filled]

    def _listing_column(self, name: str) -> list[str | None] | None:
        if name in _NO_FACTS or name not in self._facts.column_names:
            return None
        return [None if cell is None else str(cell) for cell in self._facts[name].to_pylist()]

    def _labelled(self, name: str) -> list[str | None]:
        """From sheets whose keys are labels, or "section / label"; the first that fits counts."""
        asked = casefolded(name)
        return [
            next((text for key, text in sheet.items() if asked in _names_of(key)), None)
            for sheet in self._sheets
        ]


def casefolded(text: str) -> str:
    """``text`` as texts are compared: in letters and spaces of one size."""
    return " ".join(text.split()).casefold()


def label_of(key: str) -> str:
    """The label of a key that has its section before it, such as "Case / Dial"."""
    return key.rpartition(" / ")[2]


def _names_of(key: str) -> set[str]:
    return {casefolded(key), casefolded(label_of(key))}


def _labels_in(sheet: str | None) -> dict[str, str]:
    """What a data sheet, a JSON text, has under each of its keys, if it has anything there."""
    told = json.loads(sheet) if sheet else {}
    return {key: str(text) for key, text in told.items() if text not in (None, "")}
