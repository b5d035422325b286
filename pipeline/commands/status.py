"""`salon status`: what there is of each collection, what is stale, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipeline.collection_status import CaptureStatus, CollectionStatus
    from pipeline.freshness import StageFreshness
    from pipeline.translation_status import TranslationStatus
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
    from pipeline.collection_status import collection_status
    from pipeline.core.errors import ParamsError
    from pipeline.core.params.load import load_params, load_usable, load_usable_translations
    from pipeline.core.paths import Paths
    from pipeline.translation_status import translation_status
    from pipeline.versions.pushed import pushed

    root = Path.cwd()
    file = root / "params.yaml"
    problems: list[str] = []
    if collection:
        load_params(file, only=collection)
        names = [collection]
    else:
        usable, problems = load_usable(file)
        names = list(usable)
    statuses = [collection_status(Paths(root, name)) for name in names]
    usable_translations, wrong = load_usable_translations(file)
    problems += wrong if collection is None else []
    translations = [
        translation_status(root, name, params)
        for name, params in usable_translations.items()
        if params.collection in names
    ]
    freshness, unavailable = _ask_what_is_stale(root, file, names, translations)
    version = pushed(root) if unavailable is None else None
    if as_json:
        told = as_object(statuses, translations, freshness, unavailable, version)
        click.echo(json.dumps(told, indent=2))
    else:
        _show(statuses, translations, freshness, unavailable, version)
    if problems:  # the block of one collection; the others are told of all the same
        raise ParamsError("\n".join(dict.fromkeys(problems)))


def _ask_what_is_stale(
    root: Path, file: Path, names: Sequence[str], translations: Sequence[TranslationStatus]
) -> tuple[dict[str, list[StageFreshness]], str | None]:
    """What DVC holds stale of each collection and translation, or why it cannot tell."""
    import yaml

    from pipeline.freshness import DvcUnavailableError, ask_dvc, verdicts
    from pipeline.stage_command import STAGES, TRANSLATION_STAGES

    freshness: dict[str, list[StageFreshness]] = {}
    try:
        view = ask_dvc(root)
        plain = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        for name in names:
            stages = [f"{stage}@{name}" for stage in STAGES]
            freshness[name] = verdicts(view, stages, plain)
        for translation in translations:
            # Of its collections as well, so that what they make stale is told to follow.
            ends = dict.fromkeys((translation.collection, translation.target))
            before = [f"{stage}@{end}" for end in ends for stage in STAGES]
            stages = [f"{stage}@{translation.name}" for stage in TRANSLATION_STAGES]
            freshness[translation.name] = verdicts(view, [*before, *stages], plain)[-len(stages) :]
    except DvcUnavailableError as error:
        return freshness, str(error)
    return freshness, None


def as_object(
    statuses: Sequence[CollectionStatus],
    translations: Sequence[TranslationStatus],
    freshness: dict[str, list[StageFreshness]],
    unavailable: str | None,
    version: Pushed | None,
) -> dict[str, Any]:
    """The answer of ``--json``; its keys are the same whatever there is."""
    return {
        "collections": {
            state.collection: {
                **{key: value for key, value in asdict(state).items() if key != "collection"},
                "stale": _not_fresh(freshness.get(state.collection, [])),
            }
            for state in statuses
        },
        "translations": {
            state.name: {
                **{key: value for key, value in asdict(state).items() if key != "name"},
                "stale": _not_fresh(freshness.get(state.name, [])),
            }
            for state in translations
        },
        "dvc": unavailable,
        "version": None if version is None else asdict(version),
    }


def _not_fresh(of_stages: Sequence[StageFreshness]) -> list[dict[str, Any]]:
    return [asdict(verdict) for verdict in of_stages if verdict.status != "fresh"]


def _show(
    statuses: Sequence[CollectionStatus],
    translations: Sequence[TranslationStatus],
    freshness: dict[str, list[StageFreshness]],
    unavailable: str | None,
    version: Pushed | None,
) -> None:
    # Imported here: rich takes a tenth of a second that --json need not pay.
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from pipeline import translation_status

    console = Console(highlight=False)
    blocks = [(state.collection, [*lines(state)]) for state in statuses]
    blocks += [(each.name, [*translation_status.lines(each)]) for each in translations]
    captured = {state.collection for state in statuses if state.captures}
    for name, told in blocks:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        stages = freshness_lines(freshness.get(name), is_captured=name in captured)
        for label, text in [*told, *stages]:
            grid.add_row(label, Text(text))
        console.print(Text(name, style="bold"))
        console.print(Padding(grid, (0, 0, 1, 2)))
    if unavailable is not None:
        console.print(Text(f"What is stale cannot be told: {unavailable}."))
    elif all(state.is_empty for state in statuses):
        console.print(Text(NOTHING_YET))
    elif version is not None:
        console.print(Text(f"version  {version.words()}"))


def lines(state: CollectionStatus) -> Iterator[tuple[str, str]]:
    """What is said about one collection, as labels with their text."""
    for capture in state.captures:
        yield "capture", _capture_words(capture)
    if state.folder_changes is not None:
        yield "changed", state.folder_changes
    if not state.captures:
        yield "capture", "none"
    if state.listings is not None:
        yield "listings", f"{state.listings:,}"
    if state.images is not None:
        yield "images", _image_words(state)
    if state.rejected:
        counts = (f"{count:,} {reason}" for reason, count in state.rejected.items())
        yield "left out", ", ".join(counts)
    if state.variants is not None:
        yield "variants", _variant_words(state.variants)
    yield from _results(state)


def _capture_words(capture: CaptureStatus) -> str:
    if not capture.complete:
        return f"{capture.as_of}, incomplete: `salon scrape` goes on with it"
    return f"{capture.as_of}, {capture.pages or 0:,} pages, {capture.images or 0:,} images"


def _image_words(state: CollectionStatus) -> str:
    if state.kept is None or state.rejected is None:
        return f"{state.images:,}"
    return f"{state.images:,}: {state.kept:,} kept, {sum(state.rejected.values()):,} left out"


def _variant_words(variants: dict[str, int]) -> str:
    splits = ", ".join(f"{count:,} {split}" for split, count in variants.items())
    return f"{sum(variants.values()):,}: {splits}" if variants else "0"


def freshness_lines(
    verdicts: Sequence[StageFreshness] | None, *, is_captured: bool
) -> Iterator[tuple[str, str]]:
    """What is said of the stages; a capture may have been made by hand, which DVC cannot know."""
    from pipeline.freshness import StageStatus

    if verdicts is None:
        return
    fresh = [verdict for verdict in verdicts if verdict.status is StageStatus.FRESH]
    if len(fresh) == len(verdicts):
        yield "stages", "all up to date"
        return
    for verdict in verdicts:
        if verdict.status is StageStatus.STALE:
            yield "stale", f"{verdict.stage}: {'; '.join(verdict.because)}"
    for status, label in (
        (StageStatus.FOLLOWS, "will follow"),
        (StageStatus.ABSENT, "not here"),
        (StageStatus.NEVER_RUN, "never run"),
    ):
        stages = [verdict.stage.split("@")[0] for verdict in verdicts if verdict.status is status]
        by_hand = status is StageStatus.NEVER_RUN and is_captured and "scrape" in stages
        if by_hand:
            stages.remove("scrape")
            yield "by hand", "scrape: the capture is here, `dvc repro` has yet to record it"
        if stages:
            yield label, ", ".join(stages)


def _results(state: CollectionStatus) -> Iterator[tuple[str, str]]:
    if state.model is not None:
        yield (
            "model",
            (
                f"{state.model.kind} at {state.model.resolution} px, {state.model.kimg:g} kimg "
                f"of {state.model.images:,} images"
                + (f", begun with {state.model.warm_start}" if state.model.warm_start else "")
            ),
        )
    if state.evaluation is not None:
        for label, judged in (
            ("KID", state.evaluation.kid),
            ("by MobileNet", state.evaluation.kid_mobilenet),
            ("by patches", state.evaluation.sliced_wasserstein),
        ):
            if judged is not None:
                frame = f"(untrained {judged.untrained:.4f}, floor {judged.floor:.4f})"
                yield label, f"{judged.trained:.4f} {frame}"
