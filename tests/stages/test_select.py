from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.core import tables
from pipeline.core.errors import ParamsError, TableError
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import SELECTION
from pipeline.stages import select
from tests.decision_tables import decision, image, inputs, listing, pair, score, write_inputs

NAMES = [str(number) for number in range(40)]


def collection(tmp_path: Path, shuffle: int | None = None) -> Paths:
    images = [image(name, width=300 + 20 * int(name)) for name in NAMES]
    pairs = [pair(a, b) for a, b in zip(NAMES[::3], NAMES[1::3], strict=False)]
    scores = [score(name, int(name) / 4) for name in NAMES]
    decisions = [decision("keep", "39"), decision("remove", "0")]
    if shuffle is not None:
        for rows in (images, pairs, scores, decisions):
            random.Random(shuffle).shuffle(rows)
    return write_inputs(
        tmp_path, "paintings", inputs(images, pairs=pairs, scores=scores, decisions=decisions)
    )


def test_table_funnel_and_last_line_tell_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = collection(tmp_path)
    select.run(paths, Select())
    selection = tables.read(paths.table("selection"), SELECTION)
    funnel = json.loads(paths.funnel.read_text())
    assert funnel["rejected"] == tables.counts(selection, "reason")
    assert funnel["kept"] == tables.counts(selection, "status")["keep"]
    assert funnel["overruled"] == {"aspect_ratio": 1}
    said = capsys.readouterr().err
    total = sum(funnel["rejected"].values())
    assert f"select paintings: 40 images = {funnel['kept']} kept + {total} rejected (" in said


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for shuffle in (None, 1, 2):
        paths = collection(tmp_path / str(shuffle), shuffle)
        select.run(paths, Select())
        written.append((paths.table("selection").read_bytes(), paths.funnel.read_bytes()))
    assert written[0] == written[1] == written[2]


LISTED = [listing("1", "a", rights="Public domain"), listing("2", "b", rights="Fair use")]
THERE = "there are: 'Fair use', 'Public domain'"


def labelled(root: Path) -> Paths:
    scores = [score("a", 1.0)]
    tables_ = inputs([image("a"), image("b")], listings=LISTED, scores=scores)
    return write_inputs(root, "paintings", tables_)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        (
            Select(rights=("Public domain", "cc0")),
            f"warning: select.rights: nothing here has 'cc0'; {THERE}",
        ),
        (
            Select(refused_overlays=("overlai",)),
            (
                "warning: select.refused_overlays: nothing here has 'overlai' (did you mean "
                "'overlay'?); there are: 'overlay'"
            ),
        ),
    ],
)
def test_a_name_that_nothing_has_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], params: Select, says: str
) -> None:
    select.run(labelled(tmp_path), params)
    assert says in capsys.readouterr().err.splitlines()


def test_rights_that_no_listing_has_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ParamsError) as caught:
        select.run(labelled(tmp_path), Select(rights=("public domain",)))
    assert str(caught.value) == (
        "select.rights: nothing here has 'public domain' (did you mean 'Public domain'?); " + THERE
    )


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    paths = collection(tmp_path)
    paths.table("pairs").unlink()
    with pytest.raises(TableError, match=r"pairs\.parquet: missing; run `dvc repro`"):
        select.run(paths, Select())
    assert not paths.table("selection").exists()
