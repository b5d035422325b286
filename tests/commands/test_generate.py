from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from pydantic import TypeAdapter
from scipy import stats

from pipeline.commands.generate import generate
from pipeline.core.errors import StorageError, UsageError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.shards import Pixels
from tests.train import small
from train.compute.device import find
from train.export import model_file
from train.export.description import WEIGHTS
from train.networks.registry import recipe_for
from train.samples import sheets
from train.samples.generate import STEPS, truncated, walk


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a published model, in whose root commands are run."""
    small.write_params(tmp_path, small.RESIDUAL)
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    folder = Paths(tmp_path, small.COLLECTION).model
    network = recipe_for(params, find()).generator
    model_file.write(folder, network, small.description(small.RESIDUAL))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _generate(*words: str) -> Result:
    return CliRunner().invoke(generate, [small.COLLECTION, *words], catch_exceptions=False)


def _fakes(project: Path, count: int, seed: int) -> Pixels:
    """What the model of the project draws."""
    weights = Paths(project, small.COLLECTION).model / WEIGHTS
    return model_file.load(weights, find()).draw(count, seed)


def test_a_grid_holds_the_pictures_of_the_seed(project: Path) -> None:
    for name, seed in (("a.png", "3"), ("b.png", "3"), ("c.png", "4")):
        assert _generate("-n", "5", "--seed", seed, "--out", name).exit_code == 0
    a, b, c = ((project / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a == b != c
    fakes = _fakes(project, 5, seed=3)
    shown = np.asarray(Image.open(project / "a.png"))
    assert np.array_equal(shown[2:34, 2:34], fakes[0])
    assert np.array_equal(shown[36:68, 36:68], fakes[4])


def test_files_are_the_same_pictures_however_many(project: Path) -> None:
    assert _generate("-n", "3", "--files", "--out", "few").exit_code == 0
    assert sorted(path.name for path in (project / "few").iterdir()) == [
        "000000.png", "000001.png", "000002.png",
    ]  # fmt: skip
    fakes = _fakes(project, 3, seed=1)
    for number in range(3):
        picture = np.asarray(Image.open(project / "few" / f"{number:06d}.png"))
        assert np.array_equal(picture, fakes[number])


def _frames(path: Path) -> list[NDArray[np.float64]]:
    if path.suffix == ".mp4":
        with av.open(path) as film:
            return [
                frame.to_ndarray(format="rgb24").astype(np.float64)
                for frame in film.decode(video=0)
            ]
    with Image.open(path) as moving:
        every = ImageSequence.Iterator(moving)
        return [np.asarray(frame.convert("RGB"), np.float64) for frame in every]


@pytest.mark.parametrize("name", ["walk.gif", "walk.mp4"])
def test_a_walk_is_a_film_that_ends_where_it_began(project: Path, name: str) -> None:
    words = ["-n", "3", "--interpolate", "--out", name]
    assert _generate(*words).exit_code == 0
    frames = _frames(project / name)
    assert len(frames) == 3 * STEPS
    fakes = _fakes(project, 3, seed=1)
    for place in range(3):
        likeness = [np.abs(frames[place * STEPS] - picture).mean() for picture in fakes]
        assert np.argmin(likeness) == place
    around = [np.abs(a - b).mean() for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert around[-1] < 2 * np.median(around) + 1
    before = (project / name).read_bytes()
    assert _generate(*words).exit_code == 0
    assert (project / name).read_bytes() == before


def test_what_no_film_can_be_written_as_is_one_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"walk\.webm: a film is written as \.gif or \.mp4"):
        _generate("-n", "2", "--interpolate", "--out", "walk.webm")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UsageError, match=r"an MP4 needs PyAV: pip install 'salon\[video\]'"):
        _generate("-n", "2", "--interpolate", "--out", "walk.mp4")
    assert not list(project.glob("walk*"))


@pytest.fixture(scope="module")
def dcgan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a model whose latents are not normalised."""
    folder = tmp_path_factory.mktemp("dcgan")
    params: Train = TypeAdapter(Train).validate_python(small.DCGAN)
    torch.manual_seed(0)
    network = recipe_for(params, find()).generator
    model_file.write(folder, network, small.description(small.DCGAN))
    return folder / WEIGHTS


