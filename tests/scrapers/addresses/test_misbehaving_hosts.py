"""Every row and every picture of a list at hosts that misbehave, counted against the truth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pipeline.core import tables
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.parse import Parse
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS
from pipeline.stages import ingest, parse
from tests.scrapers.addresses import misbehaving
from tests.scrapers.addresses.test_addresses import captured, params


def test_rows_and_pictures_of_three_hosts_come_out_as_they_are(tmp_path: Path) -> None:
    with misbehaving.hosts() as hosts:
        misbehaving.write_list(tmp_path / "list.csv", [host.origin for host in hosts])
        captured(tmp_path, params(tmp_path / "list.csv"), retries=2)
        asked = Counter(path for host in hosts for path in host.paths())
    paths = Paths(tmp_path, "mine")
    parse.run(paths, Parse())
    ingest.run(paths, Ingest(sizes=(64,)))
    listings = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    told = {row["listing_id"]: (row["fetch"], row["image_id"], row["creator"]) for row in listings}
    truth = misbehaving.rows()
    assert told == {f"{row.number:03d}": (row.fetch, row.image_id, row.creator) for row in truth}
    images = tables.read(paths.table("images"), IMAGES).to_pylist()
    faults = {row["image_id"]: row["fault"] for row in images}
    assert faults == {row.image_id: row.fault for row in truth if row.image_id is not None}
    assert not any(path.startswith("/private") for path in asked)
