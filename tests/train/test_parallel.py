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
from safetensors.torch import load_file

from pipeline.core.paths import Paths
from tests.train import small
from train.parallel import Ranks

SALON: Final = Path(sys.executable).with_name("salon")
SETTINGS: Final[dict[str, Any]] = small.PROGAN | {"learning_rate": 1e-4}


def _run(root: Path, processes: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--no-python"]
    launcher += [f"--nproc_per_node={processes}", "--master_addr=127.0.0.1"]
    launcher += [f"--master_port={port}"]
    command = [*(launcher if processes > 1 else []), str(SALON), "train", small.COLLECTION]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=240, check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _history(root: Path) -> list[dict[str, float]]:
    with (Paths(root, small.COLLECTION).model / "history.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def test_two_processes_train_what_one_would(tmp_path: Path) -> None:
    """With gradient penalty and minibatch standard deviation, where it goes wrong most easily."""
    for processes in (1, 2):
        root = tmp_path / str(processes)
        small.build(root, SETTINGS)
        _run(root, processes)
    alone, together = (_history(tmp_path / name) for name in ("1", "2"))
    assert [row["images"] for row in alone] == [row["images"] for row in together]
    for one, two in zip(alone, together, strict=True):
        losses = {name: value for name, value in one.items() if "accuracy" not in name}
        assert {name: two[name] for name in losses} == pytest.approx(losses, rel=0.05, abs=0.02)
    weights = [
        load_file(Paths(tmp_path / name, small.COLLECTION).model / "generator.safetensors")
        for name in ("1", "2")
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, weight in weights[0].items():
        torch.testing.assert_close(weights[1][name], weight, atol=2e-3, rtol=0)


def test_shares_are_all_of_the_batch_and_keep_groups_together() -> None:
    batch = np.arange(16)
    shares = [Ranks(rank, 2).share(batch) for rank in (0, 1)]
    assert sorted(np.concatenate(shares)) == list(batch)
    groups = {tuple(batch.reshape(4, 4)[:, k]) for k in range(4)}
    assert {tuple(share.reshape(4, 2)[:, k]) for share in shares for k in (0, 1)} == groups
