"""The page that shows a training in progress, and what the loop writes for it."""

from __future__ import annotations

import io
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from click.testing import CliRunner
from PIL import Image
from pydantic import TypeAdapter
from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
    EventAccumulator,
)

from pipeline.cli import cli
from pipeline.core import tables
from pipeline.core.errors import InterruptedRunError
from pipeline.core.files import exclusive
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from tests.train import small
from train.compute.device import find
from train.data.variants import Variants
from train.loop import live, tensorboard_curves
from train.loop.training import Training
from train.monitor.balance import balance
from train.monitor.rules import Row
from train.networks.recipe import Objective
from train.samples import sheets
from train.watch import watch_page
from train.watch.watch_judges import JUDGES, MOST_LOOKS, Judging, to_judge
from train.watch.watch_page import Watched

CONDITIONAL: dict[str, Any] = small.RESIDUAL | {"condition": "creator", "sample_grid": 3}


@pytest.mark.parametrize(
    ("row", "objective", "said"),
    [
        ({"accuracy_real": 1.0, "accuracy_fake": 0.98}, Objective.CROSS_ENTROPY, "too strong"),
        ({"accuracy_real": 0.8, "accuracy_fake": 0.82}, Objective.CROSS_ENTROPY, "balanced"),
        ({"accuracy_real": 0.9, "accuracy_fake": 0.2}, Objective.CROSS_ENTROPY, "too weak"),
        ({"distance": 3.0}, Objective.WASSERSTEIN, "balanced: it scores real images 3 above"),
        ({"distance": -0.1}, Objective.WASSERSTEIN, "too weak"),
        ({"discriminator": 0.01}, None, "too strong"),
        ({"discriminator": 0.3}, None, "balanced"),
        ({"discriminator": math.log(2)}, None, "too weak"),
        ({"squares": 0.3}, None, ""),
    ],
)
def test_the_balance_is_said_in_words(row: Row, objective: Objective | None, said: str) -> None:
    early: Row = dict.fromkeys(row, 1e6)
    rows: list[Row] = [{**early, "steps": 200}, {**row, "steps": 150}, {**row, "steps": 50}]
    words = balance(rows, objective)
    assert said in words
    assert bool(words) == bool(said)
    assert balance([], objective) == ""


def test_the_newest_sheet_is_judged_first_and_none_twice() -> None:
    paths = [Path(f"{number:09d}.png") for number in range(100)]
    chosen = to_judge(paths, {})
    assert chosen[0] == paths[-1]
    assert chosen == sorted(chosen, reverse=True)
    assert len(chosen) == MOST_LOOKS
    assert to_judge(paths, {path.stem: {} for path in chosen}) == []
    assert to_judge([], {}) == []


def _nothing() -> Variants:
    raise AssertionError("nobody looks")


@pytest.fixture
def stopped(tmp_path: Path) -> Paths:
    """A training of classes that was stopped after some steps."""
    paths = small.build(tmp_path, CONDITIONAL)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    params: Train = TypeAdapter(Train).validate_python(CONDITIONAL)
    folder = paths.work("train") / "0123456789abcdef"
    training = Training(params, find(), paths.pixels, variants, folder)
    steps = iter(range(8))
    with pytest.raises(InterruptedRunError):
        training.run(lambda _row: None, lambda: next(steps, None) is None)
    return paths


