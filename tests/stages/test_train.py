"""`salon train` as a user runs it: as a process, killed, stopped, run twice."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from pydantic import TypeAdapter
from safetensors.torch import load_file

from pipeline.core import code
from pipeline.core.errors import BusyError, InterruptedRunError, StorageError, TrainingError
from pipeline.core.files import exclusive
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.stages.train import run
from tests.train import small
from train.export.model_description import WEIGHTS
from train.samples.grid import Samples

SALON: Final = Path(sys.executable).with_name("salon")
LONG: Final[dict[str, Any]] = small.DCGAN | {"kimg": 0.4, "checkpoint_every_kimg": 0.01}
"""Long enough to be killed in the middle, with checkpoints all the time."""
END: Final = 400
"""Images that it shows."""


def _start(root: Path) -> subprocess.Popen[str]:
    command = [str(SALON), "train", small.COLLECTION]
    return subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True)


def _train(root: Path) -> str:
    process = _start(root)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return errors


def _published(root: Path) -> dict[str, bytes]:
    paths = Paths(root, small.COLLECTION)
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for folder in (paths.model, paths.evaluation)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _wait_for_checkpoint(root: Path, process: subprocess.Popen[str], *, beyond: int = 0) -> int:
    """The number of images of the latest checkpoint once there is one ``beyond`` that many."""
    while process.poll() is None:
        folder = Paths(root, small.COLLECTION).work("train")
        names = (path.stem for path in folder.glob("*/checkpoint-*.safetensors"))
        latest = max((int(name.removeprefix("checkpoint-")) for name in names), default=0)
        if latest > beyond:
            return latest
        time.sleep(0.02)
    pytest.fail(f"training ended by itself: {process.stderr and process.stderr.read()}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("undisturbed")
    small.build(root, LONG)
    assert "fresh" in _train(root)
    return _published(root)


def test_everything_that_is_promised_is_published(undisturbed: dict[str, bytes]) -> None:
    expected = {"generator.safetensors", "model.json", "history.csv", "reals.png"}
    expected |= {"sample_metrics.csv", "health.json"}
    expected |= {"samples/000000000.png", f"samples/{END:09d}.png"}
    assert expected <= undisturbed.keys()
    assert {"curves/generator.csv", "film_strip.png"} <= undisturbed.keys()
    assert undisturbed["curves/generator.csv"].startswith(b"images,generator\n")
    description = json.loads(undisturbed["model.json"])
    assert description["params"]["kimg"] == LONG["kimg"]
    assert description["images_seen"] == END
    assert description["data"] == {
        "sha256": description["data"]["sha256"],
        "images": 18,
        "variants": 126,
        "captures": ["2026-01-01"],
        "rights": {"Fair use": 12, "no label": 6},
    }
    assert description["results"]["losses"]["images"] == END
    history = undisturbed["history.csv"].decode().splitlines()
    columns = history[0].split(",")
    assert columns[:2] == ["images", "step"]
    assert columns[5:8] == ["discriminator_real", "discriminator_fake", "generator"]
    assert [line.partition(",")[0] for line in history[-1:]] == [str(END)]


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    small.build(tmp_path, LONG)
    rng, reached = random.Random(5), 0
    for _ in range(2):
        process = _start(tmp_path)
        reached = _wait_for_checkpoint(tmp_path, process, beyond=reached)
        time.sleep(rng.uniform(0, 0.2))
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert "goes on after" in _train(tmp_path)
    assert _published(tmp_path) == undisturbed


def test_a_signal_saves_and_a_torn_checkpoint_costs_only_itself(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    paths = small.build(tmp_path, LONG)
    process = _start(tmp_path)
    _wait_for_checkpoint(tmp_path, process, beyond=20)
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == InterruptedRunError.exit_code
    assert "the same command goes on from there" in errors
    assert "Traceback" not in errors
    latest = max(paths.work("train").glob("*/checkpoint-*.safetensors"))
    os.truncate(latest, latest.stat().st_size // 2)
    again = _train(tmp_path)
    assert f"{latest} is torn" in again
    assert "goes on after" in again
    assert _published(tmp_path) == undisturbed


def test_two_trainings_of_one_collection_do_not_meet(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    with exclusive(paths.work("train") / "lock", what="this test"):
        process = _start(tmp_path)
        _, errors = process.communicate(timeout=120)
    assert process.returncode == BusyError.exit_code
    assert "another process works on training of paintings" in errors


QUICK: Final[dict[str, Any]] = small.DCGAN | {"kimg": 0.016, "checkpoint_every_kimg": 0.008}


def _run(paths: Paths, capsys: pytest.CaptureFixture[str], **settings: Any) -> str:
    """What a training says; nothing here needs a process of its own."""
    params: Train = TypeAdapter(Train).validate_python(QUICK | settings)
    run(paths, params)
    return " ".join(capsys.readouterr().err.split())


def test_what_touches_no_weight_goes_on_and_a_changed_loss_begins_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = small.build(tmp_path)
    assert "train: fresh" in _run(paths, capsys, kimg=0.016)
    asked = {"kimg": 0.024, "on_unhealthy": "go_on", "publish": "best", "sample_grid": 3}
    often = {"samples_every_kimg": 0.01, "log_every_kimg": 0.01, "keep_trainings": 2}
    assert "train: goes on after 16 of 24 images" in _run(paths, capsys, **asked, **often)
    lengthened = load_file(paths.model / WEIGHTS)
    shorter = _run(paths, capsys, kimg=0.008)
    assert "has shown 24 images, more than 8 images allow, and stays as it is" in shorter
    assert "train: fresh" in shorter
    assert "train: goes on after 24 of 24 images" in _run(paths, capsys, kimg=0.024)
    published = load_file(paths.model / WEIGHTS)
    assert all(torch.equal(published[name], lengthened[name]) for name in lengthened)

    source = code._source
    monkeypatch.setattr(code, "_source", lambda name: source(name).replace("-logits", "1 - logits"))
    assert "train: fresh" in _run(paths, capsys, kimg=0.024)


@pytest.mark.parametrize("kind", ["file", "link", "loop"])
def test_what_lies_where_the_model_belongs_is_one_sentence_before_the_first_step(
    tmp_path: Path, kind: str
) -> None:
    paths = small.build(tmp_path)
    paths.model.parent.mkdir()
    match kind:
        case "file":
            paths.model.write_text("something of mine")
        case "link":
            paths.model.symlink_to(tmp_path)
        case "loop":
            paths.model.symlink_to(paths.model)
    with pytest.raises(
        StorageError,
        match="models/paintings: something else stands where a folder of Salon's belongs",
    ):
        run(paths, TypeAdapter(Train).validate_python(QUICK))
    assert not list(paths.work("train").glob("*/checkpoint-*"))


def test_a_warm_start_takes_the_weights_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.build(tmp_path)

    assert "train: fresh, because" in _run(paths, capsys)
    latest = max(paths.work("train").glob("*/checkpoint-*.safetensors"))
    (tmp_path / "base.safetensors").write_bytes(latest.read_bytes())
    assert "train: warm, from base.safetensors after 16 images, because" in _run(
        paths, capsys, warm_start="base.safetensors", learning_rate=1e-12
    )
    folders = [path for path in paths.work("train").iterdir() if path.is_dir()]
    newest = max(folders, key=os.path.getmtime)
    saved = load_file(max(newest.glob("checkpoint-*.safetensors")))
    before = load_file(tmp_path / "base.safetensors")
    name = "generator/0.weight"
    torch.testing.assert_close(saved[name], before[name], atol=1e-6, rtol=0)

    with pytest.raises(TrainingError, match=r"warm_start: base\.safetensors holds .* other"):
        _run(paths, capsys, warm_start="base.safetensors", width=16)
    said = r"gone\.safetensors is missing, .*; name a base .*, a file"
    with pytest.raises(TrainingError, match=said):
        _run(paths, capsys, warm_start="gone.safetensors")


def test_the_best_is_published_and_knows_its_classes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small.RESIDUAL | {
        "condition": "creator", "publish": "best", "kimg": 0.032, "checkpoint_every_kimg": 0.008,
        "log_every_kimg": 0.012, "samples_every_kimg": 0.012,
    }  # fmt: skip
    paths = small.build(tmp_path, settings)
    params: Train = TypeAdapter(Train).validate_python(settings)
    distances = iter([3.0, 1.0, 2.0, 2.0])
    monkeypatch.setattr(Samples, "distance", lambda *_: next(distances))
    run(paths, params)
    description = json.loads((paths.model / "model.json").read_text())
    assert description["images_seen"] == 16
    with (paths.model / "history.csv").open() as file:
        rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    assert [row["images"] for row in rows] == [16, 24, 32]
    assert description["results"]["losses"] == rows[0]
    assert description["results"]["sample_metrics"]["images"] == 16
    assert description["classes"] == {"ana": 42, "ben": 42, "unknown": 42}
    (best,) = paths.work("train").glob("*/best.safetensors")
    published = load_file(paths.model / "generator.safetensors")
    for name, value in load_file(best).items():
        part, _, weight = name.partition("/")
        if part == "average":
            assert torch.equal(published[weight], value), weight


def test_only_the_latest_trainings_are_kept(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    for seed in (1, 2, 3):
        params: Train = TypeAdapter(Train).validate_python(QUICK | {"seed": seed})
        run(paths, params.model_copy(update={"keep_trainings": 2}))
        os.utime(
            max(paths.work("train").glob("????????????????"), key=os.path.getmtime), (seed, seed)
        )
    folders = sorted(path for path in paths.work("train").iterdir() if path.is_dir())
    assert sorted(path.stat().st_mtime for path in folders) == [2, 3]
