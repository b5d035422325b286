"""Whether the distances of two models can be compared, and what is said where they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.files import write_json
from pipeline.core.paths import Paths
from pipeline.versions.results import results
from pipeline.versions.revision import Version, open_version
from tests.small_project import EVALUATION


def _judged(root: Path, **facts: Any) -> Version:
    """A workspace with an evaluation that differs in ``facts``."""
    (root / ".dvc").mkdir(parents=True)
    write_json(Paths(root, "mine").evaluation / "evaluation.json", EVALUATION | facts)
    return open_version(root, None)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"kid": {}, "images": {"each_side": 3}}, ""),
        (
            {"images": {"each_side": 1054, "held_out": 8}},
            "not comparable: judged against 32 and 1,054 images",
        ),
        (
            {"features": {"name": "others"}},
            "not comparable: judged by the features of small-features and others",
        ),
    ],
)
def test_distances_are_compared_where_they_can_be(
    tmp_path: Path, facts: dict[str, Any], words: str
) -> None:
    old, new = _judged(tmp_path / "old"), _judged(tmp_path / "new", **facts)
    assert results(old, new, ("mine", "mine")).not_comparable == words
