"""One record out of the layers of a page: JSON, JSON-LD, and the document people look at.

Each layer tells some of the fields; the first in order that has a value for a field gives it, and
the record remembers which one that was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

JSON: Final = "json"
JSON_LD: Final = "json-ld"
DOM: Final = "dom"

Values = Mapping[str, Any]
"""What one layer says, by field; None, "" and () mean that it says nothing."""


class Merged(NamedTuple):
    """The fields of one record, and where they come from."""

    values: dict[str, Any]
    layer: str
    """The first layer in order that gave a field."""
    sources: str
    """Every field that has a value by its layer: ``json: title, year_text; dom: rights``."""


def merge(layers: Mapping[str, Values], prefer: Mapping[str, str] | None = None) -> Merged:
    """The record that ``layers``, best first, make up together.

    Args:
        layers: what each layer says.
        prefer: fields for which another layer is the best.
    """
    values: dict[str, Any] = {}
    given: dict[str, list[str]] = {layer: [] for layer in layers}
    for name in sorted({name for said in layers.values() for name in said}):
        best = (prefer or {}).get(name, "")
        order = [best, *layers] if best in layers else list(layers)
        for layer in order:
            value = layers[layer].get(name)
            if value not in (None, "", ()):
                values[name] = value
                given[layer].append(name)
                break
    told = [layer for layer, names in given.items() if names]
    sources = "; ".join(f"{layer}: {', '.join(given[layer])}" for layer in told)
    return Merged(values, told[0] if told else next(iter(layers)), sources)
