"""A stage as a subcommand: find its module, hand it its own section of the params, run it."""

from __future__ import annotations

import importlib
import importlib.abc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

STAGES = {
    "check": "Check every param, before any other stage starts.",
    "scrape": "Capture a site's pages and images (or the embedded gallery's).",
    "parse": "Read the captured pages into the history of each listing.",
    "ingest": "Decode every image once, into facts and pixels.",
    "dedupe": "Measure which images show the same picture.",
    "watermark": "Estimate the overlay of a site, and score each image for it.",
    "lists": "Read the curators' lists into a table of decisions.",
    "select": "Decide which images stay, and why each other one does not.",
    "augment": "List the rotated and mirrored variants of the images that stay.",
    "condition": "Put into numbers what pictures are drawn of, where the training asks for it.",
    "train": "Train the GAN; goes on where a stopped run left off.",
    "evaluate": "Measure how far the samples are from the data.",
    "enhance": "Enlarge samples fourfold by super-resolution.",
    "report": "Write the data card: one HTML page about data and model.",
}
"""The stages of dvc.yaml in their order, each with the first line of its help."""

TRANSLATION_STAGES = {
    "translate": "Train a network that makes pictures of pictures, or let it make some.",
    "evaluate-translation": "Measure how near translated pictures come to what they should be.",
}
"""The stages of dvc.yaml that run once a translation, not once a collection."""

SECTIONS = {"condition": "train"}
"""Stages that are handed another section than that of their name."""

WITHOUT_PARAMS = frozenset({"check", "lists"})
"""Stages that no section of params.yaml is handed to."""


TABLE_STAGES = frozenset({"lists", "select", "augment"})
"""Stages that answer a curator's edit, from tables alone."""


def module_of(stage: str) -> str:
    """The module of a stage of dvc.yaml.

    >>> module_of("evaluate-translation")
    'pipeline.stages.evaluate_translation'
    """
    return f"pipeline.stages.{stage.replace('-', '_')}"


class _NoPandas(importlib.abc.MetaPathFinder):
    """A finder for which there is no pandas."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Refuse pandas, and leave all else to the next finder."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


@contextmanager
def without_pandas() -> Iterator[None]:
    """Tell pyarrow that there is no pandas, which it would load though nobody here uses it.

    Loading it would be a quarter of the time between an edit and its effect.
    """
    # None in sys.modules would be shorter, but pyarrow's compiled import takes the None for pandas.
    refusal = _NoPandas()
    sys.meta_path.insert(0, refusal)
    try:
        yield
    finally:
        sys.meta_path.remove(refusal)


def run_stage(stage: str, collection: str, root: Path, workers: int | None = None) -> None:
    """Run one stage of one collection below ``root`` with its own section of params.yaml.

    Raises:
        SalonError: whatever stops the stage, as one sentence.
    """
    # Imported here: what a stage needs would slow down every help page.
    from pipeline.core.paths import Paths

    arguments = _arguments(stage, collection, root / "params.yaml")
    if workers is not None:
        from pipeline.core.engine import WORKERS_VARIABLE

        os.environ[WORKERS_VARIABLE] = str(workers)
    with without_pandas() if stage in TABLE_STAGES else nullcontext():
        run = importlib.import_module(module_of(stage)).run
        run(Paths(root, collection), *arguments)


def run_translation_stage(stage: str, name: str, root: Path) -> None:
    """Run one stage of one translation below ``root``.

    Raises:
        SalonError: whatever stops the stage, as one sentence.
    """
    # Imported here: what a stage needs would slow down every help page.
    from pipeline.core.params.load import load_translation
    from pipeline.core.paths import TranslationPaths

    params = load_translation(root / "params.yaml", name)
    run = importlib.import_module(module_of(stage)).run
    run(TranslationPaths(root, name, params.collection, params.target), params)


def _arguments(stage: str, collection: str, params: Path) -> list[Any]:
    """What ``stage`` is handed besides its paths: its section, or nothing."""
    if stage in WITHOUT_PARAMS:
        from pipeline.core.params.file import check_collection, collection_names

        check_collection(collection, collection_names(params))
        return []
    if stage in TABLE_STAGES:
        from pipeline.core.params.section import load_section

        kind = getattr(importlib.import_module(f"pipeline.core.params.{stage}"), stage.title())
        return [load_section(params, collection, stage, kind)]
    from pipeline.core.params.load import load_params

    sections = load_params(params, only=collection).collection(collection)
    return [getattr(sections, SECTIONS.get(stage, stage))]


def stage_command(stage: str) -> click.Command:
    """The subcommand that runs ``stage``."""

    @click.command(stage, help=f"{STAGES[stage]}\n\n\b\nExample:\n  salon {stage} paintings")
    @click.argument("collection")
    @click.option(
        "--workers", type=click.IntRange(min=1), help="Processes to use; all cores if not given."
    )
    def command(collection: str, workers: int | None) -> None:
        run_stage(stage, collection, Path.cwd(), workers)

    return command
