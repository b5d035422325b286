"""Reading the JSON files that stages leave for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.core.errors import TableError


def read_object(path: Path) -> dict[str, Any]:
    """The object in the JSON file at ``path``.

    Raises:
        TableError: the file is missing, torn, or holds something else.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except ValueError as error:
        raise TableError(f"{path}: torn; delete it and run `dvc repro`") from error
    if not isinstance(content, dict):
        raise TableError(f"{path}: holds no JSON object; delete it and run `dvc repro`")
    return content
