"""What `salon export` writes is captured by ``origin: files`` as what it was made of."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pipeline.core import tables
from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS
from pipeline.stages import parse, scrape
from scrapers.capture import Capture
from tests.export.conftest import Collection
from tests.export.exhibition import Exhibit, square

Export = Callable[..., Path]


def read_back(export: Path, root: Path) -> dict[str, dict[str, Any]]:
    """The listing of each picture of the export, and its bytes, by its image id."""
    paths = Paths(root, "back")
    asked = {"origin": "files", "path": str(export), "as_of": "2026-11-30"}
    scrape.run(paths, Scrape.model_validate(asked))
    parse.run(paths, Parse())
    capture = Capture(paths.capture("2026-11-30"))
    bodies = {row["url"]: capture.body(row) for row in capture.manifest().to_pylist()}
    listings = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    return {row["image_id"]: {**row, "body": bodies[row["image_url"]]} for row in listings}


@pytest.mark.parametrize("form", ["folder", "webdataset", "parquet"])
def test_originals_come_back_as_they_were(
    exported: Export, collection: Collection, tmp_path: Path, form: str
) -> None:
    told = read_back(exported(form, "original", "any"), tmp_path)
    shown = {each.image_id: each for each in collection.shown if each.kept and not each.opted_out}
    assert told.keys() == shown.keys()
    for image_id, row in told.items():
        check(row, shown[image_id])


@pytest.mark.parametrize("form", ["stylegan", "folder"])
def test_squares_come_back_as_they_left(
    exported: Export, collection: Collection, tmp_path: Path, form: str
) -> None:
    told = {str(row["listing_id"]): row for row in read_back(exported(form), tmp_path).values()}
    shown = {f"{each.number:05d}": each for each in collection.shown if each.leaves()}
    assert told.keys() == shown.keys()
    for listing_id, row in told.items():
        each = shown[listing_id]
        check(row, each)
        with Image.open(io.BytesIO(row["body"])) as picture:
            assert np.array_equal(np.asarray(picture), square(each, 64))
        assert each.image_id in str(row["sheet"])


def check(row: dict[str, Any], each: Exhibit) -> None:
    """The facts of one picture."""
    assert row["creator"] == each.creator
    assert row["rights"] == each.rights
    assert row["year"] == each.year
    assert row["listing_id"] == f"{each.number:05d}"
    assert row["page_url"] == f"https://www.wikiart.org/en/{each.number}"
