"""What vectors can stand for, by the name that ``train.condition`` has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pyarrow as pa

from train.conditions.sheet import sheet_vectors
from train.conditions.vectors import Conditioned

Make = Callable[[pa.Table, Any], Conditioned]
"""From the facts of all images that are kept and the params of `train`.

May raise TrainingError: the facts have nothing of what the params ask for.
"""

KINDS: Final[Mapping[str, Make]] = {"sheet": sheet_vectors}
