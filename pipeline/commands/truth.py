"""`salon truth`: the rules against the defects that the gallery planted."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline.core.params.scrape import Scrape
    from pipeline.core.paths import Paths
    from pipeline.truth_scores import CapturedTruth, DefectScore

# What the command needs is imported in it: a help page should not wait for pyarrow.


@click.command("truth")
@click.argument("collection")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def truth(collection: str, as_json: bool) -> None:
    """Measure the rules against the defects planted in the embedded gallery.

    Precision is the share of what a rule saw that had been planted, recall the share of what had
    been planted that it saw. Of the copies missed, the doubtful ones are left for a person to look
    at: the queue is right where it asks about a copy, and misses what is neither near nor asked
    about. Colourways are no copies: they are found where they stay works of their own. Planted is
    not the same as present: a gallery's faultless picture may by chance be flat or long.

    Some hashes are held against those of the package imagehash, whose definition they follow.

    \b
    Example:
      salon truth paintings
    """
    from pipeline.core.errors import UsageError
    from pipeline.core.params.load import load_params
    from pipeline.core.paths import Paths
    from pipeline.reference_hashes import reference_hashes

    params = load_params(Path.cwd() / "params.yaml", only=collection).collection(collection)
    if params.scrape.origin != "gallery":
        raise UsageError(
            f"{collection} was captured from a live site, of which nobody knows the truth; "
            f"name a collection with origin: gallery"
        )
    paths = Paths(Path.cwd(), collection)
    known, scores = measure(paths, params.scrape)
    hashes = reference_hashes(paths, params.ingest)
    if as_json:
        told = {
            "not_captured": known.not_captured,
            "scores": [_score_as_object(score) for score in scores],
            "reference_hashes": asdict(hashes),
        }
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(table(scores))
    click.echo(f"{hashes.alike} of {hashes.compared} pHashes are those of imagehash")
    if known.not_captured:
        pictures = "picture" if known.not_captured == 1 else "pictures"
        were = "was" if known.not_captured == 1 else "were"
        click.echo(f"{known.not_captured} {pictures} of the gallery {were} not captured")


def measure(paths: Paths, params: Scrape) -> tuple[CapturedTruth, list[DefectScore]]:
    """Compare the tables of a collection with what its gallery planted.

    Raises:
        TableError: a table is missing or torn.
    """
    from curation.selection.listing_state import HISTORY, newest_state
    from curation.selection.rules import declarations
    from pipeline.core.schema import LISTINGS, PAIRS, SELECTION, Fetch
    from pipeline.core.tables import read
    from pipeline.truth_scores import captured, score_copies, score_outcomes, score_rules
    from scrapers.gallery.defects.copy_defects import COPIES
    from scrapers.gallery.items import Defect
    from scrapers.gallery.replica_registry import REPLICAS, truth_rows

    planted = truth_rows(params.site, params.gallery)
    listed = newest_state(read(paths.table("listings"), LISTINGS, HISTORY))
    known = captured(planted, listed, Defect.PLACEHOLDER)
    selection = read(paths.table("selection"), SELECTION)
    near = [defect for defect in COPIES if defect is not Defect.EXACT_COPY]
    outcomes = {Defect.MISSING.value: Fetch.GONE, Defect.PLACEHOLDER.value: Fetch.PLACEHOLDER}
    rules = {
        Defect.TRUNCATED.value: declarations.UNREADABLE.name,
        Defect.HTML_PAGE.value: declarations.NOT_AN_IMAGE.name,
        Defect.TINY.value: declarations.TOO_SMALL.name,
        Defect.TALL_STRIP.value: declarations.ASPECT_RATIO.name,
        Defect.BLANK.value: declarations.BLANK.name,
        Defect.WATERMARK.value: declarations.WATERMARK.name,
    }
    # Where the site marks its pictures, a copy that somebody marked carries the same mark.
    marked = {Defect.MARKED_COPY.value: Defect.WATERMARK.value}
    implied = marked if REPLICAS[params.site].marks_pictures(params.gallery) else {}
    pairs = read(paths.table("pairs"), PAIRS)
    return known, [
        *score_outcomes(known, selection, outcomes),
        *score_rules(known, selection, rules, implied),
        *score_copies(known, pairs, Defect.EXACT_COPY, near, Defect.COLOURWAY),
    ]


def table(scores: list[DefectScore]) -> str:
    """The scores as aligned text."""
    head = (
        "planted", "found", "wrong", "missed", "doubtful", "not judged", "precision", "recall",
    )  # fmt: skip
    rows = [
        (
            score.name,
            str(score.found),
            "-" if score.wrong is None else str(score.wrong),
            str(score.missed),
            str(score.doubtful),
            str(score.not_judged),
            _share(score.precision),
            _share(score.recall),
        )
        for score in scores
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for name, *numbers in (head, *rows):
        columns = [name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])]
        lines.append("  ".join(columns))
    return "\n".join(lines)


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _score_as_object(score: DefectScore) -> dict[str, Any]:
    return {**asdict(score), "precision": score.precision, "recall": score.recall}
