"""Pydantic's errors as sentences that name the place in the file and the nearest known key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline.core.spelling import nearest

_SHOWN_TYPES = str | int | float | bool | None
_LONGEST_SHOWN = 60


def sentence(root: type[BaseModel], detail: ErrorDetails) -> str:
    """What is wrong, where, and what was perhaps meant, for one error in a file of ``root``."""
    kind: Any = root
    place: list[str] = []
    for part in detail["loc"]:
        inner, is_in_file = _step(kind, part)
        if is_in_file:
            place.append(str(part))
        if inner is None:
            break
        kind = inner
    dotted = ".".join(place)
    match detail["type"]:
        case "extra_forbidden":
            return f"{dotted}: there is no such key{nearest(place[-1], kind.model_fields)}"
        case "missing":
            return f"{dotted}: missing"
        case "union_tag_not_found" | "union_tag_invalid":
            known = ", ".join(map(_tag, get_args(kind)))
            return f"{dotted}.model: name one of {known}"
    message = detail["msg"].removeprefix("Value error, ")
    shown = detail["input"]
    is_short = isinstance(shown, _SHOWN_TYPES) and len(repr(shown)) <= _LONGEST_SHOWN
    return f"{dotted}: {message}" + (f", not {shown!r}" if is_short else "")


def _step(kind: Any, part: int | str) -> tuple[Any, bool]:
    """What lies at ``part`` of ``kind`` (None: nothing known), and whether the file shows it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return (field.annotation if field else None), True
    if get_origin(kind) is dict:
        return get_args(kind)[1], True
    models: Sequence[type[BaseModel]] = [
        model
        for model in get_args(kind)
        if isinstance(model, type) and issubclass(model, BaseModel)
    ]
    chosen = next((model for model in models if _tag(model) == part), None)
    return chosen, chosen is None


def _tag(model: type[BaseModel]) -> str:
    """The value of ``model`` that picks this member of a union of sections."""
    annotation = model.model_fields["model"].annotation
    return str(get_args(annotation)[0]) if get_origin(annotation) is Literal else ""
