"""The same works from a site, from a folder and from a list of addresses: the same selection."""

from __future__ import annotations

import shutil
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from requests.utils import requote_uri

from pipeline.core import tables
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.select import Select
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, PAIRS, SELECTION, FaultKind, Fetch, TableSchema
from pipeline.stages import dedupe, ingest, lists, parse, scrape, select, watermark
from scrapers.capture import Capture, read_image_shard
from tests.scrapers.files.sets import as_csv, put
from tests.scrapers.hosts import Reply, serving
from tests.stages.paintings import PAINTINGS

DAY: Final = PAINTINGS.as_of
TOLD: Final = (
    "listing_id", "page_url", "title", "original_title", "creator_name", "year_text", "style",
    "genre", "media", "tags", "period", "series", "location", "dimensions", "rights",
)  # fmt: skip
"""Columns of `listings` that a table beside the pictures tells as well."""
PLACES: Final = ("shard", "row", "capture")
"""Where the bytes and the pixels lie; all else must be equal."""

Row = dict[str, Any]


@pytest.fixture(scope="module")
def collections(undisturbed: Paths, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paths]:
    """The works of one gallery, captured in the three ways, and all that follows from them."""
    root = tmp_path_factory.mktemp("origins")
    (root / "curation" / "lists").mkdir(parents=True)
    of = {name: Paths(root, name) for name in ("gallery", "files", "addresses")}
    shutil.copytree(undisturbed.captures, of["gallery"].captures)
    parse.run(of["gallery"], Parse())
    listings = tables.read(of["gallery"].table("listings"), LISTINGS).to_pylist()
    bodies = bodies_of(Capture(of["gallery"].capture(DAY)))
    capture_files(of["files"], listings, bodies)
    capture_addresses(of["addresses"], listings, bodies)
    for paths in of.values():
        derive(paths)
    return of


def bodies_of(capture: Capture) -> dict[str, bytes]:
    """The stored images by their ids."""
    return {
        entry.image_id: body
        for shard in capture.image_shards()
        for entry, (_, body) in zip(
            shard.entries, read_image_shard(shard.path, shard.entries), strict=True
        )
    }


def told(row: Row) -> dict[str, str]:
    """What a table beside the pictures says of a listing."""
    return {name: row[name] or "" for name in TOLD}


def capture_files(paths: Paths, listings: list[Row], bodies: dict[str, bytes]) -> None:
    """A folder with the images that came, and a table."""
    came = [row for row in listings if row["image_id"] is not None]
    names = [f"works/{number}.jpg" for number in range(len(came))]
    folder = paths.root / "set"
    put(folder, {name: bodies[row["image_id"]] for name, row in zip(names, came, strict=True)})
    table = [{"file": name, **told(row)} for name, row in zip(names, came, strict=True)]
    put(folder, {"metadata.csv": as_csv(table)})
    asked = {"origin": "files", "path": str(folder), "as_of": DAY}
    scrape.run(paths, Scrape.model_validate(asked))


def capture_addresses(paths: Paths, listings: list[Row], bodies: dict[str, bytes]) -> None:
    """A list of the same images at a host of theirs; what was gone from the site is gone there."""
    listed = [row for row in listings if row["fetch"] != Fetch.PLACEHOLDER]
    path_of = {row["listing_id"]: urlsplit(row["image_url"]).path for row in listed}
    replies = {
        requote_uri(path_of[row["listing_id"]]): [Reply(bodies[row["image_id"]])]
        for row in listed
        if row["image_id"] is not None
    }
    with serving({"/robots.txt": [Reply(b"User-agent: *\nAllow: /\n")], **replies}) as host:
        table = [{"url": host.origin + path_of[row["listing_id"]], **told(row)} for row in listed]
        put(paths.root, {"list.csv": as_csv(table)})
        asked = {
            "origin": "addresses", "path": str(paths.root / "list.csv"), "as_of": DAY,
            "contact": "ana@example.org", "private_addresses": True, "seconds_between_images": 0,
        }  # fmt: skip
        scrape.run(paths, Scrape.model_validate(asked))


def derive(paths: Paths) -> None:
    """Every table up to the selection."""
    parse.run(paths, Parse())
    ingest.run(paths, Ingest(sizes=(64,)))
    dedupe.run(paths, Dedupe())
    watermark.run(paths, Watermark())
    lists.run(paths)
    select.run(paths, Select(rights=("Public domain",)))


def rows_of(paths: Paths, schema: TableSchema, without: tuple[str, ...] = PLACES) -> list[Row]:
    table = tables.read(paths.table(schema.name), schema)
    rows: list[Row] = table.drop_columns(
        [name for name in table.column_names if name in without]
    ).to_pylist()
    return rows


@pytest.mark.parametrize("origin", ["files", "addresses"])
@pytest.mark.parametrize("schema", [IMAGES, PAIRS, SELECTION], ids=lambda schema: schema.name)
def test_an_image_is_judged_alike_wherever_it_comes_from(
    collections: dict[str, Paths], origin: str, schema: TableSchema
) -> None:
    assert rows_of(collections[origin], schema) == rows_of(collections["gallery"], schema)


def test_the_comparison_holds_images_of_many_fates(collections: dict[str, Paths]) -> None:
    reasons = {row["reason"] for row in rows_of(collections["files"], SELECTION)}
    assert reasons > {None, "rights", "near_duplicate", FaultKind.UNREADABLE}
    assert len(rows_of(collections["files"], PAIRS)) > 5
