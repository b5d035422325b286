"""JSON as every file of an export has it: sorted keys, UTF-8, one object a line."""

from __future__ import annotations

import json
from typing import Any


def compact(value: Any) -> bytes:
    """``value`` on one line."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "backslashreplace"
    )


def line(value: Any) -> bytes:
    """``value`` on one line that ends."""
    return compact(value) + b"\n"
