"""One section of one collection, without the code of all others: half of a table stage's start."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.core.params.base import Section, as_tuples
from pipeline.core.params.file import content

Kind = TypeVar("Kind", bound=Section)


def load_section(path: Path, collection: str, name: str, kind: type[Kind]) -> Kind:
    """The section of that ``name``; whatever is wrong with it is told as `load_params` tells it.

    Raises:
        UsageError: there is no such collection.
        ParamsError: as `load_params`.
    """
    try:
        return kind.model_validate(as_tuples(_section(content(path), collection, name)))
    except (ValidationError, LookupError, TypeError):
        # Imported here: it holds the params of every stage, and this one works without them.
        from pipeline.core.params.load import load_params

        section: Kind = getattr(load_params(path, only=collection).collection(collection), name)
        return section


def _section(params: Any, collection: str, name: str) -> Any:
    return params["collections"][collection][name]
