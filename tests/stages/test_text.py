"""Pictures of captions, from the listings to `salon generate --text`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from pipeline.cli import cli
from pipeline.core import tables
from pipeline.core.errors import ParamsError, TrainingError, UsageError
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.load import load_params
from pipeline.core.params.train import ResidualTrain
from pipeline.core.paths import Paths
from pipeline.core.schema import CONDITIONS
from pipeline.core.shards import Pixels
from pipeline.stages import condition, evaluate, train
from tests.train import captioned, small
from train.conditions.caption_vectors import read_words
from train.metrics import retrieval
from train.text import minilm

SIZE, GAP = small.RESIDUAL["resolution"], 2


def _params(**changes: Any) -> ResidualTrain:
    return ResidualTrain.model_validate(captioned.TEXT | changes)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = captioned.build(tmp_path_factory.mktemp("trained"))
    condition.run(paths, _params())
    train.run(paths, _params())
    return paths


@pytest.fixture
def in_project(trained: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.chdir(trained.root)
    return trained


def _salon(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def _tile(path: Path, row: int, column: int) -> Pixels:
    pitch = SIZE + GAP
    top, left = GAP + row * pitch, GAP + column * pitch
    return np.asarray(Image.open(path))[top : top + SIZE, left : left + SIZE]


def test_the_table_has_the_vector_of_each_caption(trained: Paths) -> None:
    table = tables.read(trained.table("conditions"), CONDITIONS)
    vectors = np.array(table["vector"].to_pylist(), np.float32)
    assert table["image_id"].to_pylist() == [f"{number:024x}" for number in range(small.IMAGES)]
    description = json.loads(trained.condition.read_text())
    assert (description["kind"], description["caption"]) == ("text", captioned.TEMPLATE)
    words = read_words(description)
    captions = [captioned.caption(number) for number in range(small.IMAGES)]
    assert vectors.tobytes() == words.vectors(minilm.embed(captions)).tobytes()
    shown = vectors[[number for number in range(small.IMAGES) if number % 4]]
    assert np.abs(shown.mean(axis=0)).max() < 1e-4
    assert np.square(shown).mean() == pytest.approx(1, abs=1e-4)


def test_captions_are_embedded_once_whatever_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = captioned.build(tmp_path)
    condition.run(paths, _params())
    before = paths.table("conditions").read_bytes(), paths.condition.read_bytes()
    monkeypatch.setattr(minilm, "embed", None)
    condition.run(paths, _params(learning_rate=1e-4))
    assert (paths.table("conditions").read_bytes(), paths.condition.read_bytes()) == before


def test_each_text_has_a_row_of_its_own(in_project: Paths) -> None:
    texts = ["--text", "red dial", "--text", "Ana Ember, blue dial"]
    for name in ("a.png", "b.png"):
        done = _salon("generate", small.COLLECTION, *texts, "-n", "3", "--out", name)
        assert done.exit_code == 0, done.output
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert np.asarray(Image.open("a.png")).shape == (
        2 * (SIZE + GAP) + GAP,
        3 * (SIZE + GAP) + GAP,
        3,
    )
    for row, text in enumerate(texts[1::2]):
        _salon("generate", small.COLLECTION, "--text", text, "-n", "3", "--out", "alone.png")
        for column in range(3):
            alone = _tile(Path("alone.png"), *divmod(column, 2))
            assert np.array_equal(_tile(Path("a.png"), row, column), alone)
    assert not np.array_equal(_tile(Path("a.png"), 0, 0), _tile(Path("a.png"), 1, 0))


def test_a_walk_is_within_one_text(in_project: Paths) -> None:
    walk = ["generate", small.COLLECTION, "-n", "2", "--interpolate", "--out", "walk.gif"]
    assert _salon(*walk).exit_code == 0, "without a text, of a caption that it was shown"
    assert _salon(*walk, "--text", "red dial").exit_code == 0
    done = _salon(*walk, "--text", "red dial", "--text", "blue dial")
    assert (done.exit_code, "name one" in done.output) == (2, True)


def test_without_a_text_it_draws_of_captions_that_it_was_shown(in_project: Paths) -> None:
    assert _salon("generate", small.COLLECTION, "-n", "4", "--out", "any.png").exit_code == 0
    assert not np.array_equal(_tile(Path("any.png"), 0, 0), _tile(Path("any.png"), 0, 1))


def test_without_the_package_a_text_is_a_sentence_and_the_rest_works(
    in_project: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "_PACKAGES", ("salon_has_no_such_package",))
    minilm._loaded.cache_clear()
    asked = ["generate", small.COLLECTION, "-n", "2", "--out", "without.png"]
    assert _salon(*asked).exit_code == 0
    with pytest.raises(TrainingError, match="run `make text`, which installs it"):
        CliRunner().invoke(cli, [*asked, "--text", "red dial"], catch_exceptions=False)
    with pytest.raises(TrainingError, match="run `make text`"):
        condition.run(captioned.build(in_project.root / "other"), _params())


def test_a_text_that_says_nothing_and_a_model_without_captions_are_sentences(
    in_project: Paths, tmp_path: Path
) -> None:
    asked = ["generate", small.COLLECTION, "--out", "none.png", "--text"]
    with pytest.raises(UsageError, match=r"--text: says nothing; the model was shown captions by "):
        CliRunner().invoke(cli, [*asked, "  "], catch_exceptions=False)
    plain = captioned.build(tmp_path, small.RESIDUAL)
    params = ResidualTrain.model_validate(small.RESIDUAL | {"kimg": 0.008})
    condition.run(plain, params)
    train.run(plain, params)
    asked[1] = str(plain.model / "generator.safetensors")
    with pytest.raises(UsageError, match=r"--text: this model was shown no captions; train one"):
        CliRunner().invoke(cli, [*asked, "red dial"], catch_exceptions=False)


def test_evaluate_says_how_often_the_right_caption_is_found(
    trained: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrieval, "CANDIDATES", 3)  # as many captions are held out
    evaluate.run(trained, Evaluate(samples=32, nearest_shown=4))
    drawn_of = json.loads((trained.evaluation / "evaluation.json").read_text())["drawn_of"]
    assert list(drawn_of) == ["caption, of 10"]
    numbers = drawn_of["caption, of 10"]
    assert (numbers["captions"], numbers["held_out"], numbers["images"]) == (3, 6, 512)
    assert numbers["chance"] == 1 / 3
    assert 0 <= numbers["right"] <= 1
    assert 0 <= numbers["reals"] <= 1


def test_images_without_a_caption_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    condition.run(captioned.build(tmp_path), _params())
    said = " ".join(capsys.readouterr().err.split())
    assert "1 of 24 images have no caption, because their listings say nothing of what" in said
    assert f"{small.IMAGES - 1:024x}" in said


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (
            "{sheet[Dail]}",
            r"that label in its data sheet \(did you mean 'Dial'\?\); there are: Case, Dial",
        ),
        (
            "{title}, {sheet[Strap]}",
            r"\{title\}: there is no image with .* year\n.*\{sheet\[Strap\]\}: there is no",
        ),
    ],
)
def test_a_field_that_no_listing_has_is_a_sentence(
    tmp_path: Path, template: str, sentence: str
) -> None:
    with pytest.raises(ParamsError, match=sentence):
        condition.run(captioned.build(tmp_path), _params(caption=template))


def test_one_caption_for_all_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"all 18 images to train on have one caption, 'steel'"):
        condition.run(captioned.build(tmp_path, silent=0), _params(caption="{sheet[Case]}"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"caption": None}, "caption: says how captions are made for condition: text, and neither"),
        ({"condition": None}, "caption: says how captions are made for condition: text"),
        ({"caption": "{titel}"}, r"caption: \{titel\} is no column.*did you mean 'title'"),
    ],
)
def test_params_without_a_usable_template_are_a_sentence(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    paths = captioned.build(tmp_path, captioned.TEXT | changes)
    with pytest.raises(ParamsError, match=sentence):
        load_params(paths.root / "params.yaml")
