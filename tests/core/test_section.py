from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.core.errors import ParamsError, UsageError
from pipeline.core.params.load import load_params
from pipeline.core.params.section import load_section
from pipeline.core.params.select import Select
from tests.project import ROOT


def written(tmp_path: Path, **sections: Any) -> Path:
    """A file of params in which some sections of the paintings are others."""
    params = yaml.safe_load((ROOT / "tests" / "default_params.yaml").read_text())
    params["collections"]["paintings"] |= sections
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(params))
    return path


def test_a_section_alone_is_what_it_is_among_all(tmp_path: Path) -> None:
    path = written(tmp_path)
    section = load_section(path, "paintings", "select", Select)
    assert section == load_params(path).collection("paintings").select


def test_a_mistake_in_it_is_told_as_among_all_and_one_elsewhere_is_for_others(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, select={"min_side": 3})
    with pytest.raises(ParamsError) as alone:
        load_section(path, "paintings", "select", Select)
    with pytest.raises(ParamsError) as among_all:
        load_params(path, only="paintings")
    assert str(alone.value) == str(among_all.value)
    with pytest.raises(UsageError, match="no collection 'painting'"):
        load_section(path, "painting", "select", Select)
    elsewhere = written(tmp_path, train={"kimg": "many"})
    assert isinstance(load_section(elsewhere, "paintings", "select", Select), Select)
