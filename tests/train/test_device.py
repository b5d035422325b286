from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from train.compute import device


@pytest.mark.parametrize("stage", ["train", "evaluate", "enhance"])
def test_the_way_threads_wait_is_set_before_torch_looks(stage: str) -> None:
    code = (
        f"import sys, pipeline.stages.{stage}; loaded = list(sys.modules);"
        "assert loaded.index('train') < loaded.index('torch');"
        "import os; print(os.environ['GOMP_SPINCOUNT'])"
    )
    environment = {k: v for k, v in os.environ.items() if k != "GOMP_SPINCOUNT"}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "1000"


def test_what_decides_the_last_bits_is_fixed_and_written_down() -> None:
    device.make_deterministic(threads=2)
    compute = device.find()
    assert torch.are_deterministic_algorithms_enabled()
    description = compute.description
    if compute.device.type == "cpu":
        assert description["threads"] == torch.get_num_threads() == 2
    assert description["torch"] == torch.__version__
    assert description["precision"] == ("bfloat16" if compute.bfloat16 else "float32")
    assert device.find() == compute
    device.make_deterministic()
    assert torch.get_num_threads() == 1
