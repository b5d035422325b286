"""The words for what `select` and `augment` decide, for every page and command that shows it."""

from __future__ import annotations

from typing import Any

from curation.selection.evidence import BY_RULE
from curation.selection.rules.declarations import REASONS
from pipeline.core.schema import Suspicion, Symmetry


def note_of(row: dict[str, Any], curators_words: str = "") -> str:
    """What was compared with what, or who decided, for one row of `selection`.

    Args:
        row: the row.
        curators_words: where a curator decided, the reason and note, behind the name.
    """
    if row["decided_by"] != BY_RULE:
        return f"by {row['decided_by']}{curators_words}"
    note, value = REASONS[row["reason"]].note, row["value"]
    if value is None and "{value" in note:
        return ""
    return note.format(
        value=value,
        threshold=row["threshold"],
        crop_loss=0.0 if value is None else 100 * (1 - 1 / max(value, 1.0)),
        fault_detail=row["fault_detail"] or "",
    )


SYMMETRIES: dict[Symmetry, str] = {
    Symmetry.IDENTITY: "",
    Symmetry.ROT90: "turned by 90°",
    Symmetry.ROT180: "turned by 180°",
    Symmetry.ROT270: "turned by 270°",
    Symmetry.FLIP_LEFT_RIGHT: "mirrored left to right",
    Symmetry.FLIP_TOP_BOTTOM: "mirrored top to bottom",
    Symmetry.TRANSPOSE: "mirrored along the diagonal",
    Symmetry.TRANSVERSE: "mirrored along the other diagonal",
}
"""How a copy lies in relation to the image it was copied from."""

SUSPICIONS: dict[Suspicion, str] = {
    Suspicion.BORDER: "alike once borders are cut off",
    Suspicion.CROP: "alike once moved, so perhaps cropped, tilted or bordered",
    Suspicion.SQUASHED: "alike once the proportions are undone",
    Suspicion.GREY: "alike but for the colours, which one of them lacks",
    Suspicion.COLOURS: "alike in edges, not in colours: another reproduction, or a colourway",
    Suspicion.DETAIL: "alike but in one region",
    Suspicion.FLAT: "alike, but too little is on them to tell",
}
"""Why a person should look at two images whose hashes are far apart."""
