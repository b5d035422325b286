"""Whether a command line names only what exists: subcommands, options, targets, modules.

Each program is asked by its own parser. Nothing runs.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from unittest.mock import patch

import click

from pipeline.cli import cli
from tests.docs.blocks import ROOT

_PLACEHOLDER = re.compile(r"[A-Z_]{2,}|\.\.\.")
"""A word that the reader replaces, as in `salon COMMAND --help`."""


def objection(line: str) -> str | None:
    """What is wrong with a command line of ours; None where nothing is."""
    program, *words = shlex.split(line, comments=True)
    match program:
        case "salon":
            return _salon(words)
        case "dvc":
            return _dvc(words)
        case "make":
            return _make(words)
        case "python":
            return _module(words)
        case "dask":
            return _dask(words)
        case "torchrun":
            return _torchrun(words)
    raise ValueError(f"{line!r}: this program has no parser here; see ANOTHERS_PROGRAMS")


def _salon(words: Sequence[str]) -> str | None:
    return _click(cli, "salon", words)


def _click(command: click.Command, program: str, words: Sequence[str]) -> str | None:
    context = click.Context(command, info_name=program)
    rest = list(words)
    while rest and isinstance(command, click.Group) and not rest[0].startswith("-"):
        name = rest.pop(0)
        if _PLACEHOLDER.fullmatch(name):
            return None
        below = command.get_command(context, name)
        if below is None:
            return f"{program} has no command {name!r}"
        command, context = below, click.Context(below, context, info_name=name)
    try:
        command.make_parser(context).parse_args(rest)
    except click.BadOptionUsage as error:
        # An option named without its value, as prose does: `salon diff v1 v2 --html`.
        return None if "requires an argument" in error.message else error.format_message()
    except click.UsageError as error:
        return error.format_message()
    return None


def _dvc(words: Sequence[str]) -> str | None:
    from dvc.cli.parser import DvcParser, get_main_parser

    def refuse(parser: object, message: str, cmd_cls: object = None) -> None:
        raise ValueError(message)

    try:
        with patch.object(DvcParser, "error", refuse):
            get_main_parser().parse_args(list(words))
    except ValueError as error:
        # A command named without what it works on, such as `dvc remote add`, is still a name.
        return None if "arguments are required" in str(error) else str(error)
    return None


def _dask(words: Sequence[str]) -> str | None:
    commands = {point.name: point.load() for point in entry_points(group="dask_cli")}
    return _click(click.Group("dask", commands), "dask", words)


def _torchrun(words: Sequence[str]) -> str | None:
    """Its own options, and the command of ours that it starts."""
    from torch.distributed.run import get_args_parser

    parser = get_args_parser()
    with patch.object(parser, "error", _refuse):
        try:
            parsed = parser.parse_args(list(words))
        except ValueError as error:
            return str(error)
    if not parsed.no_python or parsed.training_script != "salon":
        return "torchrun starts `salon` with --no-python"
    return _salon(parsed.training_script_args)


def _refuse(message: str) -> None:
    raise ValueError(message)


def _make(words: Sequence[str]) -> str | None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    unknown = [word for word in words if "=" not in word and word not in targets]
    return f"no target {', '.join(unknown)} in the Makefile" if unknown else None


def _module(words: Sequence[str]) -> str | None:
    if words[:1] != ["-m"] or len(words) < 2:
        return f"python {' '.join(words)}: only `python -m` is expected"
    path = ROOT / Path(*words[1].split("."))
    if path.with_suffix(".py").exists() or importlib.util.find_spec(words[1]) is not None:
        return None
    return f"no module {words[1]}"
