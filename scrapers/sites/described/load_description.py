"""A YAML file into a description, with errors that name the file, the key, and what to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from pipeline.core import flat_yaml
from pipeline.core.errors import DescriptionError
from pipeline.core.params.base import as_tuples
from pipeline.core.params.problems import problem_sentence
from scrapers.sites.described.description_schema import Detail, Listing, SiteDescription
from scrapers.sites.described.field_rule import FieldRule

_STEERING: Final = {
    "listing": {
        "format", "start", "first_page", "page_step", "next", "total", "match", "item", "empty",
        "sheet", "lists",
    },
    "detail": {"format", "match", "gone", "sheet", "address"},
}  # fmt: skip
_LATER_KEYS: Final = ("lists", "address")
"""Left out where they say nothing: captures from before there were these keys had the same walk."""
_STEERING_FIELDS: Final = ("link", "images")
"""The fields by which a walk decides what to ask for; all others only tell of it."""


def load_description(path: Path) -> SiteDescription:
    """The description in ``path``.

    Raises:
        DescriptionError: the file cannot be read, or at least one value is wrong; all that is
            wrong is named.
    """
    return described(description_content(path), path)


def described(written: Any, path: Path) -> SiteDescription:
    """The description that a file at ``path`` holds.

    Raises:
        DescriptionError: as in `load_description`.
    """
    try:
        return SiteDescription.model_validate(as_tuples(written))
    except ValidationError as error:
        problems = dict.fromkeys(
            problem_sentence(SiteDescription, detail) for detail in error.errors()
        )
        raise DescriptionError("\n".join(f"{path}: {each}" for each in problems)) from error


def description_content(path: Path) -> Any:
    """What the file at ``path`` holds, unchecked.

    Raises:
        DescriptionError: it cannot be read as YAML.
    """
    try:
        return flat_yaml.read_flat_yaml(path)
    except OSError as error:
        raise DescriptionError(f"{path}: {error.strerror}; name a description") from error
    except ValueError as error:
        raise DescriptionError(f"{path}: {error}") from error


def steering(description: SiteDescription) -> str:
    """A hash of what decides which addresses a walk asks for; 16 hex digits.

    A rule that only tells of an item (its title, say) is no part of it: mending one reads captured
    pages anew and asks the site nothing.
    """
    parts: dict[str, Any] = {}
    for name, keys in _STEERING.items():
        part = getattr(description, name)
        if part is not None:
            parts[name] = part.model_dump(mode="json", include=keys)
            for key in _LATER_KEYS:
                if parts[name].get(key, ...) is None:
                    del parts[name][key]
            rules = {each: part.fields.get(each) for each in _steering_fields(part)}
            parts[name]["fields"] = {
                each: [rule.model_dump(mode="json", exclude_defaults=True) for rule in of_field]
                for each, of_field in rules.items()
                if of_field is not None
            }
    parts["image"] = description.image.model_dump(mode="json")
    parts["hosts"] = description.hosts
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _steering_fields(part: Listing | Detail) -> Iterator[str]:
    """The fields that steer, and those from which they are made; an id only where nothing links."""
    fields: Mapping[Any, tuple[FieldRule, ...]] = part.fields
    pending, met = [*_STEERING_FIELDS], set[str]()
    if isinstance(part, Listing) and "link" not in fields:
        pending.append("id")
    while pending:
        name = pending.pop()
        if name in met:
            continue
        met.add(name)
        yield name
        pending += [rule.field for rule in fields.get(name, ()) if rule.field is not None]
