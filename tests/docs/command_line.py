"""Whether a command line names only what exists: subcommands, options, targets, modules.

Each program is asked by its own parser. Nothing runs.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Sequence
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
    raise ValueError(f"{line!r}: this program has no parser here; see ANOTHERS_PROGRAMS")


def _salon(words: Sequence[str]) -> str | None:
    command: click.Command = cli
    context = click.Context(cli, info_name="salon")
    rest = list(words)
    while rest and isinstance(command, click.Group) and not rest[0].startswith("-"):
        name = rest.pop(0)
        if _PLACEHOLDER.fullmatch(name):
            return None
        below = command.get_command(context, name)
        if below is None:
            return f"salon has no command {name!r}"
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
