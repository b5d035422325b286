from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from PIL import Image, ImageSequence
from pydantic import TypeAdapter

from pipeline.commands.generate import generate
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from tests.train import small
from train import artifact
from train.description import WEIGHTS
from train.device import find
from train.generate import STEPS, walk
from train.recipes import recipe_for


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a published model, in whose root commands are run."""
    small.write_params(tmp_path, small.RESIDUAL)
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    folder = Paths(tmp_path, small.COLLECTION).model
    artifact.write(folder, recipe_for(params, find()).generator, small.description(small.RESIDUAL))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _generate(*words: str) -> Result:
    return CliRunner().invoke(generate, [small.COLLECTION, *words], catch_exceptions=False)


def test_a_grid_holds_the_pictures_of_the_seed(project: Path) -> None:
    for name, seed in (("a.png", "3"), ("b.png", "3"), ("c.png", "4")):
        assert _generate("-n", "5", "--seed", seed, "--out", name).exit_code == 0
    a, b, c = ((project / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a == b != c
    drawn = artifact.load(Paths(project, small.COLLECTION).model / WEIGHTS, find()).draw(5, 3)
    shown = np.asarray(Image.open(project / "a.png"))
    assert np.array_equal(shown[2:34, 2:34], drawn[0])
    assert np.array_equal(shown[36:68, 36:68], drawn[4])


def test_files_are_the_same_pictures_however_many(project: Path) -> None:
    assert _generate("-n", "3", "--files", "--out", "few").exit_code == 0
    assert sorted(path.name for path in (project / "few").iterdir()) == [
        "000000.png", "000001.png", "000002.png",
    ]  # fmt: skip
    drawn = artifact.load(Paths(project, small.COLLECTION).model / WEIGHTS, find()).draw(3, 1)
    for number in range(3):
        picture = np.asarray(Image.open(project / "few" / f"{number:06d}.png"))
        assert np.array_equal(picture, drawn[number])


def test_a_walk_is_a_gif_that_ends_where_it_began(project: Path) -> None:
    assert _generate("-n", "3", "--interpolate", "--out", "walk.gif").exit_code == 0
    with Image.open(project / "walk.gif") as moving:
        frames = [
            np.asarray(frame.convert("RGB"), np.float64) for frame in ImageSequence.Iterator(moving)
        ]
    assert len(frames) == 3 * STEPS
    around = [np.abs(a - b).mean() for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert around[-1] < 2 * np.median(around) + 1


def test_a_walk_keeps_to_the_lengths_of_its_ends() -> None:
    ends = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    way = walk(ends)
    torch.testing.assert_close(way[::STEPS], ends)
    lengths = way.norm(dim=1)
    assert lengths.min() > 0.9 * ends.norm(dim=1).min()


def test_two_kinds_of_output_exclude_each_other(project: Path) -> None:
    assert _generate("--files", "--interpolate", "--out", "x").exit_code == 2
