from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

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
from train.data.real_images import shrunk
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.networks.conditions import ConditionShape
from train.networks.registry import recipe_for
from train.samples import projection, sheets
from train.samples.generated_pictures import STEPS, latent_walk
from train.samples.projection import difference, project
from train.samples.truncation import cut, drawing_truncated


def _published(root: Path, settings: dict[str, Any]) -> model_file.Model:
    """An untrained model, written and read again."""
    params: Train = TypeAdapter(Train).validate_python(settings)
    model_file.write_model(root, recipe_for(params, find()).generator, small.description(settings))
    return model_file.load_model(root / WEIGHTS, find())


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a published model, in whose root commands are run."""
    small.build(tmp_path, small.RESIDUAL)
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    folder = Paths(tmp_path, small.COLLECTION).model
    network = recipe_for(params, find()).generator
    model_file.write_model(folder, network, small.description(small.RESIDUAL))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _generate(*words: str) -> Result:
    return CliRunner().invoke(generate, [small.COLLECTION, *words], catch_exceptions=False)


def _fakes(gallery: Path, count: int, seed: int) -> Pixels:
    """What the model of the project draws."""
    weights = Paths(gallery, small.COLLECTION).model / WEIGHTS
    return model_file.load_model(weights, find()).draw(count, seed)


def test_a_grid_holds_the_pictures_of_the_seed(gallery: Path) -> None:
    for name, seed in (("a.png", "3"), ("b.png", "3"), ("c.png", "4")):
        assert _generate("-n", "5", "--seed", seed, "--out", name).exit_code == 0
    a, b, c = ((gallery / name).read_bytes() for name in ("a.png", "b.png", "c.png"))
    assert a == b != c
    fakes = _fakes(gallery, 5, seed=3)
    shown = np.asarray(Image.open(gallery / "a.png"))
    assert np.array_equal(shown[2:34, 2:34], fakes[0])
    assert np.array_equal(shown[36:68, 36:68], fakes[4])


def test_files_are_the_same_pictures_however_many(gallery: Path) -> None:
    assert _generate("-n", "3", "--files", "--out", "few").exit_code == 0
    assert sorted(path.name for path in (gallery / "few").iterdir()) == [
        "000000.png", "000001.png", "000002.png",
    ]  # fmt: skip
    fakes = _fakes(gallery, 3, seed=1)
    for number in range(3):
        picture = np.asarray(Image.open(gallery / "few" / f"{number:06d}.png"))
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
def test_a_walk_is_a_film_that_ends_where_it_began(gallery: Path, name: str) -> None:
    words = ["-n", "3", "--interpolate", "--out", name]
    assert _generate(*words).exit_code == 0
    frames = _frames(gallery / name)
    assert len(frames) == 3 * STEPS
    fakes = _fakes(gallery, 3, seed=1)
    for place in range(3):
        likeness = [np.abs(frames[place * STEPS] - picture).mean() for picture in fakes]
        assert np.argmin(likeness) == place
    around = [np.abs(a - b).mean() for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    assert around[-1] < 2 * np.median(around) + 1
    before = (gallery / name).read_bytes()
    assert _generate(*words).exit_code == 0
    assert (gallery / name).read_bytes() == before


def test_what_no_film_can_be_written_as_is_one_sentence(
    gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"walk\.webm: a film is written as \.gif or \.mp4"):
        _generate("-n", "2", "--interpolate", "--out", "walk.webm")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UsageError, match=r"an MP4 needs PyAV: pip install 'salon\[video\]'"):
        _generate("-n", "2", "--interpolate", "--out", "walk.mp4")
    assert not list(gallery.glob("walk*"))


@pytest.fixture(scope="module")
def dcgan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a model whose latents are not normalised."""
    folder = tmp_path_factory.mktemp("dcgan")
    params: Train = TypeAdapter(Train).validate_python(small.DCGAN)
    torch.manual_seed(0)
    network = recipe_for(params, find()).generator
    model_file.write_model(folder, network, small.description(small.DCGAN))
    return folder / WEIGHTS


