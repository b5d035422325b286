"""Each format read by its own reader: every picture and fact that the tables promise, and no more.

Each reader was caught by some fault once (a split whose name it does not know, a number where text
was meant, a label that only some have); the collection holds a bait for each.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.core.ids import sha256_hex
from pipeline.export.exported_items import FACTS, folder_name
from tests.export import readers
from tests.export.conftest import Collection
from tests.export.exhibition import TRANSFORMS, Exhibit, square
from tests.export.stylegan3 import Archive

Export = Callable[..., Path]
SPLITS = ("train", "held_out")


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where mlcroissant unpacks archives."""
    return tmp_path_factory.mktemp("croissant")


def expected(shown: list[Exhibit], split: str, *, variants: bool) -> dict[str, tuple[Exhibit, str]]:
    """The pictures that a split must hold, by key."""
    transforms = TRANSFORMS if variants else ("identity",)
    return {
        each.image_id + ("" if transform == "identity" else f"-{transform}"): (each, transform)
        for each in shown
        for transform in transforms
        if each.leaves() and each.split == split
    }


def check_facts(facts: dict[str, Any], each: Exhibit, transform: str, classes: list[str]) -> None:
    """Nothing was guessed, rounded or lost on the way into a reader."""
    assert classes[facts["label"]] == each.class_name
    assert facts | {"label": 0} == {
        "key": each.image_id + ("" if transform == "identity" else f"-{transform}"),
        "image_id": each.image_id,
        "transform": transform,
        "split": each.split,
        "label": 0,
        "rights": each.rights,
        "page_url": f"https://www.wikiart.org/en/{each.number}",
        "image_url": f"https://uploads0.wikiart.org/images/{each.number}.jpg!Large.jpg",
        "source": "wikiart",
        "listing_id": f"{each.number:05d}",
        "captured": each.capture,
        "creator": each.class_name,
        "creator_name": each.creator and each.creator.title(),
        "title": "NA" if each.number == 4 else f"Field, no. {each.number}\n",
        "model": None,
        "reference": None,
        "year": each.year,
        "style": None,
        "genre": None,
        "media": None,
        "width": 200 if each.number % 6 == 3 else 80,
        "height": 200 if each.number % 6 == 3 else 80,
    }


def of_facts(row: dict[str, Any]) -> dict[str, Any]:
    return {fact.name: row[fact.name] for fact in FACTS}


def class_names(folder: Path) -> list[str]:
    names: list[str] = json.loads((folder / "classes.json").read_text())
    return names


@pytest.mark.parametrize("form", ["folder", "parquet", "webdataset"])
def test_datasets_finds_every_square_in_both_splits(
    form: str, exported: Export, collection: Collection, tmp_path: Path
) -> None:
    folder = exported(form, "64", variants=True)
    read = readers.hugging_face(folder, tmp_path)
    assert set(read) == set(SPLITS)
    classes = class_names(folder)
    for split in SPLITS:
        missing = expected(collection.shown, split, variants=True)
        assert len(read[split]) == len(missing) > 4
        for row in read[split]:
            facts = row["json"] if form == "webdataset" else of_facts(row)
            each, transform = missing.pop(facts["key"])
            check_facts(facts, each, transform, classes)
            picture = row["png"] if form == "webdataset" else row["image"]
            assert np.array_equal(readers.pixels(picture), square(each, 64, transform))
            if form == "webdataset":
                assert (row["__key__"], row["cls"]) == (facts["key"], facts["label"])
        assert not missing
        labels = read[split].features["cls" if form == "webdataset" else "label"]
        names = {each.class_name for each in collection.shown}
        assert labels.names == classes == sorted(names, key=folder_name)


@pytest.mark.parametrize("form", ["folder", "parquet"])
def test_datasets_finds_every_image_as_it_was_fetched(
    form: str, exported: Export, collection: Collection, tmp_path: Path
) -> None:
    folder = exported(form, "original")
    read = readers.hugging_face(folder, tmp_path)
    for split in SPLITS:
        missing = expected(collection.shown, split, variants=False)
        for row in read[split]:
            each, _ = missing.pop(row["key"])
            check_facts(of_facts(row), each, "identity", class_names(folder))
            with Image.open(io.BytesIO(each.data)) as fetched:
                assert row["image"].mode == fetched.mode
                assert np.array_equal(readers.pixels(row["image"]), readers.pixels(fetched))
        assert not missing


def test_originals_of_several_kinds_have_shards_of_their_own_and_must_be_asked_for(
    exported: Export, collection: Collection, tmp_path: Path
) -> None:
    folder = exported("webdataset", "original")
    with pytest.raises(ValueError, match=r"Config name is missing"):
        readers.hugging_face(folder, tmp_path)
    missing = {split: set(expected(collection.shown, split, variants=False)) for split in SPLITS}
    for kind in ("jpg", "png"):
        read = readers.hugging_face(folder, tmp_path, kind)
        for split in SPLITS:
            for row in read[split]:
                missing[split].remove(row["__key__"])
                assert row["json"]["title"] is not None
                assert row[kind].format == {"jpg": "JPEG", "png": "PNG"}[kind]
    assert missing == {"train": set(), "held_out": set()}


@pytest.mark.parametrize("size", ["64", "original"])
def test_webdataset_finds_whole_samples(
    size: str, exported: Export, collection: Collection
) -> None:
    folder = exported("webdataset", size, variants=size == "64")
    for split in SPLITS:
        missing = expected(collection.shown, split, variants=size == "64")
        samples = readers.webdataset(sorted(folder.glob(f"{split}-*.tar")))
        for sample in samples:
            each, transform = missing.pop(sample["__key__"])
            kind = "png" if size == "64" else each.kind
            assert {k for k in sample if not k.startswith("__")} == {kind, "json", "cls"}
            check_facts(sample["json"], each, transform, class_names(folder))
            assert sample["cls"] == sample["json"]["label"]
            if size == "64":
                assert np.array_equal(readers.pixels(sample[kind]), square(each, 64, transform))
        assert not missing


