"""Two selections of the same images side by side: which images leave, which return, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.rules.declarations import REASONS
from pipeline.core.schema import Status
from pipeline.core.tables import counts


@dataclass(frozen=True)
class ChangedImage:
    """An image that changes sides, and why it is (or was) out."""

    image_id: str
    reason: str
    value: float | None
    threshold: float | None


@dataclass(frozen=True)
class Effect:
    """What a change of lists or thresholds does to one collection."""

    collection: str
    before: int
    """Images kept as things stand."""
    after: int
    leave: tuple[ChangedImage, ...]
    returning: tuple[ChangedImage, ...]
    reasons: dict[str, tuple[int, int]]
    """How many images each reason leaves out, before and after, in the order of the rules."""

    def __str__(self) -> str:
        if not self.leave and not self.returning:
            return f"{self.collection}: nothing changes ({self.before} kept)"
        images = "image leaves" if len(self.leave) == 1 else "images leave"
        returns = "returns" if len(self.returning) == 1 else "return"
        return (
            f"{self.collection}: {len(self.leave)} {images}, {len(self.returning)} {returns} "
            f"({self.before} -> {self.after})"
        )


def compare(collection: str, old: pa.Table, new: pa.Table) -> Effect:
    """The effect of going from one SELECTION to another over the same images."""
    was, stays = _stays(old), _stays(new)
    before, after = counts(old, "reason"), counts(new, "reason")
    return Effect(
        collection,
        int(pc.sum(was).as_py() or 0),
        int(pc.sum(stays).as_py() or 0),
        _changed_images(new, pc.and_not(was, stays)),
        _changed_images(old, pc.and_not(stays, was)),
        {
            reason: (before.get(reason, 0), after.get(reason, 0))
            for reason in REASONS
            if reason in before or reason in after
        },
    )


def _stays(selection: pa.Table) -> pa.ChunkedArray:
    return pc.equal(selection["status"], Status.KEEP.value)


def _changed_images(selection: pa.Table, rows: pa.ChunkedArray) -> tuple[ChangedImage, ...]:
    columns = ["image_id", "reason", "value", "threshold"]
    return tuple(ChangedImage(**row) for row in selection.filter(rows).select(columns).to_pylist())
