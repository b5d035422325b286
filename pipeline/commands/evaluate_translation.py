"""`salon evaluate-translation`: how near translated pictures come to what they should be."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.stage_command import run_translation_stage


@click.command("evaluate-translation")
@click.argument("name")
def evaluate_translation(name: str) -> None:
    """Measure how near translated pictures come to what they should be, and write their card.

    NAME is a translation of params.yaml that was trained.

    \b
    Example:
      salon evaluate-translation colours
    """
    run_translation_stage("evaluate-translation", name, Path.cwd())
