"""`train.condition: sheet` through the commands of a real project, and what they refuse."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image
from pydantic import TypeAdapter
from safetensors.numpy import load_file

from pipeline.cli import cli
from pipeline.core import tables
from pipeline.core.errors import SalonError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, VARIANTS, Split
from pipeline.stages import condition
from tests import preloaded
from tests.train import sheets_of, small
from train.compute.device import find
from train.conditions.condition_table import read_conditions
from train.data.variants import Variants
from train.export import model_file
from train.loop.fingerprint import data_digest
from train.networks.registry import recipe_for
from train.samples.sheets import GAP_PX


def salon(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the project at ``root``."""
    variables = {**os.environ, **preloaded.path()}
    return subprocess.run(
        ["salon", *words], cwd=root, env=variables, capture_output=True, text=True, check=False
    )


def done(root: Path, *words: str) -> str:
    """What a command that must work says."""
    ended = salon(root, *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def refused(monkeypatch: pytest.MonkeyPatch, root: Path, *words: str) -> tuple[int, str]:
    """The exit code and the sentence of a command that must not work; here, which is sooner."""
    monkeypatch.chdir(root)
    ended = CliRunner().invoke(cli, words)
    error = ended.exception
    if isinstance(error, SalonError):
        return error.exit_code, str(error)
    assert isinstance(error, SystemExit), ended.exc_info
    return ended.exit_code, " ".join(ended.output.split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model is drawn of data sheets."""
    root = tmp_path_factory.mktemp("sheets")
    sheets_of.build(root)
    done(root, "condition", small.COLLECTION)
    done(root, "train", small.COLLECTION)
    return root


def _model(root: Path) -> Path:
    return Paths(root, small.COLLECTION).model / "generator.safetensors"


def test_the_model_file_says_what_it_is_drawn_of(project: Path) -> None:
    said = done(project, "model", small.COLLECTION)
    assert "drawn of    Dial: Black, Blue; Case diameter: 36 to 40 mm; year: 1981 to 2003" in said
    vectors = load_file(_model(project))["condition.vectors"]
    assert vectors.shape == (18, 3 + 2 + 2), "a row for each image that was trained on"
    assert set(np.unique(vectors[:, :3])) == {0, 1}
    assert (vectors[:, :3].sum(axis=1) == 1).all()


def test_a_training_that_goes_on_ends_with_the_bytes_of_one_long_run(
    project: Path, tmp_path: Path
) -> None:
    longer = sheets_of.TRAIN | {"kimg": 0.064}
    sheets_of.build(tmp_path, sheets_of.TRAIN | {"kimg": 0.032})
    done(tmp_path, "condition", small.COLLECTION)
    done(tmp_path, "train", small.COLLECTION)
    assert _model(tmp_path).read_bytes() == _model(project).read_bytes(), "once more, the same"
    small.write_params(tmp_path, longer)
    assert "goes on after" in done(tmp_path, "train", small.COLLECTION)
    gone_on = _model(tmp_path).read_bytes()
    (folder,) = (tmp_path / "work" / "train" / small.COLLECTION).glob("????????????????")
    for file in folder.glob("*.safetensors"):
        file.unlink()
    assert "fresh" in done(tmp_path, "train", small.COLLECTION)
    assert _model(tmp_path).read_bytes() == gone_on


def test_another_word_on_a_sheet_makes_another_training(tmp_path: Path) -> None:
    """By its data; what is not shown, such as the sheet of a held-out image, changes nothing."""
    paths = sheets_of.build(tmp_path)
    params: Train = TypeAdapter(Train).validate_python(sheets_of.TRAIN)
    table = tables.read(paths.table("variants"), VARIANTS)
    listings = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    digests = []
    for image, year in ((1, 1981), (4, 1999), (1, 1999)):
        told = [dict(row) for row in listings]
        told[image]["year"] = year
        tables.write(paths.table("listings"), LISTINGS, tables.from_rows(LISTINGS, told))
        condition.run(paths, params)
        variants = Variants.of(table, Split.TRAIN).with_vectors(read_conditions(paths, params))
        digests.append(data_digest(table, params, vectors=variants.vectors))
    assert digests[0] == digests[1]
    assert digests[1] != digests[2]


def _drawn(root: Path, *words: str) -> Any:
    asked = ("generate", str(_model(root)), *words, "-o", str(root / "drawn.png"))
    assert CliRunner().invoke(cli, asked, catch_exceptions=False).exit_code == 0
    return np.asarray(Image.open(root / "drawn.png")).astype(int)


def test_what_is_set_is_drawn_from_the_model_file_alone(project: Path, tmp_path: Path) -> None:
    away = tmp_path / "away.safetensors"
    away.write_bytes(_model(project).read_bytes())
    words = ("--set", "dial=BLUE", "--set", "case diameter=40 mm", "-n", "4")
    blue = _drawn(project, *words)
    assert not np.array_equal(blue, _drawn(project, "-n", "4"))
    assert not np.array_equal(blue, _drawn(project, *words[2:]))
    done(tmp_path, "generate", str(away), *words, "-o", "b.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "b.png")), blue)


def test_a_sweep_has_a_latent_a_row_and_a_value_a_column(project: Path) -> None:
    swept = _drawn(project, "--sweep", "Case diameter=36..40", "-n", "2", "--set", "Dial=Blue")
    head, pitch = 32, 96 + GAP_PX
    assert swept.shape == (head + 2 * pitch + GAP_PX, 6 * pitch + GAP_PX, 3)
    assert swept[:head].min() < 100 < swept[:head].mean(), "values stand above the columns"
    tiles = [
        swept[head + GAP_PX :][row * pitch : row * pitch + 96, GAP_PX + column * pitch :][:, :96]
        for row in range(2)
        for column in (0, 5)
    ]
    across, down = (np.abs(tiles[0] - tiles[place]).mean() for place in (1, 2))
    assert 0 < across < down, "a row is one latent"
    dials = _drawn(project, "--sweep", "Dial=Blue,black", "-n", "3")
    assert dials.shape[1] == 2 * pitch + GAP_PX


def test_truncation_keeps_what_was_asked(project: Path) -> None:
    far = [
        _drawn(project, "--truncation", "0.000001", "-n", "2", "--set", f"Dial={dial}", *rest)
        for dial in ("Blue", "Black")
        for rest in [("--set", "Case diameter=38", "--set", "year=1990")]
    ]
    side = 32 + GAP_PX
    for each in far:
        left, right = each[:, GAP_PX:side], each[:, GAP_PX + side : 2 * side]
        assert np.abs(left - right).max() <= 1, "hardly any latent is left"
    assert np.abs(far[0] - far[1]).max() > 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--set", "Dail=Blue"],
            "not drawn of 'Dail' (did you mean 'Dial'?); it is drawn of: Dial,",
        ),
        (["--set", "Dial=Bleu"], "no 'Bleu' (did you mean 'Blue'?); there are: Black, Blue"),
        (["--set", "Case diameter=big"], "'big' is no number of mm; the model was shown 36 to 40"),
        (["--set", "Case diameter=4 cm"], "'4 cm' is no number of mm"),
        (["--set", "Dial="], "write COLUMN=VALUE"),
        (["--set", "Dial=Blue", "--set", "dial=Black"], "Dial is set twice"),
        (
            ["--sweep", "year=old..new"],
            "year: 'old' is no number; the model was shown 1981 to 2003",
        ),
        (["--sweep", "Dial=Blue", "--set", "Dial=Black"], "both say what Dial is"),
        (["--sweep", "Dial=Blue", "--files"], "--files and --sweep exclude each other"),
        (["--class", "ana"], "tells no classes apart"),
    ],
)
def test_what_cannot_be_asked_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, words: Sequence[str], says: str
) -> None:
    code, sentence = refused(
        monkeypatch, project, "generate", small.COLLECTION, *words, "-o", "x.png"
    )
    assert code == 2
    assert says in sentence


def test_a_model_of_nothing_takes_no_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    paths = small.build(tmp_path, small.RESIDUAL)
    network = recipe_for(params, find()).generator
    model_file.write_model(paths.model, network, small.description(small.RESIDUAL))
    for option in ("--set", "--sweep"):
        asked = ("generate", small.COLLECTION, option, "Dial=Blue", "-o", "x.png")
        code, sentence = refused(monkeypatch, tmp_path, *asked)
        assert code == 2
        assert "not drawn of data sheets; train one with train.condition: sheet" in sentence


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (["Dail"], "has 'Dail' (did you mean 'Dial'?); their listings have: Brand, Case diameter,"),
        (["style"], "no image to train on has 'style'"),
        (["Reference number"], "'Reference number' is another for each of 18 images"),
        (["Dial", "brand"], "'brand' is the same for all images"),
    ],
)  # fmt: skip
def test_a_column_of_which_nothing_can_be_learnt_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheet: list[str], says: str
) -> None:
    sheets_of.build(tmp_path, sheets_of.TRAIN | {"sheet": sheet})
    code, sentence = refused(monkeypatch, tmp_path, "condition", small.COLLECTION)
    assert code == 40
    assert says in sentence


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        ([], "write both, such as sheet: [Dial, Case diameter], or neither"),
        (["Dial", "dial"], "sheet: names a column twice"),
    ],
)
def test_params_that_name_no_columns_or_one_twice_are_told_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sheet: list[str], says: str
) -> None:
    sheets_of.build(tmp_path, sheets_of.TRAIN | {"sheet": sheet})
    code, sentence = refused(monkeypatch, tmp_path, "check", small.COLLECTION)
    assert code == 10
    assert says in sentence


def test_a_training_does_not_take_vectors_that_stand_for_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = sheets_of.build(tmp_path, small.RESIDUAL)
    condition.run(paths, TypeAdapter(Train).validate_python(small.RESIDUAL))
    params = yaml.safe_load((tmp_path / "params.yaml").read_text())
    params["collections"][small.COLLECTION]["train"] |= {"condition": "sheet", "sheet": ["Dial"]}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    code, sentence = refused(monkeypatch, tmp_path, "train", small.COLLECTION)
    assert code == 40
    assert "made for other params; run `dvc repro`" in sentence


def test_the_card_says_whether_samples_are_as_asked(project: Path) -> None:
    done(project, "evaluate", small.COLLECTION)
    path = Paths(project, small.COLLECTION).evaluation / "evaluation.json"
    assert json.loads(path.read_text())["drawn_of"] == dict.fromkeys(sheets_of.SHEET), (
        "six held-out images are too few"
    )
