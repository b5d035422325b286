"""What the evaluation of a translation says, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.core.shards import Pixels
from train.metrics.evaluation import Extract

MOST: Final = 256
"""Pictures that are judged, of as many different images as there are."""
COLUMNS: Final = 8
SHOWN: Final = 32
"""Pictures on a sheet."""

Judges = tuple[Extract, Extract]
"""The networks by whose features distances are measured."""
Known = Mapping[str, str]
"""Images of the target by the images of the collection that show the same, both by their ids."""


@dataclass(frozen=True)
class Evaluation:
    """The outcome."""

    results: dict[str, Any]
    """For evaluation.json."""
    sheets: dict[str, Pixels]
    """Papers by their names."""
    words: str
    """All in a line."""
