"""What vectors can stand for, by the name that ``train.condition`` has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from train.conditions.data_sheet import sheet_vectors
from train.conditions.vectors import Conditioned

Make = Callable[[pa.Table, Any, Path], Conditioned]
"""From the facts of all images that are kept, the params of `train`, and a folder for what would
take long to make again.

May raise TrainingError or ParamsError: the facts have nothing of what the params ask for.
"""


def _sheet_vectors(facts: pa.Table, params: Any, work: Path) -> Conditioned:
    del work  # nothing takes long
    return sheet_vectors(facts, params)


def _text_vectors(facts: pa.Table, params: Any, work: Path) -> Conditioned:
    # Imported here: torch, for which other kinds need not wait.
    from train.conditions.caption_vectors import text_vectors

    return text_vectors(facts, params, work)


KINDS: Final[Mapping[str, Make]] = {"sheet": _sheet_vectors, "text": _text_vectors}