@contextmanager
def _served(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Watched, str]]:
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    judging = Judging(paths.pixels, lambda: variants)
    watched = Watched(paths.collection, paths.work("train"), judging)
    page = watch_page._PageServer(0, watched)
    threading.Thread(target=page.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    try:
        yield watched, f"http://127.0.0.1:{page.server_port}"
    finally:
        page.shutdown()
        page.server_close()


def test_the_page_shows_what_the_loop_wrote(
    stopped: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        exclusive(stopped.work("train") / "lock", what="this test"),
        _served(stopped, monkeypatch) as (watched, address),
    ):
        state = requests.get(f"{address}/state.json", timeout=30).json()
        assert (state["is_training"], state["state"], state["images"]) == (True, "stopped", 64)
        assert state["spent"] == "64 of 120 images"
        assert state["seconds_left"] == pytest.approx(state["seconds"] * 56 / 64)
        assert state["rows"][-1]["images"] <= 64
        assert "right about" in state["balance"]
        assert state["classes"] == ["ana", "ben", "unknown"]
        for name in (f"samples/{state['samples'][-1]}", "classes.png"):
            assert requests.get(f"{address}/{name}", timeout=30).content.startswith(b"\x89PNG")
        assert "watch.js" in requests.get(address, timeout=30).text
        while watched.judging._busy.locked():
            time.sleep(0.02)
        judged = requests.get(f"{address}/state.json", timeout=30).json()["judged"]
        assert [look["images"] for look in judged] == [int(n[:9]) for n in state["samples"]]
        assert all(look[judge] > 0 for look in judged for judge in JUDGES)
        for path in ("samples/000000001.png", "live.json", "..%2F..%2Fparams.yaml"):
            assert requests.get(f"{address}/{path}", timeout=30).status_code == 404
        stranger = {"Host": "example.org"}
        refused = requests.get(f"{address}/state.json", headers=stranger, timeout=30)
        assert refused.status_code == 403


def _events(folder: Path) -> EventAccumulator:
    read = EventAccumulator(str(folder))
    read.Reload()
    return read


def test_whoever_watches_adds_the_judges_to_tensorboard(stopped: Paths) -> None:
    variants = Variants.of(tables.read(stopped.table("variants"), VARIANTS), Split.TRAIN)
    judging = Judging(stopped.pixels, lambda: variants)
    folder, now = live.latest(stopped.work("train")) or (Path(), None)
    assert now is not None
    sheet_paths = sorted((folder / "samples").glob("*.png"))
    late = sheet_paths[0].rename(folder / "late.png")
    for _ in range(2):  # once more with an earlier sheet, which is judged late
        judging.look(folder, now)
        while judging._busy.locked():
            time.sleep(0.02)
        read = _events(folder / "judges" / "samples")
        for judge in JUDGES:
            shown = [(event.step, event.value) for event in read.Scalars(judge)]
            judged = [(look["images"], look[judge]) for look in judging.judged()]
            assert shown == [(step, pytest.approx(value)) for step, value in judged]
            level = _events(folder / "judges" / "reals").Scalars(judge)
            assert [event.value for event in level] == [
                pytest.approx(judging.floor[judge]) for _ in judged
            ]
        if late.is_file():
            assert len(judging.judged()) == len(sheet_paths) - 1
            late.rename(sheet_paths[0])
    assert len(judging.judged()) == len(sheet_paths)


def test_tensorboard_shows_what_the_page_shows(stopped: Paths) -> None:
    params: Train = TypeAdapter(Train).validate_python(CONDITIONAL)
    variants = Variants.of(tables.read(stopped.table("variants"), VARIANTS), Split.TRAIN)
    training = Training(params, find(), stopped.pixels, variants, stopped.root / "again")
    finding: dict[str, int | str] = {
        "images": 64,
        "rule": "memorising",
        "saw": "copies",
        "remedy": "more images",
    }
    for _ in range(2):  # once more as after a stop: written anew, without a seam
        with tensorboard_curves.Curves(training) as curves:
            if not training.rows:
                training.run(curves.add, lambda: False)
            training.monitor.seen.findings[:] = [finding]
        read = _events(training.folder / tensorboard_curves.FOLDER)
        generator = [(event.step, event.value) for event in read.Scalars("generator")]
        assert generator == [
            (row["images"], pytest.approx(row["generator"])) for row in training.rows
        ]
        measured = training.monitor.seen.sample_metrics
        diversity = [(event.step, event.value) for event in read.Scalars("samples/diversity")]
        assert diversity == [(row["images"], pytest.approx(row["diversity"])) for row in measured]
        sheet_paths = sorted((training.folder / "samples").glob("*.png"))
        drawn = read.Images("samples")
        assert [event.step for event in drawn] == [int(path.stem) for path in sheet_paths]
        last = np.asarray(Image.open(io.BytesIO(drawn[-1].encoded_image_string)))
        assert np.array_equal(last, sheets.read_png(sheet_paths[-1]))
        said = [event.tensor_proto.string_val[0] for event in read.Tensors("balance/text_summary")]
        assert said[-1].decode() == balance(training.rows, training.recipe.objective)
        assert len(said) == len(training.rows)
        found = read.Tensors("the monitor found/text_summary")
        assert [event.step for event in found] == [64]
        assert b"memorising: copies; what usually helps" in found[0].tensor_proto.string_val[0]


def test_a_loss_that_is_no_number_is_left_out(stopped: Paths) -> None:
    folder, now = live.latest(stopped.work("train")) or (Path(), None)
    assert now is not None
    live.write_live(folder, now.model_copy(update={"rows": [{"images": 8, "generator": math.nan}]}))
    told = Watched("paintings", stopped.work("train"), Judging(stopped.pixels, _nothing))
    told.judging._busy.acquire()  # no look is taken
    told.judging.__dict__["_variants"] = range(20)
    assert told.state()["rows"] == [{"images": 8}]
    assert told.state()["state"] == "stopped"


def test_no_training_is_a_sentence(stopped: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stopped.root)
    result = CliRunner().invoke(cli, ["train", "paintings", "--watch"])
    assert result.exit_code == 0
    assert "No training of paintings is in progress. Start one in another shell" in result.stderr
    assert CliRunner().invoke(cli, ["train", "paintings", "--port", "8000"]).exit_code == 2


def test_the_page_ends_with_the_training(stopped: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_page, "LINGER_S", 0.0)
    monkeypatch.setattr(watch_page, "LOOK_EVERY_S", 0.01)
    watched = Watched("paintings", stopped.work("train"), Judging(stopped.pixels, _nothing))
    addresses: list[str] = []
    watch_page.serve_watch_page(watched, 0, addresses.append)
    assert addresses[0].startswith("http://127.0.0.1:")