def test_truncated_latents_are_those_of_a_normal_that_is_cut_off() -> None:
    latents = torch.randn(400, 50, generator=torch.Generator().manual_seed(0))
    for limit in (0.5, 1.5):
        within = cut(latents, limit)
        assert within.abs().max() <= limit
        assert torch.equal(within.flatten().argsort(), latents.flatten().argsort())
        expected = stats.truncnorm(-limit, limit)
        assert stats.kstest(within.flatten().numpy(), expected.cdf).pvalue > 0.01
    torch.testing.assert_close(cut(latents, 8.0), latents, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("settings", [small.DCGAN, small.PROGAN, small.RESIDUAL])
def test_truncation_brings_pictures_nearer_to_each_other(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    model = _published(tmp_path, settings)
    latents = model.latents(16, seed=1)
    spreads = {}
    for limit in (None, 1.0, 0.5, 0.1):
        with drawing_truncated(model, limit) if limit else nullcontext():
            spreads[limit] = model.draw_from(latents).astype(np.float64).std(axis=0).mean()
    assert spreads[0.1] < spreads[0.5] < spreads[None]
    assert spreads[0.1] < 0.8 * spreads[None]
    if model.params.normalises_latents:
        assert spreads[1.0] == pytest.approx(spreads[None], rel=0.02)
    after = model.draw_from(latents).astype(np.float64).std(axis=0).mean()
    assert after == spreads[None], "outside, pictures are drawn as ever"


def test_more_than_the_whole_is_no_truncation(gallery: Path) -> None:
    with pytest.raises(UsageError, match=r"1\.5 is more than the whole; for a residual network"):
        _generate("--truncation", "1.5", "--out", "grid.png")


def test_a_picture_of_the_model_is_found_again(tmp_path: Path) -> None:
    model = _published(tmp_path, small.RESIDUAL)
    target = model.draw(1, seed=99)[0]
    nearest = project(model, target, seed=1)
    assert nearest.apart < 0.25 * nearest.apart_at_random
    assert nearest.apart == pytest.approx(difference(nearest.picture, target))
    assert np.array_equal(model.draw_from(nearest.latent[None])[0], nearest.picture)
    assert project(model, target, seed=1).apart == nearest.apart
    nothing = np.random.default_rng(0).integers(0, 256, target.shape, np.uint8)
    assert project(model, nothing, seed=1).apart > 4 * nearest.apart


def test_what_is_nearest_to_images_is_drawn_beside_them(
    gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "STEPS", 8)
    ids = [f"{number:024x}" for number in (4, 7)]  # one of them is held out
    shown = _generate("--near", ids[0], "--out", "near.png")
    assert f"{ids[0]}: the nearest picture differs by" in shown.stdout
    pair = sheets.tiles(sheets.read_png(gallery / "near.png"), 32)
    assert len(pair) == 2
    assert np.array_equal(pair[0], shrunk(small.pictures()[4:5], 32)[0])
    strip = _generate("--between", *ids, "-n", "5", "--out", "strip.png")
    assert strip.stdout.count("of 255") == 2
    pictures = sheets.tiles(sheets.read_png(gallery / "strip.png"), 32)
    assert len(pictures) == 7
    assert np.array_equal(pictures[0], pair[0])
    assert np.array_equal(pictures[1], pair[1])
    assert np.array_equal(pictures[-1], shrunk(small.pictures()[7:8], 32)[0])
    assert _generate("--between", *ids, "--interpolate", "--out", "walk.gif").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--near", "f" * 24, "--mix"], "--near and --mix exclude each other"),
        (["--mix", "--interpolate"], "--mix and --interpolate exclude each other"),
    ],
)
def test_what_cannot_be_drawn_is_said(gallery: Path, words: list[str], said: str) -> None:
    refused = _generate(*words, "--out", "x.png")
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())


