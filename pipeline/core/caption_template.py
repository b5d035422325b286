"""Captions: what a template makes of what a listing says.

A template is text with fields in braces, ``{column}`` or ``{sheet[Label]}``, in parts between
commas: "{creator_name} {model}, {sheet[Dial]} dial, {year}". A part of which a field is empty is
left out with its comma, so a caption never says "None dial"; parts without fields are said in every
caption. Whatever a listing says is text: nothing in it is read as a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import nearest

COLUMNS: Final = (
    "title", "original_title", "creator", "creator_name", "model", "reference", "year_text", "year",
    "year_from", "year_to", "style", "genre", "media", "tags", "period", "series", "location",
    "gallery", "dimensions", "price", "price_amount", "currency", "condition", "rights",
)  # fmt: skip
"""Columns of `pipeline.core.schema.LISTINGS` that tell of a work or a watch."""

SEPARATOR: Final = ","
_SHEET: Final = re.compile(r"sheet\[([^\[\]{}]*[^\s\[\]{}][^\[\]{}]*)\]")
_TOKEN: Final = re.compile(r"\{([^{}]*)\}|([{}])|([^{}]+)")


@dataclass(frozen=True)
class Field:
    """A place in a template that what a listing says goes into."""

    name: str
    """A column, or a label of the data sheet."""
    is_label: bool = False

    def __str__(self) -> str:
        return f"{{sheet[{self.name}]}}" if self.is_label else f"{{{self.name}}}"


Part = tuple[str | Field, ...]
"""What stands between two commas."""

Lookup = Callable[[Field], str | None]
"""What a listing says in a field; None or nothing but spaces: it says nothing."""


@dataclass(frozen=True)
class Template:
    """A template, read."""

    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Each field once, in the order of the template."""
        pieces = (piece for part in self.parts for piece in part)
        return tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, Field)))

    def caption(self, lookup: Lookup) -> str:
        """The caption of one listing; empty where it says nothing of what the template asks."""
        said: list[str] = []
        tells = False
        for part in self.parts:
            has_field = any(isinstance(piece, Field) for piece in part)
            text = _filled(part, lookup)
            if text:
                said.append(text)
                tells |= has_field
        return f"{SEPARATOR} ".join(said) if tells else ""


def template_of(text: str) -> Template:
    """The template that ``text`` writes.

    Raises:
        ValueError: a brace stands alone, a field is no column and no label, or there is no field.
    """
    parts: list[list[str | Field]] = [[]]
    for token in _TOKEN.finditer(text):
        inside, brace, words = token.groups()
        if brace is not None:
            raise ValueError(
                f"caption: {brace!r} stands alone in {text!r}; a field is written {{title}} or "
                f"{{sheet[Dial]}}"
            )
        if words is None:
            parts[-1].append(_field(inside))
            continue
        first, *others = words.split(SEPARATOR)
        parts[-1].append(first)
        parts += [[other] for other in others]
    template = Template(tuple(map(tuple, parts)))
    if not template.fields:
        raise ValueError(
            f"caption: {text!r} names no field, so all captions would be the same; write one such "
            f"as {{title}} or {{sheet[Dial]}}"
        )
    return template


def _field(inside: str) -> Field:
    name = inside.strip()
    if name in COLUMNS:
        return Field(name)
    if label := _SHEET.fullmatch(name):
        return Field(label[1].strip(), is_label=True)
    raise ValueError(
        f"caption: {{{inside}}} is no column of the listings{nearest(name, COLUMNS)}; there are: "
        f"{', '.join(COLUMNS)}, and {{sheet[...]}} with a label of the data sheet"
    )


def _filled(part: Part, lookup: Lookup) -> str:
    """The words of one part; none where one of its fields is empty."""
    words: list[str] = []
    for piece in part:
        said = piece if isinstance(piece, str) else " ".join((lookup(piece) or "").split())
        if isinstance(piece, Field) and not said:
            return ""
        words.append(said)
    return " ".join("".join(words).split())


def labelled(sheet: dict[str, str], label: str) -> str | None:
    """What a data sheet says behind ``label``: its whole name, or what is behind the section.

    The first section that has it counts, in letters of any size: "dial" is "Case / Dial".
    """
    asked = label.casefold()
    for name_of in (str, short):
        for name, value in sheet.items():
            if name_of(name).casefold() == asked:
                return value
    return None


def short(name: str) -> str:
    """A label without its section.

    >>> short("Case / Dial")
    'Dial'
    """
    return name.rpartition(" / ")[2]
