"""`salon judge`: how near translated pictures are to their truth."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.stage_command import run_translation_stage


@click.command("judge")
@click.argument("name")
def judge(name: str) -> None:
    """Measure how near translated pictures are to their truth, and write their card.

    NAME is a translation of params.yaml that was trained.

    \b
    Example:
      salon judge colours
    """
    run_translation_stage("judge", name, Path.cwd())
