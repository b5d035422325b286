"""What the tests of training share.

Torch is imported late: at the top it would come before `train`, which sets how its threads wait.
"""

from __future__ import annotations

import pytest

from train.compute.device import Compute, make_deterministic


@pytest.fixture(scope="session", autouse=True)
def _deterministic() -> None:
    make_deterministic()


@pytest.fixture(scope="session")
def cpu() -> Compute:
    """The CPU in 32 bits: exact enough to compare with formulas."""
    import torch

    return Compute(torch.device("cpu"), bfloat16=False)