@pytest.mark.usefixtures("gallery")
def test_an_image_that_is_not_kept_is_named() -> None:
    with pytest.raises(UsageError, match="paintings keeps no image 'ffffffffffffffffffffffff'"):
        _generate("--near", "f" * 24, "--out", "x.png")


def test_a_mixture_has_its_column_at_the_top_and_its_row_at_the_left(gallery: Path) -> None:
    assert _generate("--mix", "-n", "9", "--seed", "4", "--out", "mixed.png").exit_code == 0
    shown = sheets.tiles(sheets.read_png(gallery / "mixed.png"), 32).reshape(4, 4, 32, 32, 3)
    fakes = _fakes(gallery, 6, seed=4)
    assert np.array_equal(shown[0, 1:], fakes[:3])
    assert np.array_equal(shown[1:, 0], fakes[3:])
    inner = shown[1:, 1:].astype(np.float64)
    assert min(inner.std(axis=0).mean(), inner.std(axis=1).mean()) > 0
    assert all(not np.array_equal(inner[k, k], fakes[k]) for k in range(3))


def test_a_network_without_styles_cannot_be_mixed(dcgan: Path, tmp_path: Path) -> None:
    words = [str(dcgan), "--mix", "--out", str(tmp_path / "x.png")]
    with pytest.raises(UsageError, match="a dcgan network has no styles; take a model: residual"):
        CliRunner().invoke(generate, words, catch_exceptions=False)


def test_a_walk_keeps_to_the_lengths_of_its_ends() -> None:
    ends = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    way = latent_walk(ends)
    torch.testing.assert_close(way[::STEPS], ends)
    lengths = way.norm(dim=1)
    assert lengths.min() > 0.9 * ends.norm(dim=1).min()


def test_a_folder_is_no_file_to_write(gallery: Path) -> None:
    (gallery / "drawn").mkdir()
    refused = _generate("-n", "2", "--out", "drawn")
    assert refused.exit_code == 2
    assert "--out: drawn is a folder; name a file in it, or write one file a picture by" in (
        " ".join(refused.output.split())
    )
    (gallery / "taken").write_text("mine")
    with pytest.raises(StorageError, match="taken"):
        _generate("-n", "2", "--files", "--out", "taken")
    assert _generate("--seed", str(2**64), "--out", "a.png").exit_code == 2


def test_two_kinds_of_output_exclude_each_other(gallery: Path) -> None:
    assert _generate("--files", "--interpolate", "--out", "x").exit_code == 2


def test_a_class_is_drawn_on_demand_where_the_model_tells_them_apart(
    gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = CliRunner().invoke(generate, [small.COLLECTION, "--class", "ana", "--out", "a.png"])
    assert "tells no classes apart" in str(refused.exception)

    settings = small.RESIDUAL | {"condition": "creator"}
    params: Train = TypeAdapter(Train).validate_python(settings)
    network = recipe_for(params, find(), ConditionShape(classes=2)).generator
    description = small.description(settings).model_copy(update={"classes": {"ana": 3, "ben": 1}})
    model_file.write_model(Paths(gallery, small.COLLECTION).model, network, description)
    mixed, *alone = (
        _pictures(gallery, *words) for words in ((), ("--class", "ana"), ("--class", "ben"))
    )
    ana, ben = ((mixed == each).all(axis=(1, 2, 3)) for each in alone)
    assert (ana != ben).all()
    assert ben.sum() == 2
    walk = CliRunner().invoke(generate, [small.COLLECTION, "--interpolate", "--out", "walk.gif"])
    assert "name the one to walk in by --class" in walk.output
    monkeypatch.setattr(model_file, "_BATCH", 3)
    assert np.abs(_pictures(gallery).astype(float) - mixed).mean() < 1


def _pictures(gallery: Path, *words: str) -> Pixels:
    """Eight pictures of one seed."""
    assert _generate("-n", "8", "--files", "--out", "drawn", *words).exit_code == 0
    files = sorted((gallery / "drawn").iterdir())
    return np.stack([np.asarray(Image.open(path)) for path in files])
