"""`salon status`: what there is of each collection, what is stale, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline.freshness import Verdict
    from pipeline.standing import CaptureStanding, CollectionStanding
    from pipeline.versions.pushed import Pushed

NOTHING_YET = (
    "Nothing has been made here yet. `make run` (or `dvc repro`) builds every collection of "
    "params.yaml; `dvc pull` brings what others have made."
)


@click.command("status")
@click.argument("collection", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def status(collection: str | None, as_json: bool) -> None:
    """Show what there is of each collection, what is stale and why, and whether it is pushed.

    The remote is asked for at most five seconds.

    \b
    Example:
      salon status
      salon status paintings
      salon status --json | jq .collections.paintings.kept
    """
    # Imported here: a help page should not wait for pyarrow and pydantic.
    import yaml

    from pipeline.core.params.load import load
    from pipeline.core.paths import Paths
    from pipeline.freshness import DvcUnavailableError, ask_dvc, verdicts
    from pipeline.stage_command import STAGES
    from pipeline.standing import standing
    from pipeline.versions.pushed import pushed

    root = Path.cwd()
    file = root / "params.yaml"
    params = load(file)
    if collection is not None:
        params.collection(collection)
    names = [collection] if collection else list(params.collections)
    standings = [standing(Paths(root, name)) for name in names]
    told: dict[str, list[Verdict]] = {}
    unavailable = None
    try:
        view = ask_dvc(root)
        plain = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        for name in names:
            stages = [f"{stage}@{name}" for stage in STAGES]
            told[name] = verdicts(view, stages, plain)
    except DvcUnavailableError as error:
        unavailable = str(error)
    version = pushed(root) if unavailable is None else None
    if as_json:
        click.echo(json.dumps(as_object(standings, told, unavailable, version), indent=2))
    else:
        _show(standings, told, unavailable, version)


def as_object(
    standings: Sequence[CollectionStanding],
    told: dict[str, list[Verdict]],
    unavailable: str | None,
    version: Pushed | None,
) -> dict[str, Any]:
    """The answer of ``--json``; its keys are the same whatever there is."""
    return {
        "collections": {
            one.collection: {
                **{key: value for key, value in asdict(one).items() if key != "collection"},
                "stale": [
                    asdict(verdict)
                    for verdict in told.get(one.collection, [])
                    if verdict.standing != "fresh"
                ],
            }
            for one in standings
        },
        "dvc": unavailable,
        "version": None if version is None else asdict(version),
    }


def _show(
    standings: Sequence[CollectionStanding],
    told: dict[str, list[Verdict]],
    unavailable: str | None,
    version: Pushed | None,
) -> None:
    # Imported here: rich takes a tenth of a second that --json need not pay.
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for one in standings:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in lines(one, told.get(one.collection)):
            grid.add_row(label, Text(text))
        console.print(Text(one.collection, style="bold"))
        console.print(Padding(grid, (0, 0, 1, 2)))
    if unavailable is not None:
        console.print(Text(f"What is stale cannot be told: {unavailable}."))
    elif all(one.is_empty for one in standings):
        console.print(Text(NOTHING_YET))
    elif version is not None:
        console.print(Text(f"version  {version.words()}"))


def lines(one: CollectionStanding, verdicts: Sequence[Verdict] | None) -> Iterator[tuple[str, str]]:
    """What is said about one collection, as labels with their text."""
    for capture in one.captures:
        yield "capture", _capture_words(capture)
    if not one.captures:
        yield "capture", "none"
    if one.listings is not None:
        yield "listings", f"{one.listings:,}"
    if one.images is not None:
        yield "images", _image_words(one)
    if one.rejected:
        counts = (f"{count:,} {reason}" for reason, count in one.rejected.items())
        yield "left out", ", ".join(counts)
    if one.variants is not None:
        yield "variants", _variant_words(one.variants)
    yield from _results(one)
    if verdicts is not None:
        yield from _freshness(verdicts)


def _capture_words(capture: CaptureStanding) -> str:
    if not capture.complete:
        return f"{capture.as_of}, incomplete: `salon scrape` goes on with it"
    return f"{capture.as_of}, {capture.pages or 0:,} pages, {capture.images or 0:,} images"


def _image_words(one: CollectionStanding) -> str:
    if one.kept is None or one.rejected is None:
        return f"{one.images:,}"
    return f"{one.images:,}: {one.kept:,} kept, {sum(one.rejected.values()):,} left out"


def _variant_words(variants: dict[str, int]) -> str:
    splits = ", ".join(f"{count:,} {split}" for split, count in variants.items())
    return f"{sum(variants.values()):,}: {splits}" if variants else "0"


def _freshness(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    from pipeline.freshness import Standing

    fresh = [verdict for verdict in verdicts if verdict.standing is Standing.FRESH]
    if len(fresh) == len(verdicts):
        yield "stages", "all up to date"
        return
    for verdict in verdicts:
        if verdict.standing is Standing.STALE:
            yield "stale", f"{verdict.stage}: {'; '.join(verdict.because)}"
    for standing, label in (
        (Standing.FOLLOWS, "will follow"),
        (Standing.ABSENT, "not here"),
        (Standing.NEVER_RUN, "never run"),
    ):
        stages = [
            verdict.stage.split("@")[0] for verdict in verdicts if verdict.standing is standing
        ]
        if stages:
            yield label, ", ".join(stages)


def _results(one: CollectionStanding) -> Iterator[tuple[str, str]]:
    if one.model is not None:
        yield (
            "model",
            (
                f"{one.model.kind} at {one.model.resolution} px, {one.model.kimg:g} kimg "
                f"of {one.model.images:,} images"
            ),
        )
    if one.evaluation is not None:
        yield (
            "KID",
            (
                f"{one.evaluation.trained:.4f} (untrained {one.evaluation.untrained:.4f}, "
                f"floor {one.evaluation.floor:.4f})"
            ),
        )
