from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.core import tables
from pipeline.core.schema import VARIANTS
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply, compose, inverse
from tests.small_project import build

PICTURE = np.arange(5 * 5 * 3, dtype=np.uint8).reshape(5, 5, 3)

PILLOW = {
    Symmetry.ROT90: Image.Transpose.ROTATE_90,
    Symmetry.ROT180: Image.Transpose.ROTATE_180,
    Symmetry.ROT270: Image.Transpose.ROTATE_270,
    Symmetry.FLIP_LEFT_RIGHT: Image.Transpose.FLIP_LEFT_RIGHT,
    Symmetry.FLIP_TOP_BOTTOM: Image.Transpose.FLIP_TOP_BOTTOM,
    Symmetry.TRANSPOSE: Image.Transpose.TRANSPOSE,
    Symmetry.TRANSVERSE: Image.Transpose.TRANSVERSE,
}


@pytest.mark.parametrize(("symmetry", "method"), PILLOW.items(), ids=str)
def test_symmetries_mean_what_pillow_means(symmetry: Symmetry, method: Image.Transpose) -> None:
    expected = np.asarray(Image.fromarray(PICTURE).transpose(method))
    assert np.array_equal(apply(symmetry, PICTURE), expected)


def test_composition_is_one_after_the_other() -> None:
    for first in SYMMETRIES:
        for second in SYMMETRIES:
            after = apply(second, apply(first, PICTURE))
            assert np.array_equal(apply(compose(second, first), PICTURE), after)


def test_every_symmetry_can_be_undone() -> None:
    for symmetry in SYMMETRIES:
        assert np.array_equal(apply(inverse(symmetry), apply(symmetry, PICTURE)), PICTURE)


def test_the_docs_read_a_variant_as_it_is_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "tables.md").read_text()
    [code] = re.findall(r"```python\n(.*?)```", page, re.S)
    paths = build(tmp_path)
    monkeypatch.chdir(tmp_path)
    read: dict[str, Any] = {}
    exec(code, read)  # noqa: S102 - our own page
    shard, first = read["shard"], read["first"]
    assert set(read["turns"]) == set(SYMMETRIES)
    for symmetry in SYMMETRIES:
        assert np.array_equal(read["turns"][symmetry](shard[3]), apply(symmetry, shard[3]))
    assert np.array_equal(read["pixels"], apply(Symmetry(first["transform"]), shard[first["row"]]))
    variants = tables.read(paths.table("variants"), VARIANTS)
    assert 0 < len(read["train"]) < variants.num_rows
    assert set(read["train"]["split"]) == {"train"}
