"""Two processes under torchrun against one, on the same images and latents."""

from __future__ import annotations

import csv
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from safetensors.torch import load_file

from pipeline.core import tables
from pipeline.core.errors import TrainingError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.schema import VARIANTS, Split
from pipeline.stages.train import run
from tests.train import small
from train.compute.device import Compute
from train.compute.ranks import Ranks
from train.data.variants import Variants
from train.loop.training import Training

SALON: Final = Path(sys.executable).with_name("salon")
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "gradient penalty": small.PROGAN | {"learning_rate": 1e-4},
    "classes and adaptive augmentation": small.RESIDUAL
    | {"learning_rate": 1e-4, "kimg": 0.064, "penalty_every": 1}
    | {"condition": "creator", "class_balanced": True, "augment": ("translate", "geometric")}
    | {"augment_target": 0.25, "augment_ramp_kimg": 0.1, "seed": 15}
    | {"checkpoint_every_kimg": 1.0},
}
"""With the last seed, logits of both processes together let more images be augmented, those of the
first alone would not; a checkpoint would make the two agree."""


def _run_two(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = [sys.executable, "-m", "torch.distributed.run", "--no-python", "--nproc_per_node=2"]
    start += ["--master_addr=127.0.0.1", f"--master_port={port}"]
    return subprocess.run(
        [*start, *command], cwd=cwd, capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def _history(root: Path) -> list[dict[str, float]]:
    with (Paths(root, small.COLLECTION).model / "history.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("kind", SETTINGS)
def test_two_processes_train_what_one_would(kind: str, tmp_path: Path) -> None:
    """Where it goes wrong most easily; all with minibatch standard deviation."""
    params: Train = TypeAdapter(Train).validate_python(SETTINGS[kind])
    run(small.build(tmp_path / "1", SETTINGS[kind]), params)
    small.build(tmp_path / "2", SETTINGS[kind])
    done = _run_two(str(SALON), "train", small.COLLECTION, cwd=tmp_path / "2")
    assert done.returncode == 0, done.stderr
    alone, together = (_history(tmp_path / name) for name in ("1", "2"))
    for name in ("images", "augmented"):
        assert [row.get(name) for row in alone] == [row.get(name) for row in together]
    assert alone[-1].get("augmented", 1.0) > 0.3
    for row, two in zip(alone, together, strict=True):
        losses = {name: value for name, value in row.items() if "accuracy" not in name}
        assert {name: two[name] for name in losses} == pytest.approx(losses, rel=0.05, abs=0.02)
    weights = [
        load_file(Paths(tmp_path / name, small.COLLECTION).model / "generator.safetensors")
        for name in ("1", "2")
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, weight in weights[0].items():
        torch.testing.assert_close(weights[1][name], weight, atol=2e-3, rtol=0)


def test_processes_without_a_shared_folder_do_not_train_apart(tmp_path: Path) -> None:
    """The same data in two folders, as on two hosts that each have a copy of the project."""
    for rank in (0, 1):
        small.build(tmp_path / str(rank), small.RESIDUAL)
    script = f'cd "$LOCAL_RANK" && exec "{SALON}" train {small.COLLECTION}; '
    done = _run_two("sh", "-c", script, cwd=tmp_path)
    assert done.returncode != 0
    for rank in (0, 1):
        assert f"{tmp_path / str(rank)}/work/train/{small.COLLECTION}" in done.stderr
    assert done.stderr.count(f"begin apart: the one on {socket.gethostname()} with") == 2
    assert not Paths(tmp_path / "0", small.COLLECTION).model.exists()


def test_a_process_that_is_gone_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words of gloo when one of two hosts' processes was killed."""

    def fail(*_: object) -> None:
        raise RuntimeError(
            "[/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:537] Read error "
            "[10.77.0.12]:19678: Connection reset by peer. This is typically caused by a remote "
            "worker hanging or bugs in the application."
        )

    monkeypatch.setattr("torch.distributed.all_reduce", fail)
    words = r"gone, as \S+ notices \(Read error \[10.77.0.12\]:19678: Connection reset by peer\);"
    with pytest.raises(TrainingError, match=words):
        Ranks(0, 2).average([torch.zeros(2)])
    with pytest.raises(TrainingError, match=words):
        Ranks(0, 2).any(False, torch.device("cpu"))


def test_a_batch_that_cannot_be_shared_evenly_is_one_sentence(tmp_path: Path) -> None:
    paths = small.build(tmp_path, small.RESIDUAL)
    params: Train = TypeAdapter(Train).validate_python(small.RESIDUAL)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    three = Compute(torch.device("cpu"), bfloat16=False, ranks=Ranks(0, 3))
    with pytest.raises(TrainingError, match=r"8 images .* by 3 processes; .* multiple of 12"):
        Training(params, three, paths.pixels, variants, tmp_path / "run")


def test_shares_are_all_of_the_batch_and_keep_groups_together() -> None:
    batch = np.arange(16)
    shares = [Ranks(rank, 2).share(batch) for rank in (0, 1)]
    assert sorted(np.concatenate(shares)) == list(batch)
    groups = {tuple(batch.reshape(4, 4)[:, k]) for k in range(4)}
    assert {tuple(share.reshape(4, 2)[:, k]) for share in shares for k in (0, 1)} == groups