def test_truncated_latents_are_those_of_a_normal_that_is_cut_off(dcgan: Path) -> None:
    model = model_file.load(dcgan, find())
    latents = torch.randn(400, 50, generator=torch.Generator().manual_seed(0))
    for limit in (0.5, 1.5):
        cut = truncated(model, latents, limit)
        assert cut.abs().max() <= limit
        assert torch.equal(cut.flatten().argsort(), latents.flatten().argsort())
        expected = stats.truncnorm(-limit, limit)
        assert stats.kstest(cut.flatten().numpy(), expected.cdf).pvalue > 0.01
    torch.testing.assert_close(truncated(model, latents, 8.0), latents, atol=1e-4, rtol=1e-4)


def test_truncation_brings_pictures_nearer_to_each_other(dcgan: Path, tmp_path: Path) -> None:
    grid, spreads = tmp_path / "grid.png", []
    for words in ([], ["--truncation", "0.2"]):
        command = [str(dcgan), "-n", "16", "--out", str(grid), *words]
        CliRunner().invoke(generate, command, catch_exceptions=False)
        pictures = sheets.tiles(sheets.read_png(grid), 32).astype(np.float64)
        spreads.append(pictures.std(axis=0).mean())
    assert spreads[1] < 0.5 * spreads[0]


def test_normalised_latents_cannot_be_truncated(project: Path) -> None:
    with pytest.raises(UsageError, match="a residual network looks at the direction"):
        _generate("--truncation", "0.5", "--out", "grid.png")


def test_a_walk_keeps_to_the_lengths_of_its_ends() -> None:
    ends = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    way = walk(ends)
    torch.testing.assert_close(way[::STEPS], ends)
    lengths = way.norm(dim=1)
    assert lengths.min() > 0.9 * ends.norm(dim=1).min()


def test_a_folder_is_no_file_to_write(project: Path) -> None:
    (project / "drawn").mkdir()
    refused = _generate("-n", "2", "--out", "drawn")
    assert refused.exit_code == 2
    assert "--out: drawn is a folder; name a file in it, or write one file a picture by" in (
        " ".join(refused.output.split())
    )
    (project / "taken").write_text("mine")
    with pytest.raises(StorageError, match="taken"):
        _generate("-n", "2", "--files", "--out", "taken")
    assert _generate("--seed", str(2**64), "--out", "a.png").exit_code == 2


def test_two_kinds_of_output_exclude_each_other(project: Path) -> None:
    assert _generate("--files", "--interpolate", "--out", "x").exit_code == 2


def test_a_class_is_drawn_on_demand_where_the_model_tells_them_apart(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = CliRunner().invoke(generate, [small.COLLECTION, "--class", "ana", "--out", "a.png"])
    assert "tells no classes apart" in str(refused.exception)

    settings = small.RESIDUAL | {"condition": "creator"}
    params: Train = TypeAdapter(Train).validate_python(settings)
    network = recipe_for(params, find(), classes=2).generator
    description = small.description(settings).model_copy(update={"classes": {"ana": 3, "ben": 1}})
    model_file.write(Paths(project, small.COLLECTION).model, network, description)
    mixed, *alone = (
        _pictures(project, *words) for words in ((), ("--class", "ana"), ("--class", "ben"))
    )
    ana, ben = ((mixed == each).all(axis=(1, 2, 3)) for each in alone)
    assert (ana != ben).all()
    assert ben.sum() == 2
    walk = CliRunner().invoke(generate, [small.COLLECTION, "--interpolate", "--out", "walk.gif"])
    assert "name the one to walk in by --class" in walk.output
    monkeypatch.setattr(model_file, "_BATCH", 3)
    assert np.abs(_pictures(project).astype(float) - mixed).mean() < 1


def _pictures(project: Path, *words: str) -> Pixels:
    """Eight pictures of one seed."""
    assert _generate("-n", "8", "--files", "--out", "drawn", *words).exit_code == 0
    files = sorted((project / "drawn").iterdir())
    return np.stack([np.asarray(Image.open(path)) for path in files])
