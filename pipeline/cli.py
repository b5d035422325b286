"""The `salon` command: one subcommand a stage, and a few that look, check or serve.

Only click is imported to show a help page; what a command needs is imported when it runs.
"""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click

from pipeline.core.errors import InterruptedRunError, SalonError
from pipeline.stage_command import STAGES, stage_command

COMMANDS = {
    "new": "pipeline.commands.new:new",
    "lists": "pipeline.commands.lists:lists",
    "select": "pipeline.commands.select:select",
    "funnel": "pipeline.commands.funnel:funnel",
    "review": "pipeline.commands.review:review",
    "scrape": "pipeline.commands.scrape:scrape",
    "captures": "pipeline.commands.captures:captures",
    "site": "pipeline.commands.site:site",
    "train": "pipeline.commands.train:train",
    "translate": "pipeline.commands.translate:translate",
    "evaluate-translation": "pipeline.commands.evaluate_translation:evaluate_translation",
    "model": "pipeline.commands.model:model",
    "generate": "pipeline.commands.generate:generate",
    "walk": "pipeline.commands.walk:walk",
    "export": "pipeline.commands.export:export",
    "status": "pipeline.commands.status:status",
    "log": "pipeline.commands.log:log",
    "diff": "pipeline.commands.diff:diff",
    "verify": "pipeline.commands.verify:verify",
    "gallery": "pipeline.commands.gallery:gallery",
    "truth": "pipeline.commands.truth:truth",
}
"""Subcommands that are more than a stage, each where it is defined."""


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*STAGES, *(name for name in COMMANDS if name not in STAGES)]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, attribute = COMMANDS[cmd_name].split(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        return stage_command(cmd_name) if cmd_name in STAGES else None


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="salon", message="%(prog)s %(version)s")
def cli() -> None:
    """Build image datasets from web listings, and train GANs on them.

    `dvc repro` runs all stages in order; each can also be run by itself.

    \b
    Example:
      salon status
      salon select paintings
      dvc repro train@paintings

    \b
    Exit codes:
      0 done                                  25 the site's list is capped
      1 any other failure                     26 the site is down
      2 wrong command line                    27 no permission stated
      10 params.yaml                          28 a question about cookies
      11 curators' lists                      29 the site's quota is used up
      12 a table is torn                      30 no usable browser
      13 a capture is incomplete              31 what was asked for is gone
      14 busy: another process                32 saved pages are unusable
      15 a version is not whole or not here   33 the run's budget is spent
      16 train and held_out are mixed         34 own files are unusable
      17 the description of a site            35 tables and files do not fit
      20 any other scrape failure             40 training cannot start
      21 robots.txt forbids it                41 training stopped as unhealthy
      22 the site sent a challenge            50 disk full or not writable
      23 a page's layout has changed          51 the cluster cannot do the work
      24 HTML where JSON was expected         130 stopped; run again to go on
    """


def main() -> NoReturn:
    """Run the command line; every expected failure is one sentence and an exit code."""
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except SalonError as error:
        _stop(str(error), error.exit_code)
    except click.exceptions.Abort:
        _stop("stopped; what was done is kept", InterruptedRunError.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except MemoryError:
        _stop("not enough memory; try fewer workers (SALON_WORKERS=1)", SalonError.exit_code)
    except OSError as error:
        _stop_for_storage(error)
    except KeyboardInterrupt:
        _stop("stopped; what was done is kept", InterruptedRunError.exit_code)


def _stop_for_storage(error: OSError) -> NoReturn:
    """Stop for a full disk, wherever it was met; any other error of the system is a fault."""
    from pipeline.core.files import as_storage_error

    storage_error = as_storage_error(error)
    if storage_error is None:
        raise error
    _stop(str(storage_error), storage_error.exit_code)


def _stop(message: str, code: int) -> NoReturn:
    for line in message.splitlines():
        click.echo(f"salon: {line}", err=True)
    sys.exit(code)
