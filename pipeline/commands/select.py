"""`salon select`: the stage of that name, or what other thresholds would change."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.stage_command import STAGES, run_stage

if TYPE_CHECKING:
    from curation.selection.selection_difference import ChangedImage, Effect

# What trying a threshold needs is imported when one is tried: a help page should not wait for it.

SHOWN = 10
"""Images named each way; `--json` names all."""


@click.command("select", short_help=STAGES["select"])
@click.argument("collection")
@click.option("--workers", type=click.IntRange(min=1), help="Accepted by every stage; unused here.")
@click.option(
    "what_if",
    "--what-if",
    metavar="KEY=VALUE",
    multiple=True,
    help="Tell what another threshold would change, and write nothing. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="With --what-if: print one JSON object.")
def select(collection: str, workers: int | None, what_if: tuple[str, ...], as_json: bool) -> None:
    """Decide which images stay, and why each other one does not.

    With --what-if nothing is decided: it tells which images would leave or return, were a param of
    `select` another. The words of the param may come in any order.

    \b
    Example:
      salon select paintings
      salon select paintings --what-if select.max_aspect_ratio=1.6
      salon select paintings --what-if select.aspect_ratio.max=1.6 --what-if rights=null
    """
    from pipeline.core.errors import UsageError

    if not what_if:
        if as_json:
            raise UsageError("--json goes with --what-if; the stage itself writes tables")
        run_stage("select", collection, Path.cwd(), workers)
        return
    changes = dict(map(change, what_if))
    effect = tried(Path.cwd(), collection, changes)
    if as_json:
        click.echo(json.dumps({"what_if": changes, **asdict(effect)}, indent=2))
        return
    for line in lines(effect):
        click.echo(line)
    click.echo("Nothing was changed; to do so, edit params.yaml and run `dvc repro`.")


def change(text: str) -> tuple[str, Any]:
    """The param that ``text`` (KEY=VALUE) names, and the value it would have.

    Raises:
        UsageError: it names no param of `select`, or its value is not YAML.
    """
    import yaml

    from pipeline.core.errors import UsageError, nearest
    from pipeline.core.params.select import Select

    key, equals, value = text.partition("=")
    name = key.strip().removeprefix("select.")
    same_words = [field for field in Select.model_fields if _words(field) == _words(name)]
    if not equals or not same_words:
        hint = nearest(name, Select.model_fields) if equals else "; write KEY=VALUE"
        raise UsageError(f"--what-if {text}: there is no select.{name}{hint}")
    try:
        return same_words[0], yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise UsageError(f"--what-if {text}: {value!r} is not YAML") from error


def tried(root: Path, collection: str, changes: dict[str, Any]) -> Effect:
    """What ``changes`` of the params of `select` would do, by the decisions last applied.

    Raises:
        ParamsError: a value is not one that the param can have.
        SalonError: the stage itself could not be run.
    """
    from curation.selection.decide import select as selection
    from curation.selection.inputs import read_inputs
    from curation.selection.selection_difference import compare
    from pipeline.core.params.load import load
    from pipeline.core.paths import Paths

    file = root / "params.yaml"
    now = load(file, only=collection).collection(collection).select
    places: dict[tuple[str, ...], Any] = {
        ("collections", collection, "select", key): value for key, value in changes.items()
    }
    then = load(file, places, only=collection).collection(collection).select
    inputs = read_inputs(Paths(root, collection))
    return compare(collection, selection(inputs, now), selection(inputs, then))


def lines(effect: Effect) -> list[str]:
    """The effect as text: in one sentence, by reason, and the images nearest to the threshold."""
    texts = [str(effect)]
    texts += [
        f"  {reason:17} {before:>9,} -> {after:<9,} {after - before:+,}"
        for reason, (before, after) in effect.reasons.items()
        if before != after
    ]
    for verb, moves in (("leaves", effect.leave), ("returns", effect.returning)):
        texts += [_move(verb, move) for move in sorted(moves, key=_closeness)[:SHOWN]]
        if len(moves) > SHOWN:
            texts.append(f"  ... and {len(moves) - SHOWN:,} more; --json names all")
    return texts


def _move(verb: str, move: ChangedImage) -> str:
    from curation.selection.picture_notes import note_of

    note = note_of({**asdict(move), "decided_by": "rule", "fault_detail": None})
    return f"  {verb:7}  {move.image_id}  {move.reason}" + (f": {note}" if note else "")


def _closeness(move: ChangedImage) -> tuple[float, str]:
    """Those first that a slightly different threshold would judge otherwise."""
    if move.value is None or move.threshold is None:
        return float("inf"), move.image_id
    return abs(move.value - move.threshold), move.image_id


def _words(name: str) -> list[str]:
    return sorted(name.replace(".", "_").split("_"))
