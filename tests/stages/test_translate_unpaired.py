"""A translation between two collections, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from safetensors.numpy import load_file

from pipeline.core.errors import ParamsError, TableError, TrainingError, UsageError
from pipeline.core.paths import TranslationPaths
from pipeline.core.schema import LISTINGS, VARIANTS
from pipeline.core.tables import from_rows, read, write
from tests.stages.translated import judge, ok, refused, train_and_judge
from tests.train import pairs, small, two


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TranslationPaths:
    """A translation that was trained and judged."""
    return train_and_judge(two.build(tmp_path_factory.mktemp("trained")))


def test_what_is_promised_is_published(trained: TranslationPaths) -> None:
    results = json.loads((trained.evaluation / "evaluation.json").read_text())
    assert results["kind"] == "unpaired"
    for way in ("forth", "back"):
        assert results[way]["truth"]["count"] == 42
        assert (trained.sheets / f"{way}.png").exists()
    assert (trained.evaluation / "film_strip.png").exists()
    assert (trained.evaluation / "curves" / "cycle.csv").exists()
    page = trained.report.read_text()
    assert "Pictures of photographs as if they were of paintings, and back" in page
    assert f"{results['back']['truth']['psnr']['trivial']:.2f}" in page
    assert "its input, what was made of it while the training went on, what came back" in page


def test_model_and_status_tell_of_it(trained: TranslationPaths) -> None:
    told = ok(trained.root, "model", two.NAME)
    assert "photographs to paintings: " in told
    assert "unpaired translation, there and back at 32 px" in told
    assert "126 variants" not in told
    assert "252 variants of 36 images" in told
    status = " ".join(ok(trained.root, "status").split())
    assert "unframed pictures photographs to paintings and back at 32 px model 0.04 kimg" in status
    answer = json.loads(ok(trained.root, "status", "--json"))["translations"][two.NAME]
    assert answer["task"] is None
    assert answer["psnr"] > 0
    assert answer["trivial_kid"] is not None


def test_pictures_go_there_and_back(trained: TranslationPaths, tmp_path: Path) -> None:
    picture = tmp_path / "print.png"
    Image.fromarray(small.pictures(1, 64)[0]).save(picture)
    words = ("translate", two.NAME, str(picture), "--out")
    ok(trained.root, *words, str(tmp_path / "there"))
    ok(trained.root, *words, str(tmp_path / "back"), "--back")
    made = [np.asarray(Image.open(tmp_path / way / "print.png")) for way in ("there", "back")]
    assert made[0].shape == (32, 32, 3)
    assert not np.array_equal(made[0], made[1])
    error = refused(trained.root, *words, str(tmp_path / "derived"), "--derive")
    assert isinstance(error, UsageError)
    assert "takes whole pictures, so there is nothing to derive; leave it out" in str(error)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"target": two.PHOTOGRAPHS}, ": target: photographs is the collection itself; name anoth"),
        ({"target": "painting"}, ".target: there is no collection 'painting' (did you mean 'paint"),
        ({"resolution": 256}, ".resolution is 256, and the largest of ingest.sizes of paintings i"),
        ({"truth": "title"}, ".truth: Input should be 'listing_id', not 'title'"),
        ({"task": "grey"}, ".task: there is no such key"),
        ({"pool": -1}, ".pool: Input should be greater than or equal to 0, not -1"),
    ],
)
def test_a_wrong_param_is_told(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    two.build(tmp_path, **changes)
    error = refused(tmp_path, "translate", two.NAME)
    assert isinstance(error, ParamsError)
    assert f"params.yaml: translations.{two.NAME}" in str(error)
    assert says in str(error)


def test_both_collections_are_needed(tmp_path: Path) -> None:
    paths = two.build(tmp_path)
    table = paths.aim.table("variants")
    write(table, VARIANTS, from_rows(VARIANTS, []))
    error = refused(tmp_path, "translate", two.NAME)
    assert isinstance(error, TrainingError)
    assert f"{table}: no image is left to train on; see" in str(error)
    table.unlink()
    assert isinstance(refused(tmp_path, "translate", two.NAME), TableError)


def test_a_truth_that_no_listing_has_is_told_and_left_out_without_a_training(
    tmp_path: Path,
) -> None:
    paths = two.build(tmp_path)
    table = paths.aim.table("listings")
    listed = read(table, LISTINGS)
    strangers = [f"stranger-{number:02}" for number in range(len(listed))]
    place = listed.column_names.index("listing_id")
    field = LISTINGS.arrow.field("listing_id")
    write(table, LISTINGS, listed.set_column(place, field, pa.array(strangers)))
    ok(tmp_path, "translate", two.NAME)
    error = refused(tmp_path, "evaluate-translation", two.NAME)
    assert isinstance(error, ParamsError)
    told = str(error)
    assert "params.yaml: translations.unframed.truth: no image of photographs has the lis" in told
    assert "'stranger-00'); give both of a pair one id, or leave truth out (nothing" in told
    weights = load_file(paths.model / "generator.safetensors")
    params = {**two.UNPAIRED, "target": small.COLLECTION, "truth": None}
    pairs.write(tmp_path, {two.NAME: params})
    assert "translate: goes on after 40 of 40 images" in ok(tmp_path, "translate", two.NAME)
    again = load_file(paths.model / "generator.safetensors")
    assert again.keys() == weights.keys()
    assert all(np.array_equal(again[name], weights[name]) for name in weights)
    assert "forth 42 pictures" in judge(paths)


def test_a_translation_within_a_collection_has_no_way_back(tmp_path: Path) -> None:
    paths = pairs.build(tmp_path, kimg=0.004)
    ok(tmp_path, "translate", pairs.NAME)
    weights = str(paths.model / "generator.safetensors")
    (tmp_path / "a.png").write_bytes((paths.model / "samples" / "000000000.png").read_bytes())
    error = refused(tmp_path, "translate", weights, "a.png", "--back", "--out", "out")
    assert isinstance(error, UsageError)
    assert "is a translation that goes one way; leave it out" in str(error)
