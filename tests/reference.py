"""The pages of docs/ that are made from the code; `make docs` writes them, a test compares them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import CURATOR_REMOVED, OF_CURATORS
from curation.selection.rules.rule import Reason
from pipeline.cli import cli
from pipeline.core.params.load import Collection
from pipeline.core.params.translation import Translation
from scrapers.sites.described.description_schema import (
    Detail,
    Image,
    LinkedItems,
    Listing,
    SiteDescription,
)
from scrapers.sites.described.field_rule import FieldRule, Rewriting, SheetRule
from tests import architecture_picture

DOCS = Path(__file__).parent.parent / "docs"


def pages() -> dict[Path, str]:
    """The content of each generated page."""
    return {
        DOCS / "commands.md": _commands_page(),
        DOCS / "params.md": _params_page(),
        DOCS / "description-keys.md": _description_page(),
        DOCS / "reasons.md": _reasons_page(),
    }


def commands(
    group: click.Group = cli, prefix: str = "salon"
) -> Iterator[tuple[str, click.Command]]:
    """Every command below ``group`` with the words that call it."""
    context = click.Context(group, info_name=prefix)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise AssertionError(f"{prefix} {name} is listed but does not exist")
        yield f"{prefix} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")


def help_text(words: str, command: click.Command) -> str:
    """What `--help` prints, at 88 columns."""
    context = click.Context(command, info_name=words, max_content_width=88, terminal_width=88)
    return command.get_help(context)


_COMMANDS_HEAD = """\
# Commands

Written by `make docs` from the commands themselves; `salon COMMAND --help` prints the same.
"""

_PARAMS_HEAD = """\
# Params

Written by `make docs` from `pipeline/core/params/`. `params.yaml` has one block a collection and
one section a stage; a stage receives its own section only, so a change reruns that stage and what
follows it. `descriptions`, beside `collections`, names the folder of your own descriptions of sites
(`sites`, as the file comes); DVC runs `parse` anew where it changes. `translations`,
if there are any, has one block each ([translations.md](translations.md)).
"""

_REASONS_HEAD = """\
# Reasons

Written by `make docs` from `curation/selection/rules/`. The first that applies wins, in this order;
`null` switches a rule off. What cannot be decoded, or was opted out, stays out whatever a curator
says. A digit gives the reason to a removal in the review page.

| reason | means | set by | default | a curator's `keep` | digit |
|---|---|---|---|---|---|
"""

_CURATORS_HEAD = """
In a curators' list the reason of a line is one of these, or one of a curator's own:

| reason | means | digit |
|---|---|---|
"""

_DESCRIPTION_HEAD = """\
# Keys of a description

Written by `make docs` from `scrapers/sites/described/description_schema.py`.
[describe-a-site.md](describe-a-site.md) is the page to begin with.
"""
_DESCRIPTION_PARTS: dict[str, type[BaseModel]] = {
    "The file": SiteDescription,
    "listing": Listing,
    "listing.item, where JSON-LD tells the items": LinkedItems,
    "detail": Detail,
    "A rule": FieldRule,
    "sheet": SheetRule,
    "image": Image,
    "image.key, and each of image.sizes": Rewriting,
}


def _commands_page() -> str:
    sections = [_fenced(words, command) for words, command in commands()]
    return "\n".join([_COMMANDS_HEAD, _fenced("salon", cli), *sections])


def _fenced(words: str, command: click.Command) -> str:
    return f"## {words}\n\n```text\n{help_text(words, command)}\n```\n"


def _params_page() -> str:
    parts = [_PARAMS_HEAD]
    for name, field in Collection.model_fields.items():
        members = [m for m in (field.annotation, *get_args(field.annotation)) if _is_section(m)]
        parts += [_section(f"{name} ({_tag(m)})" if len(members) > 1 else name, m) for m in members]
    for kind in get_args(get_args(Translation)[0]):
        parts.append(_section(f"translations, by name ({_tag(kind)})", kind))
    return "\n".join(parts)


def _description_page() -> str:
    parts = [_section(title, part, nested=()) for title, part in _DESCRIPTION_PARTS.items()]
    return "\n".join([_DESCRIPTION_HEAD, *parts])


def _reasons_page() -> str:
    rows = [_reason_row(reason) for reason in REASONS.values()]
    own = [f"| `{each.name}` | {each.means} | {each.digit or ''} |" for each in OF_CURATORS]
    return _REASONS_HEAD + "\n".join(rows) + "\n" + _CURATORS_HEAD + "\n".join(own) + "\n"


def _reason_row(reason: Reason) -> str:
    section, _, key = reason.param.partition(".")
    default = set_by = ""
    if key:
        model = Collection.model_fields[section].annotation
        default = f"`{_yaml(model.model_fields[key].get_default())}`"  # type: ignore[union-attr]
        set_by = f"`{reason.param}`"
    keeps = "decides" if reason.name == CURATOR_REMOVED.name else "overrules it"
    if reason.of_variants:
        keeps = "overrules it, by variant"
    keep = "does not help" if reason.is_final else keeps
    cells = (f"`{reason.name}`", reason.means, set_by, default, keep, str(reason.digit or ""))
    return f"| {' | '.join(cells)} |"


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _tag(section: type[BaseModel]) -> str:
    key = "model" if "model" in section.model_fields else "kind"
    return f"{key}: {get_args(section.model_fields[key].annotation)[0]}"


def _section(
    title: str, section: type[BaseModel], nested: tuple[type[BaseModel], ...] | None = None
) -> str:
    """A table of the keys; sections in it follow, unless they are ``nested`` elsewhere."""
    lines = [f"## {title}", "", (section.__doc__ or "").strip(), "", "| key | default | meaning |"]
    lines.append("|---|---|---|")
    inner: list[str] = []
    meanings = _meanings(section)
    for key, field in section.model_fields.items():
        if nested is None and _is_section(field.annotation):
            inner.append(_section(f"{title}.{key}", field.annotation))  # type: ignore[arg-type]
            continue
        default = "required" if field.is_required() else f"`{_yaml(field.get_default())}`"
        meaning = " ".join(meanings.get(key, "").split())
        lines.append(f"| `{key}` | {default} | {meaning} |")
    return "\n".join(["\n".join(lines) + "\n", *inner])


def _meanings(section: type[BaseModel]) -> dict[str, str]:
    """The string below each attribute, which a class does not keep when it runs."""
    texts: dict[str, str] = {}
    for owner in section.__mro__[: section.__mro__.index(BaseModel)]:
        body = ast.parse(inspect.getsource(owner)).body[0]
        for attribute, text in pairwise(body.body if isinstance(body, ast.ClassDef) else []):
            match attribute, text:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(meaning))),
                ):
                    texts.setdefault(name, meaning)
    return texts


def _yaml(value: Any) -> str:
    if isinstance(value, BaseModel) or value is PydanticUndefined:
        return "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return '""' if value == "" else str(value)


def write() -> None:
    """Write the generated pages, and the picture of the imports."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    architecture_picture.PICTURE.write_text(architecture_picture.picture(), encoding="utf-8")


if __name__ == "__main__":
    write()
