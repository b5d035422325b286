"""Pydantic's errors as sentences that name the place in the file and the nearest known key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pipeline.core.errors import nearest
from pipeline.core.params.file import NO_COLLECTION

_SHOWN_TYPES = str | int | float | bool | None
_LONGEST_SHOWN = 60
_KEY_OF_DICT = "[key]"
"""How pydantic says that it means the key of a mapping, not the value."""


def problem_sentence(root: type[BaseModel], detail: ErrorDetails) -> str:
    """What is wrong, where, and what was perhaps meant, for one error in a file of ``root``."""
    kind: Any = root
    place: list[str] = []
    keys: tuple[Any, ...] = ()
    for part in detail["loc"]:
        if part == _KEY_OF_DICT and keys:
            return f"{'.'.join(place)}: there is no such key{nearest(place[-1], keys)}"
        if part == _KEY_OF_DICT and place[:-1] in (["collections"], ["translations"]):
            return _bad_name(*place)
        kind = _unannotated(kind)
        keys = _named_keys(kind)
        inner, is_in_file = _step(kind, part)
        if is_in_file:
            place.append(str(part))
        if inner is None:
            break
        kind = inner
    dotted = ".".join(place)
    match detail["type"]:
        case "extra_forbidden":
            known = _unannotated(kind).model_fields
            return f"{dotted}: there is no such key{nearest(place[-1], known)}"
        case "missing":
            return f"{dotted}: missing"
        case "union_tag_not_found" | "union_tag_invalid":
            members = list(map(_discriminated, get_args(_unannotated(kind))))
            known, key = [tag for _, tag in members], members[0][0]
            named = detail.get("ctx", {}).get("tag")
            meant = f", not {named!r}{nearest(named, known)}" if named else ""
            return f"{dotted}.{key}: name one of {', '.join(known)}{meant}"
    shown = detail["input"]
    as_written = _as_people_write(detail["type"], dotted, shown)
    if as_written is not None:
        return as_written
    message = detail["msg"].removeprefix("Value error, ")
    is_short = isinstance(shown, _SHOWN_TYPES) and len(repr(shown)) <= _LONGEST_SHOWN
    return f"{dotted}: {message}" + (f", not {shown!r}" if is_short else "")


def _bad_name(section: str, name: str) -> str:
    usable = re.sub(r"^[^a-z]+|_+$", "", re.sub(r"[^a-z0-9]+", "_", name.lower()))
    return (
        f"{section}: {name!r} cannot name a {section.removesuffix('s')}: a small letter, then "
        f"small letters, digits and _" + (f"; write {usable}" if usable else "")
    )


def _as_people_write(error: str, place: str, shown: object) -> str | None:
    """What to write instead of a value that a person would take for right; None for any other."""
    if place == "collections" and (not shown or error == "dict_type"):
        return NO_COLLECTION
    if not isinstance(shown, str):
        return None
    number = _EXPONENT.fullmatch(shown.strip())
    if error in ("float_type", "int_type") and number:
        plain = f"{number[1]}{number[2] or '.0'}e{number[3] or '+'}{number[4]}"
        value = float(plain)
        written = f"{value:.0f}" if error == "int_type" and value.is_integer() else plain
        return f"{place}: write {written}: YAML takes {shown} for a text"
    if error == "tuple_type":
        return f"{place}: write a list: [{shown}]"
    if error == "string_pattern_mismatch" and " " in shown:
        slug = "-".join(shown.lower().split())
        return f"{place}: {shown!r} has spaces; write it as in the site's addresses, such as {slug}"
    return None


_EXPONENT = re.compile(r"([+-]?\d+)(\.\d*)?[eE]([+-]?)(\d+)")


def _unannotated(kind: Any) -> Any:
    """``kind`` without what only annotates it, and without the None of what may be left out."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    members = [member for member in get_args(kind) if member is not type(None)]
    if get_origin(kind) is UnionType and len(members) == 1:
        return _unannotated(members[0])
    return kind


def _named_keys(kind: Any) -> tuple[Any, ...]:
    """The keys of a mapping that has names for all of them."""
    names = get_args(kind)[0] if get_origin(kind) is dict else None
    return get_args(names) if get_origin(names) is Literal else ()


def _step(kind: Any, part: int | str) -> tuple[Any, bool]:
    """What lies at ``part`` of ``kind`` (None: nothing known), and whether the file shows it."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(str(part))
        return (field.annotation if field else None), True
    if get_origin(kind) is dict:
        return get_args(kind)[1], part != _KEY_OF_DICT
    models: Sequence[type[BaseModel]] = [
        model
        for model in get_args(kind)
        if isinstance(model, type) and issubclass(model, BaseModel)
    ]
    if get_origin(kind) is tuple:
        return next(iter(models), None), True
    chosen = next((model for model in models if _discriminated(model)[1] == part), None)
    return chosen, chosen is None


_DISCRIMINATORS: Final = ("model", "kind")


def _discriminated(model: type[BaseModel]) -> tuple[str, str]:
    """The key, and its one value, that pick this member of a union of sections."""
    for key in _DISCRIMINATORS:
        field = model.model_fields.get(key)
        if field is not None and get_origin(field.annotation) is Literal:
            return key, str(get_args(field.annotation)[0])
    return "", ""
