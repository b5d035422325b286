"""`salon lists`: the stage of that name, and what a curator asks of the lists."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from curation.decisions.list_syntax import ListEntry
    from curation.editing.list_check import CheckResult
    from curation.selection.selection_difference import Effect

# What a subcommand needs is imported in it: a help page should not wait for pyarrow.


class _StageOrSubcommand(click.Group):
    """A group in which every other word is the name of a collection whose stage is to run."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        known = super().get_command(ctx, cmd_name)
        return known or click.Command(cmd_name, callback=lambda: self._run_stage(cmd_name))

    def _run_stage(self, collection: str) -> None:
        from pipeline.core.errors import UsageError
        from pipeline.stage_command import run_stage

        try:
            run_stage("lists", collection, Path.cwd())
        except UsageError as error:
            raise UsageError(f"{error}; or a command: {', '.join(self.commands)}") from error


@click.group("lists", cls=_StageOrSubcommand, subcommand_metavar="COLLECTION | COMMAND [ARGS]...")
def lists() -> None:
    """Read the curators' lists into a table of decisions; or check, edit and explain them.

    \b
    Example:
      salon lists paintings
      salon lists check
    """


@lists.command("check")
@click.option("--fix", is_flag=True, help="Sort the lists and space their columns.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.pass_context
def check(ctx: click.Context, fix: bool, as_json: bool) -> None:
    """Find every wrong entry, and tell what the edits would change.

    \b
    Example:
      salon lists check --fix
    """
    from pipeline.core.errors import ListsError

    tidied = _tidy(Path.cwd(), write=fix)
    result, effects = _check_result(Path.cwd())
    if as_json:
        answer = {"tidied": tidied, **_check_as_object(result, effects)}
        click.echo(json.dumps(answer, indent=2))
        ctx.exit(ListsError.exit_code if result.problems else 0)
    for line in (*tidied, *(f"warning: {each}" for each in result.warnings), *effects):
        click.echo(line)
    _stop_at_problems(result)
    click.echo(f"{_entries(result.entries)}, none of them wrong")


@lists.command("effect")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def effect(as_json: bool) -> None:
    """Name the images that the edits would take out or bring back.

    \b
    Example:
      salon lists effect
    """
    result, effects = _check_result(Path.cwd())
    _stop_at_problems(result)
    if as_json:
        click.echo(json.dumps(_check_as_object(result, effects)["effects"], indent=2))
        return
    for change in effects:
        click.echo(change)
        for move in change.leave:
            click.echo(f"  leaves   {move.image_id}  {move.reason}")
        for move in change.returning:
            click.echo(f"  returns  {move.image_id}  was {move.reason}")


@lists.command("add")
@click.argument("name", metavar="LIST", type=click.Choice(["keep", "remove", "distinct"]))
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", default="", help="A rule's name, taste or off_topic.")
@click.option("--by", default="", help="Who decides; git's user.name if not given.")
@click.option("--note", default="", help="Free words.")
def add(name: str, ids: tuple[str, ...], reason: str, by: str, note: str) -> None:
    """Add decisions about IDs to the LIST keep or remove, or a pair of IDs to distinct.

    \b
    Example:
      salon lists add remove a91f03c2 --reason taste --note "the frame shows"
    """
    from curation.decisions.list_files import IDS_A_LINE, editing, read_lists, write_list
    from curation.decisions.other_collections import collections
    from curation.editing.adding import added
    from curation.editing.list_check import indices_of
    from pipeline.core.errors import ListsError, UsageError
    from pipeline.versions.git import signature

    root, count = Path.cwd(), IDS_A_LINE[name]
    folder = _folder(root)
    if len(ids) % count:
        raise UsageError(f"{name} takes pairs of ids; there is one too many (or one is missing)")
    signed = signature(root, by)
    entries = [
        _entry(ids[start : start + count], count, reason, signed, note)
        for start in range(0, len(ids), count)
    ]
    with editing(root):
        current = read_lists(folder, root)
        if current.problems:
            raise ListsError("\n".join(map(str, current.problems)))
        indices = indices_of(root, collections(root))
        for entry in entries:
            current = added(current, name, entry, indices)
        write_list(folder, name, current.by_name[name])
    click.echo(f"{current.file(name)}: {len(entries)} added")
    for change in _check_result(root)[1]:
        click.echo(change)


@lists.command("why")
@click.argument("image", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def why(image: str, as_json: bool) -> None:
    """Tell everything that happened to one image, from its listing to its variants.

    \b
    Example:
      salon lists why a91f03c2
    """
    from curation.decisions.other_collections import collections
    from curation.editing.adding import find_image
    from curation.editing.image_history import history
    from curation.editing.list_check import indices_of
    from curation.editing.why import sentences, verdict
    from pipeline.core.paths import Paths

    root = Path.cwd()
    image_id, having = find_image(image, indices_of(root, collections(root)))
    histories = {name: history(Paths(root, name), image_id) for name in having}
    if as_json:
        answer = {"image_id": image_id, "collections": histories}
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for name, tables in histories.items():
        click.echo(f"{image_id} ({name}): {verdict(tables)}")
        for sentence in sentences(tables):
            click.echo(f"  {sentence}")


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _folder(root: Path) -> Path:
    from pipeline.core.paths import Paths

    return Paths(root, "").lists


def _tidy(root: Path, *, write: bool) -> list[str]:
    from curation.decisions.list_files import editing, read_lists
    from curation.editing.list_check import tidy

    folder = _folder(root)
    if not write:
        return tidy(folder, read_lists(folder, root), write=False)
    with editing(root):
        return tidy(folder, read_lists(folder, root), write=True)


def _check_result(root: Path) -> tuple[CheckResult, list[Effect]]:
    """What is wrong with the lists as they stand, and (if nothing is) what they would change."""
    from curation.decisions.list_files import read_lists
    from curation.decisions.other_collections import collections
    from curation.editing.list_check import check_lists, effect, indices_of
    from pipeline.core.params.load import load_usable
    from pipeline.core.paths import Paths

    usable, params_problems = load_usable(root / "params.yaml")
    result = check_lists(read_lists(_folder(root), root), indices_of(root, collections(root)))
    if result.problems:
        return result, []
    effects = [
        effect(Paths(root, name), result.resolved[name], sections.select)
        for name, sections in usable.items()
        if name in result.resolved
    ]
    result = replace(result, warnings=(*result.warnings, *params_problems))
    return result, [change for change in effects if change is not None]


def _stop_at_problems(result: CheckResult) -> None:
    from pipeline.core.errors import ListsError

    if result.problems:
        raise ListsError("\n".join(map(str, result.problems)))


def _check_as_object(result: CheckResult, effects: list[Effect]) -> dict[str, Any]:
    return {
        "problems": [asdict(problem) for problem in result.problems],
        "warnings": list(result.warnings),
        "effects": [asdict(change) for change in effects],
    }


def _entry(ids: tuple[str, ...], count: int, reason: str, by: str, note: str) -> ListEntry:
    import datetime as dt

    from curation.decisions.list_syntax import parse_columns
    from pipeline.core.errors import ListsError

    today = dt.datetime.now().astimezone().date().isoformat()
    try:
        entry = parse_columns([*ids, reason or "-", by, today], count)
    except ValueError as error:
        raise ListsError(str(error)) from error
    return replace(entry, note=" ".join(note.split()))
