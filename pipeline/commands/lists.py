"""`salon lists`: the stage of that name, and what a curator asks of the lists."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from curation.decisions.entries import Entry
    from curation.editing.survey import Survey
    from curation.selection.comparison import Effect

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
    found, effects = _look(Path.cwd())
    if as_json:
        answer = {"tidied": tidied, **_as_object(found, effects)}
        click.echo(json.dumps(answer, indent=2))
        ctx.exit(ListsError.exit_code if found.problems else 0)
    for line in (*tidied, *(f"warning: {each}" for each in found.warnings), *effects):
        click.echo(line)
    _stop_at_problems(found)
    click.echo(f"{found.entries} entries, none of them wrong")


@lists.command("effect")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def effect(as_json: bool) -> None:
    """Name the images that the edits would take out or bring back.

    \b
    Example:
      salon lists effect
    """
    found, effects = _look(Path.cwd())
    _stop_at_problems(found)
    if as_json:
        click.echo(json.dumps(_as_object(found, effects)["effects"], indent=2))
        return
    for one in effects:
        click.echo(one)
        for move in one.leave:
            click.echo(f"  leaves   {move.image_id}  {move.reason}")
        for move in one.returning:
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
    from curation.decisions.elsewhere import collections
    from curation.decisions.list_files import IDS_A_LINE, editing, read_lists, write_list
    from curation.editing.adding import added
    from curation.editing.survey import indices_of
    from pipeline.core.errors import ListsError, UsageError
    from pipeline.signature import signature

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
    for one in _look(root)[1]:
        click.echo(one)


@lists.command("why")
@click.argument("image", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def why(image: str, as_json: bool) -> None:
    """Tell everything that happened to one image, from its listing to its variants.

    \b
    Example:
      salon lists why a91f03c2
    """
    from curation.decisions.elsewhere import collections
    from curation.editing.adding import find_image
    from curation.editing.history import history
    from curation.editing.story import sentences, verdict
    from curation.editing.survey import indices_of
    from pipeline.core.paths import Paths

    root = Path.cwd()
    image_id, having = find_image(image, indices_of(root, collections(root)))
    told = {name: history(Paths(root, name), image_id) for name in having}
    if as_json:
        answer = {"image_id": image_id, "collections": told}
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    for name, tables in told.items():
        click.echo(f"{image_id} ({name}): {verdict(tables)}")
        for sentence in sentences(tables):
            click.echo(f"  {sentence}")


def _folder(root: Path) -> Path:
    from pipeline.core.paths import Paths

    return Paths(root, "").lists


def _tidy(root: Path, *, write: bool) -> list[str]:
    from curation.decisions.list_files import editing, read_lists
    from curation.editing.tidying import tidy

    folder = _folder(root)
    if not write:
        return tidy(folder, read_lists(folder, root), write=False)
    with editing(root):
        return tidy(folder, read_lists(folder, root), write=True)


def _look(root: Path) -> tuple[Survey, list[Effect]]:
    """What is wrong with the lists as they stand, and (if nothing is) what they would change."""
    from curation.decisions.elsewhere import collections
    from curation.decisions.list_files import read_lists
    from curation.editing.survey import effect, indices_of, survey
    from pipeline.core.params.load import load
    from pipeline.core.paths import Paths

    params = load(root / "params.yaml")
    found = survey(read_lists(_folder(root), root), indices_of(root, collections(root)))
    if found.problems:
        return found, []
    effects = [
        effect(Paths(root, name), found.resolved[name], sections.select)
        for name, sections in params.collections.items()
        if name in found.resolved
    ]
    return found, [one for one in effects if one is not None]


def _stop_at_problems(found: Survey) -> None:
    from pipeline.core.errors import ListsError

    if found.problems:
        raise ListsError("\n".join(map(str, found.problems)))


def _as_object(found: Survey, effects: list[Effect]) -> dict[str, Any]:
    return {
        "problems": [asdict(problem) for problem in found.problems],
        "warnings": list(found.warnings),
        "effects": [asdict(one) for one in effects],
    }


def _entry(ids: tuple[str, ...], count: int, reason: str, by: str, note: str) -> Entry:
    import datetime as dt

    from curation.decisions.entries import parse_columns
    from pipeline.core.errors import ListsError

    today = dt.datetime.now().astimezone().date().isoformat()
    try:
        entry = parse_columns([*ids, reason or "-", by, today], count)
    except ValueError as error:
        raise ListsError(str(error)) from error
    return replace(entry, note=" ".join(note.split()))
