"""Stage `augment`: the rotated and mirrored variants of the images that stay."""

from __future__ import annotations

from curation.augmentation.variants import variants
from pipeline.core.log import say
from pipeline.core.params.augment import Augment
from pipeline.core.paths import Paths
from pipeline.core.schema import DECISIONS, IMAGES, SELECTION, VARIANTS, Status
from pipeline.core.tables import counts, read, write


def run(paths: Paths, params: Augment) -> None:
    """Write VARIANTS; no pixel is opened.

    Raises:
        TableError: a table is missing or torn, or the tables do not fit together.
    """
    selection = read(paths.table("selection"), SELECTION)
    images = read(paths.table("images"), IMAGES, ["image_id", "symmetry_distances"])
    decisions = read(paths.table("decisions"), DECISIONS)
    table = variants(selection, images, decisions, params)
    write(paths.table("variants"), VARIANTS, table)
    rejected = ", ".join(f"{count} {reason}" for reason, count in counts(table, "reason").items())
    stay = counts(table, "status").get(Status.KEEP, 0)
    say(
        f"augment {paths.collection}: {table.num_rows} variants = {stay} kept"
        + (f" + {table.num_rows - stay} rejected ({rejected})" if rejected else "")
    )