def test_what_a_sample_is_made_of_lies_together_and_the_bytes_are_those_that_came(
    exported: Export, collection: Collection
) -> None:
    sha256 = {each.image_id: each.sha256 for each in collection.shown}
    for shard in sorted(exported("webdataset", "original").glob("*.tar")):
        with tarfile.open(shard) as archive:
            names = archive.getnames()
            keys = [name.partition(".")[0] for name in names]
            assert keys == sorted(keys)
            assert [n.partition(".")[2] for n in names] == [
                shard.name.split("-")[1],
                "json",
                "cls",
            ] * (len(names) // 3)
            for name in names[::3]:
                file = archive.extractfile(name)
                assert file is not None
                assert sha256_hex(file.read()) == sha256[name.partition(".")[0]]


@pytest.mark.parametrize("size", ["64", "256"])
def test_stylegan_finds_one_shape_and_a_label_for_each(
    size: str, exported: Export, collection: Collection
) -> None:
    variants = size == "64"
    folder = exported("stylegan", size, variants=variants)
    classes = class_names(folder)
    for split in SPLITS:
        missing = expected(collection.shown, split, variants=variants)
        archive = Archive(folder / f"{split}.zip")
        assert archive.shape == (3, int(size), int(size))
        for label, (name, picture) in zip(archive.labels, archive.pictures().items(), strict=True):
            each, transform = missing.pop(Path(name).stem)
            assert classes[label] == each.class_name
            assert np.array_equal(picture.transpose(1, 2, 0), square(each, int(size), transform))
        assert not missing
        archive.close()
    train = Archive(folder / "train.zip")
    assert train.classes == len(classes), "labels are 0 to the number of classes, without gaps"
    train.close()


def test_nothing_but_samples_lies_in_an_archive(exported: Export) -> None:
    with zipfile.ZipFile(exported("stylegan", "64") / "train.zip") as archive:
        assert archive.testzip() is None
        others = [name for name in archive.namelist() if not name.endswith(".png")]
        assert others == ["dataset.json"]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_datasets_does_not_take_a_stylegan_archive_for_half_a_dataset(
    exported: Export, collection: Collection, tmp_path: Path
) -> None:
    read = readers.hugging_face(exported("stylegan", "64"), tmp_path)
    for split in SPLITS:
        keys = {row["key"] for row in read[split]}
        assert keys == set(expected(collection.shown, split, variants=False))


def test_class_folders_are_numbered_alike_by_all_who_sort_them(
    exported: Export, collection: Collection
) -> None:
    folder = exported("folder", "original")
    classes, samples = readers.image_folder(folder / "train" / "images")
    assert len(classes) == len(class_names(folder))
    missing = expected(collection.shown, "train", variants=False)
    for path, index in samples:
        each, _ = missing.pop(path.stem)
        assert class_names(folder)[index] == each.class_name
    assert not missing


@pytest.mark.parametrize("form", ["folder", "webdataset", "stylegan", "parquet"])
def test_croissant_is_valid_and_leads_to_every_record(
    form: str, exported: Export, collection: Collection, unpacked: Path
) -> None:
    folder = exported(form, "64", variants=True)
    read, issues = readers.croissant(folder, unpacked)
    assert issues == []
    rows = readers.records(read, "images")
    missing = {
        key: pair
        for split in SPLITS
        for key, pair in expected(collection.shown, split, variants=True).items()
    }
    pictures = (
        {row["key"]: row["picture"] for row in rows}
        if form == "parquet"
        else {
            Path(row["filename"]).stem: row["picture"] for row in readers.records(read, "pictures")
        }
    )
    assert len(pictures) == len(rows) == len(missing)
    for row in rows:
        each, transform = missing.pop(row["key"])
        check_facts(of_facts(row), each, transform, class_names(folder))
        picture = readers.pixels(pictures[row["key"]])
        assert np.array_equal(picture, square(each, 64, transform))
    assert not missing
    assert {row["name"]: row["url"] for row in readers.records(read, "splits")} == {
        "train": "cr:TrainingSplit",
        "held_out": "cr:TestSplit",
    }


def test_originals_of_several_kinds_are_valid_croissant_too(
    exported: Export, collection: Collection, unpacked: Path
) -> None:
    read, issues = readers.croissant(exported("webdataset", "original"), unpacked)
    assert issues == []
    names = {Path(row["filename"]).name for row in readers.records(read, "pictures")}
    assert names == {f"{e.image_id}.{e.kind}" for e in collection.shown if e.leaves()}


def test_licenses_lead_from_each_picture_to_its_page(
    exported: Export, collection: Collection
) -> None:
    import csv

    folder = exported("folder", "original")
    with (folder / "LICENSES.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_id = {each.image_id: each for each in collection.shown if each.leaves()}
    for row in rows:
        each = by_id.pop(row["image_id"])
        assert (folder / row["file"]).read_bytes() == each.data
        assert row["rights"] == each.rights
        assert row["page_url"] == f"https://www.wikiart.org/en/{each.number}"
    assert not by_id


def _texts(folder: Path) -> Iterable[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["folder", "webdataset", "stylegan", "parquet"])
def test_prose_contacts_and_who_opted_out_never_leave(
    form: str, exported: Export, collection: Collection
) -> None:
    opted_out = next(each for each in collection.shown if each.opted_out)
    for text in _texts(exported(form, "64", "any", variants=True)):
        for secret in ("somebody's prose", "ana@example.org", opted_out.image_id):
            assert secret.encode() not in text
