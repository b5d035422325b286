"""`salon` as a user of translations runs it, and a translation that was trained and judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.core.errors import SalonError
from pipeline.core.paths import TranslationPaths
from pipeline.stages import evaluate_translation
from train.metrics.nearest import thumbnails


def salon(root: Path, *words: str) -> Result:
    """Run a command in ``root``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        return CliRunner().invoke(cli, words, catch_exceptions=True)


def ok(root: Path, *words: str) -> str:
    """What a command says that succeeds."""
    done = salon(root, *words)
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def refused(root: Path, *words: str) -> SalonError:
    """The error of a command that stops with a sentence."""
    done = salon(root, *words)
    assert isinstance(done.exception, SalonError), done.exception
    return done.exception


def judge(paths: TranslationPaths) -> str:
    """Judge what is trained, thumbnails for the judges' features; what the command says."""
    with pytest.MonkeyPatch.context() as patch:
        for network in ("Extractor", "Mobilenet"):
            patch.setattr(evaluate_translation, network, lambda _compute: thumbnails)
        return ok(paths.root, "evaluate-translation", paths.name)


def train_and_judge(paths: TranslationPaths) -> TranslationPaths:
    """Train the translation, and judge it."""
    ok(paths.root, "translate", paths.name)
    judge(paths)
    return paths
