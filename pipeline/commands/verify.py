"""`salon verify`: whether a version is fit to be shared."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipeline.versions.version_checks import Check

# What verifying needs is imported when it is asked for: a help page should not wait for pyarrow.

_STYLES = {"ok": "green", "wrong": "bold red", "leak": "bold red", "not checked": "yellow"}


@click.command("verify")
@click.argument("rev", default="HEAD")
@click.option(
    "--fetch", is_flag=True, help="Fetch captures that are not here, to verify them, too."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.pass_context
def verify(ctx: click.Context, rev: str, fetch: bool, as_json: bool) -> None:
    """Check that the version REV is whole and fit to be shared; one line a check.

    REV is a tag, a branch or a hash; HEAD if not given. What is checked: every stage ran with the
    code, lists and params of that commit; the lists are clean; every output is in the remote; the
    captures are as recorded; no picture is on both sides of the split; nothing is kept that opted
    out, or whose rights label may not pass.

    Leaves with 16 if train and held_out are mixed, and with 15 if anything else is wrong.

    \b
    Example:
      salon verify
      salon verify v1 --fetch
    """
    from pipeline.core.errors import LeakError, UsageError, VersionError
    from pipeline.versions.revision import WORKSPACE, open_version
    from pipeline.versions.version_checks import CheckOutcome
    from pipeline.versions.version_checks import verify_version as check_version

    if rev == WORKSPACE:
        raise UsageError("a version is a commit; `salon status` tells about the workspace")
    version = open_version(Path.cwd(), rev)
    checks: list[Check] = []
    for check in check_version(version, fetch=fetch):
        checks.append(check)
        if not as_json:
            _show(check)
    outcomes = {check.outcome for check in checks}
    if as_json:
        answer = {
            "rev": rev,
            "commit": version.commit,
            "checks": [asdict(check) for check in checks],
        }
        click.echo(json.dumps(answer, indent=2))
    code = LeakError if CheckOutcome.LEAK in outcomes else VersionError
    ctx.exit(code.exit_code if outcomes & {CheckOutcome.WRONG, CheckOutcome.LEAK} else 0)


def _show(check: Check) -> None:
    from rich.console import Console
    from rich.text import Text

    from pipeline.versions.telling import printable

    line = Text.assemble(
        (f"{check.outcome:11}  ", _STYLES[check.outcome]),
        (f"{' '.join(filter(None, (check.collection, check.name))):20}  ", "dim"),
        printable(check.words),
    )
    Console(highlight=False).print(line, soft_wrap=True)
