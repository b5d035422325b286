"""What may leave: labels that were asked for, and nobody who said no, then or since."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipeline.core.errors import UsageError
from pipeline.export import wording
from pipeline.export.contents import ExportOptions
from pipeline.export.export import export_version
from tests.export.conftest import Collection
from tests.export.exhibition import NAME, build, exhibits


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "LICENSES.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "labels", [(), ("Public domain",), ("Fair Use",), ("Fair Use", "Public domain")]
)
def test_only_images_with_the_labels_asked_for_leave(
    labels: tuple[str, ...], exported: Callable[..., Path], collection: Collection
) -> None:
    left = {row["image_id"]: row["rights"] for row in rows(exported("webdataset", "64", *labels))}
    assert left == {each.image_id: each.rights for each in collection.shown if each.leaves(*labels)}


def test_any_takes_all_but_those_who_opted_out_and_says_so_aloud(
    exported: Callable[..., Path], collection: Collection
) -> None:
    folder = exported("webdataset", "64", "any")
    may_leave = {each.image_id for each in collection.shown if each.kept and not each.opted_out}
    assert {row["image_id"] for row in rows(folder)} == may_leave
    unlabelled = sum(e.rights is None for e in collection.shown if e.image_id in may_leave)
    loud = (
        f"WARNING: exported with `--rights any`: images are here whatever their rights label, "
        f"{unlabelled} images without any. Nobody has checked that they may be used or passed on."
    )
    for name in ("README.md", "DATASHEET.md"):
        assert f"> **{loud}**" in (folder / name).read_text()
    assert loud in json.loads((folder / "croissant.json").read_text())["usageInfo"]
    quiet = exported("webdataset", "64")
    for name in ("README.md", "DATASHEET.md", "croissant.json"):
        assert "WARNING" not in (quiet / name).read_text()


def test_what_stays_behind_is_counted_with_the_labels_there_are(
    collection: Collection, tmp_path: Path
) -> None:
    contents = collection.export(tmp_path, "webdataset", "64", "Public domain").contents
    may = [each for each in collection.shown if each.kept and not each.opted_out]
    stays = {label: sum(e.rights == label for e in may) for label in {e.rights for e in may}}
    assert contents.rights_of_version == stays
    assert contents.refused == {k: n for k, n in stays.items() if k != "Public domain"}
    assert contents.withheld == {"opted out": 1}
    assert contents.images == stays["Public domain"]
    readme = (tmp_path / "README.md").read_text()
    assert f"no label ({stays[None]})" in readme
    assert "Left behind, opted out: 1." in readme


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("public domain", r" \(did you mean 'Public domain'\?\)"),
        ("CC0", ""),
    ],
)
def test_a_label_that_no_image_has_is_an_error_that_names_those_there_are(
    label: str, meant: str, collection: Collection, tmp_path: Path
) -> None:
    said = (
        rf"--rights '{label}': no image has that label{meant}; the images are labelled: "
        rf"Public domain \(\d+\), .*no label \(\d+\); .* take all with --rights any"
    )
    with pytest.raises(UsageError, match=said):
        collection.export(tmp_path / "out", "folder", "64", label)
    assert not (tmp_path / "out").exists()


def test_where_no_image_has_a_label_none_leaves_unasked(tmp_path: Path) -> None:
    build(tmp_path, [replace(each, rights=None) for each in exhibits(4)])
    (tmp_path / "out").mkdir()
    said = (
        r"no image may leave: the images are labelled: no label \(4\); name what may leave with "
        r"--rights LABEL, or take all with --rights any, at your own risk"
    )
    with pytest.raises(UsageError, match=said):
        export_version(tmp_path, ExportOptions(NAME, "folder", "64", False, ()), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_head_of_the_readme_says_what_the_hub_asks(exported: Callable[..., Path]) -> None:
    text = (exported("folder", "64") / "README.md").read_text()
    head = yaml.safe_load(re.split(r"^---$", text, flags=re.MULTILINE)[1])
    assert (head["license"], head["license_link"]) == ("other", "LICENSES.csv")
    assert head["size_categories"] == ["n<1K"]
    assert [each["split"] for each in head["configs"][0]["data_files"]] == ["train", "held_out"]


def test_text_from_the_web_makes_no_markup(exported: Callable[..., Path]) -> None:
    sheet = (exported("folder", "64") / "DATASHEET.md").read_text()
    assert "| enzo-&lt;b>falk&lt;/b> |" in sheet
    assert "<b>" not in sheet


def test_own_files_are_described_as_such(collection: Collection, tmp_path: Path) -> None:
    of_a_site = collection.export(tmp_path, "webdataset", "64", "Public domain").contents
    own = replace(of_a_site, sources=["files"])
    assert "robots.txt" in wording.collection_process(of_a_site)
    assert "robots.txt" not in wording.collection_process(own)
    assert wording.collection_process(own).startswith("The images are own files, which Salon read ")
    assert "The labels are the site's word;" in wording.rights_words(of_a_site)
    assert "The labels are the word of the tables and texts beside" in wording.rights_words(own)
