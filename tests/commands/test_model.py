from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from click.testing import CliRunner
from pydantic import TypeAdapter

from pipeline.commands.generate import generate
from pipeline.commands.model import model
from pipeline.core import tables
from pipeline.core.errors import TrainingError, UsageError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS
from tests.train import small
from train.compute.device import find
from train.export import model_file
from train.export.model_description import WEIGHTS, metadata, read_model_description, shown_rights
from train.networks.registry import recipe_for


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that lies alone in a folder."""
    folder = tmp_path_factory.mktemp("model")
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    network = recipe_for(params, find()).generator
    model_file.write_model(folder, network, small.description(small.RESIDUAL))
    return folder / WEIGHTS


def _model(*words: str) -> str:
    result = CliRunner().invoke(model, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_file_alone_tells_of_its_data_training_and_rights(published: Path) -> None:
    lines = dict(line.split(maxsplit=1) for line in _model(str(published)).splitlines()[1:])
    assert lines["network"] == "residual at 32 px, latents of 8, 1,234 parameters"
    assert lines["data"].startswith("0000000000000000: 126 variants of 18 images, captured 2026-01")
    assert lines["rights"].startswith("Fair use (18 images); the sites' labels")
    assert lines["losses"] == "generator 1.5"
    assert "classes" not in lines
    whole = json.loads(_model(str(published), "--json"))
    assert whole == small.description(small.RESIDUAL).model_dump(mode="json")


def test_a_file_alone_is_enough_to_draw(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [str(published), "-n", "2", "--out", "grid.png"]
    assert CliRunner().invoke(generate, words, catch_exceptions=False).exit_code == 0
    assert (tmp_path / "grid.png").exists()


def test_what_a_stranger_wrote_reaches_no_terminal_raw(published: Path, tmp_path: Path) -> None:
    said = {"salon": "1\x1b[2J", "classes": {"ada-vorn": 7, "b\x1b[2J": 1200}}
    hostile = small.description(small.RESIDUAL).model_copy(update=said)
    path = tmp_path / "given.safetensors"
    weights = safetensors.torch.load_file(published)
    path.write_bytes(safetensors.torch.save(weights, metadata=metadata(hostile)))
    printed = _model(str(path))
    assert "salon 1\\x1b[2J, torch" in printed
    assert "ada-vorn (7 variants), b\\x1b[2J (1,200 variants)\n" in printed


def test_what_is_no_model_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "given.safetensors"
    with pytest.raises(TrainingError, match="missing; run"):
        read_model_description(path)
    path.write_bytes(b"torn")
    with pytest.raises(TrainingError, match="torn or no model"):
        read_model_description(path)
    path.write_bytes(safetensors.torch.save({"weight": torch.zeros(2)}))
    with pytest.raises(TrainingError, match="does not say what it is"):
        read_model_description(path)
    small.write_params(tmp_path, small.RESIDUAL)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no collection 'painting' in params"):
        CliRunner().invoke(model, ["painting"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"params": {"latent": 10**6}}, "weights of another model"),
        ({"params": {"latent": 10**15}}, "its params; run"),
        ({"params": {"latent": 10**18, "channels_base": 10**18}}, "its params; run"),
        ({"params": {"channels_max": 2**62, "channels_base": 2**62}}, "run `dvc repro`"),
        ({"params": {"seed": 2**70}}, "other params than this one knows"),
        ({"params": {"model": ["residual"]}}, "other params than this one knows"),
        ({"classes": {"ana": 3}}, "weights of another model"),
        ({"classes": {"ana": 2**70}}, "does not say what it is"),
        ({"classes": {"ana": 0}}, "does not say what it is"),
        ({"images_seen": 10**5000}, "does not say what it is"),
        ({"results": None}, "does not say what it is"),
    ],
)
def test_no_more_memory_is_taken_than_a_file_has_weights(
    published: Path, tmp_path: Path, said: dict[str, Any], sentence: str
) -> None:
    """What a stranger's file says is believed only as far as its weights go."""
    facts = small.description(small.RESIDUAL).model_dump(mode="json")
    facts |= {k: facts["params"] | v if k == "params" else v for k, v in said.items()}
    path = tmp_path / "given.safetensors"
    weights = safetensors.torch.load_file(published)
    with _any_length_of_numbers():
        path.write_bytes(safetensors.torch.save(weights, metadata={"salon": json.dumps(facts)}))
    for load in (model_file.load_model, model_file.untrained):
        with pytest.raises(TrainingError, match=re.escape(sentence)):
            load(path, find())


@contextmanager
def _any_length_of_numbers() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def test_weights_of_an_earlier_version_are_read(published: Path, tmp_path: Path) -> None:
    weights = safetensors.torch.load_file(published)
    old = {name.replace(".shortcut.", ".around."): weight for name, weight in weights.items()}
    assert old.keys() != weights.keys()
    facts = small.description(small.RESIDUAL).model_dump(mode="json")
    facts["results"]["vitals"] = facts["results"].pop("sample_metrics")
    del facts["title"]
    path = tmp_path / "given.safetensors"
    path.write_bytes(safetensors.torch.save(old, metadata={"salon": json.dumps(facts)}))
    old_fakes, fakes = (
        model_file.load_model(file, find()).draw(2, 1) for file in (path, published)
    )
    assert np.array_equal(old_fakes, fakes)
    assert "diversity 0.5" in _model(str(path))


def test_rights_count_each_image_trained_on_once(tmp_path: Path) -> None:
    paths: Paths = small.build(tmp_path)
    labels = shown_rights(tables.read(paths.table("variants"), VARIANTS))
    assert labels == {"Fair use": 12, "no label": 6}
