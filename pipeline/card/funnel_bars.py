"""The funnel as bars: what was listed, what each step took away, what is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.funnel import LISTED, SAME_BYTES
from curation.selection.rules.declarations import REASONS
from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.schema import Fetch, Split, Status

LOSSES: dict[str, str] = {
    Fetch.GONE: "gone from the site",
    Fetch.PLACEHOLDER: "a stand-in picture, not fetched",
    Fetch.OPTED_OUT: "opted out, bytes not kept",
    Fetch.FAILED: "no usable answer",
    SAME_BYTES: "the same bytes as another listed image",
}
"""Words for the steps before there are images; those after are reasons."""


@dataclass(frozen=True)
class Level:
    """How many there are at one point; drawn as a whole bar."""

    label: str
    count: int
    parts: list[tuple[str, int]]
    """Kinds of which the bar is made."""


@dataclass(frozen=True)
class Loss:
    """What one step takes away; drawn at the end of what was there before."""

    label: str
    anchor: str
    """Where the page shows examples, or nothing."""
    count: int
    after: int


@dataclass(frozen=True)
class Funnel:
    """Rows of bars on one scale."""

    rows: list[Level | Loss]

    @property
    def longest(self) -> int:
        """What fills the width."""
        return max([row.count for row in self.rows if isinstance(row, Level)] + [1])


def image_funnel(path: Path) -> Funnel:
    """The way from listed images to kept ones, as `select` counted it; empty steps are left out.

    Raises:
        TableError: the file is missing, torn or of another shape.
    """
    counted = read_object(path)
    try:
        return Funnel(_image_rows(counted))
    except (KeyError, TypeError, ValueError) as error:
        raise TableError(f"{path}: not a funnel; run `dvc repro select`") from error


def _image_rows(counted: Mapping[str, Any]) -> list[Level | Loss]:
    rows: list[Level | Loss] = [_level(LISTED, counted["listed"])]
    unit = LISTED
    for step in counted["steps"]:
        if step["of"] != unit:
            unit = step["of"]
            strangers = counted["in_no_listing"]
            more = f", {strangers:,} of them in no listing" if strangers else ""
            rows.append(_level(f"distinct images{more}", step["before"]))
        if step["left_out"]:
            rows.append(_loss(step))
    return [*rows, _level("images kept", counted["kept"])]


def variant_funnel(variants: pa.Table) -> Funnel:
    """The way from all variants of the kept images to those trained on and held out."""
    left = variants.num_rows
    rows: list[Level | Loss] = [_level("variants of the images kept", left)]
    reasons = tables.counts(variants, "reason")
    for reason in (name for name in REASONS if name in reasons):
        left -= reasons[reason]
        rows.append(Loss(REASONS[reason].label, "", reasons[reason], left))
    kept = variants.filter(pc.equal(variants["status"], Status.KEEP.value))
    splits = tables.counts(kept, "split")
    parts = [("kept", splits.get(Split.TRAIN, 0)), ("held", splits.get(Split.HELD_OUT, 0))]
    rows.append(Level("variants kept", kept.num_rows, parts))
    return Funnel(rows)


def _level(label: str, count: int) -> Level:
    return Level(label, count, [("kept", count)])


def _loss(step: Mapping[str, Any]) -> Loss:
    if step["of"] == LISTED:
        return Loss(LOSSES[step["step"]], "", step["left_out"], step["after"])
    reason = step["step"]
    return Loss(REASONS[reason].label, f"reason-{reason}", step["left_out"], step["after"])
