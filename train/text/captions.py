"""The caption of each image, by a template over what its listing says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from pipeline.core import log
from pipeline.core.caption_template import COLUMNS, Field, Template, labelled, short
from pipeline.core.errors import ParamsError, nearest

_NAMED: Final = 5
"""Ids that a sentence about images names."""


def captions_of(facts: pa.Table, template: Template) -> list[str]:
    """The caption of each row of ``facts``; empty where its listing says nothing that is asked.

    Args:
        facts: what is told of each image: ``image_id``, columns of LISTINGS, ``sheet`` among them.
        template: what the captions are made by.

    Raises:
        ParamsError: no row has a field of the template, or no row has any.
    """
    columns = [field.name for field in template.fields if not field.is_label]
    told = facts.select(columns).to_pylist() if columns else [{}] * facts.num_rows
    sheets = _sheets(facts) if any(field.is_label for field in template.fields) else []
    said = _Said(told, sheets)
    _check_fields(template, facts, said, sheets)
    captions = [
        template.caption(lambda field, row=row: said.by(row, field))  # type: ignore[misc]
        for row in range(facts.num_rows)
    ]
    _tell_of_empty(facts["image_id"].to_pylist(), captions)
    return captions


class _Said:
    """What the listings say, row by row."""

    def __init__(self, told: Sequence[dict[str, Any]], sheets: Sequence[dict[str, str]]) -> None:
        self._told = told
        self._sheets = sheets

    def by(self, row: int, field: Field) -> str | None:
        """What a row says in ``field``."""
        if field.is_label:
            return labelled(self._sheets[row], field.name)
        value = self._told[row][field.name]
        return f"{value:g}" if isinstance(value, float) else None if value is None else str(value)


def _sheets(facts: pa.Table) -> list[dict[str, str]]:
    """The data sheet of each row; empty where it has none."""
    sheets = (json.loads(text) if text else {} for text in facts["sheet"].to_pylist())
    return [
        {name: str(value) for name, value in sheet.items() if value is not None}
        if isinstance(sheet, dict)
        else {}
        for sheet in sheets
    ]


def _check_fields(
    template: Template, facts: pa.Table, said: _Said, sheets: Sequence[dict[str, str]]
) -> None:
    """See that each field is there in some row.

    Raises:
        ParamsError: one is in none.
    """
    rows = range(facts.num_rows)
    sentences = []
    for field in template.fields:
        if any((said.by(row, field) or "").strip() for row in rows):
            continue
        if field.is_label:
            labels = dict.fromkeys(short(name) for sheet in sheets for name in sheet)
            sentences.append(_missing(field, "with that label in its data sheet", list(labels)))
        else:
            there = [name for name in COLUMNS if facts[name].null_count < facts.num_rows]
            sentences.append(_missing(field, "with anything in that column", there))
    if sentences:
        raise ParamsError("\n".join(sentences))


def _missing(field: Field, kind: str, there: Sequence[str]) -> str:
    return (
        f"train.caption: {field}: there is no image {kind}{nearest(field.name, there)}; there are: "
        f"{', '.join(there) or 'none'}"
    )


def _tell_of_empty(ids: Sequence[str], captions: Sequence[str]) -> None:
    """Say how many images have no caption, and which."""
    empty = [image_id for image_id, caption in zip(ids, captions, strict=True) if not caption]
    if not empty:
        return
    more = f" and {len(empty) - _NAMED:,} more" if len(empty) > _NAMED else ""
    log.say(
        f"condition: {len(empty):,} of {log.counted(len(ids), 'image')} have no caption, because "
        f"their listings say nothing of what train.caption asks, and are shown with the empty "
        f"text: {', '.join(empty[:_NAMED])}{more}"
    )
