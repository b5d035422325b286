"""Stage `augment`: the rotated and mirrored variants of the images that stay."""

from __future__ import annotations

from collections import Counter
from typing import Final

from curation.variants.variant_table import group_rows, variants
from pipeline.core.log import say
from pipeline.core.params.augment import Augment
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, IMAGES, SELECTION, VARIANTS
from pipeline.core.tables import appending, counts, read

OF_SELECTION: Final = (
    "image_id", "status", "decided_by", "group", "creator", "rights", "shard", "row",
)  # fmt: skip
"""What is asked of the selection; its other columns would double the memory of a million rows."""

REPEATING: Final = ("status", "decided_by", "creator", "rights", "shard")
"""Of these the columns with few different texts."""


def run(paths: Paths, params: Augment) -> None:
    """Write VARIANTS; no pixel is opened.

    Raises:
        TableError: a table is missing or torn, or the tables do not fit together.
    """
    selection = read(paths.table("selection"), SELECTION, OF_SELECTION, REPEATING)
    images = read(paths.table("images"), IMAGES, ["image_id", "symmetry_distances"])
    decisions = read(paths.table("decisions"), DECISIONS)
    total, reasons = 0, Counter[str]()
    path = paths.table("variants")
    with appending(path, VARIANTS, group_rows(params), encoded=True) as append:
        for part in variants(selection, images, decisions, params):
            append(part)
            total += part.num_rows
            reasons.update(counts(part, "reason"))
    stay = total - reasons.total()
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    rejected = ", ".join(f"{count} {reason}" for reason, count in ranked)
    say(
        f"augment {paths.collection}: {total} variants = {stay} kept"
        + (f" + {total - stay} rejected ({rejected})" if rejected else "")
    )
