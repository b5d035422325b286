"""What is said of params that no training can satisfy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ParamsError
from pipeline.core.params.load import load_params
from tests.train import small

RESIDUAL, DCGAN = small.RESIDUAL, small.DCGAN


@pytest.mark.parametrize(
    ("train", "said"),
    [
        (
            RESIDUAL | {"batch": 15},
            (
                "train: batch: minibatch_std_group compares 4 images; write a multiple of 4, "
                "such as 12 or 16, not 15"
            ),
        ),
        (RESIDUAL | {"batch": 3}, "write a multiple of 4, such as 4, not 3"),
        (DCGAN | {"batch": 15}, "half is fake; write a multiple of 2, such as 14 or 16, not 15"),
        (
            DCGAN | {"model": "dcgen"},
            "name one of dcgan, progan, residual, not 'dcgen' (did you mean 'dcgan'?)",
        ),
        (DCGAN | {"seed": 2**63}, "less than 9223372036854775808"),
        (
            RESIDUAL | {"resolution": 256, "channels_base": 256},
            "paintings: train.resolution is 256, and the largest of ingest.sizes is 64",
        ),
        (
            small.PROGAN | {"resolution": 512, "channels_base": 512},
            (
                "train.resolution is 512, and the largest of ingest.sizes is 64; lower the one or "
                "add to the other (64 and 256 can be stored)"
            ),
        ),
    ],
)
def test_params_that_fit_nothing_are_refused_at_once(
    tmp_path: Path, train: dict[str, Any], said: str
) -> None:
    small.write_params(tmp_path, json.loads(json.dumps(train)))  # YAML has no tuples
    with pytest.raises(ParamsError) as caught:
        load_params(tmp_path / "params.yaml")
    assert said in str(caught.value)
