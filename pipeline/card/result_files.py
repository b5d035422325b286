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


_OF_A_MODEL = frozenset({"params", "data", "parameters", "compute", "images_seen", "steps"})


def model_description(path: Path) -> dict[str, Any]:
    """What `train` wrote about its model.

    Raises:
        TableError: the file is missing, torn, or holds something else.
    """
    content = read_object(path)
    missing = sorted(_OF_A_MODEL - content.keys())
    if missing:
        raise TableError(f"{path}: does not say {missing[0]}; run `dvc repro train`")
    return content
