"""Kills, storms and outages on the way: the capture ends as an undisturbed one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.core.params.scrape import Gallery, Scrape
from pipeline.core.paths import Paths
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.faults.fault_rules import SiteFault
from tests.scrapers.crawl.storms import (
    Disturbance,
    Kind,
    capture_calmly,
    capture_disturbed,
    counting_gallery,
    derived,
    manifest_of,
)

SIZE = Gallery(seed=9, works=60, creators=4)
COMMON: dict[str, Any] = {
    "as_of": "2026-05-04",
    "max_listings": 20,
    "seconds_between_pages": 0.0,
    "seconds_between_images": 0.0,
    "shard_mb": 0.3,
}
PLAN = [
    Disturbance(Kind.KILL, 9),
    Disturbance(Kind.STORM, 6, SiteFault.RESET),
    Disturbance(Kind.OUTAGE, 9),
    Disturbance(Kind.KILL, 5),
]


def params_of(site: str) -> Scrape:
    if site == "wikiart":
        artists = tuple(each.slug for each in Paintings(9, 60, 4).creators)
        return Scrape(site=site, artists=artists, image_size="Large", **COMMON)
    # Cards show fewer photographs than are asked for, so the watches' own pages must name them.
    return Scrape(site=site, image_size="ExtraLarge", images_per_listing=3, **COMMON)


@pytest.mark.parametrize("site", ["wikiart", "chrono24"])
def test_kills_storms_and_outages_leave_no_trace(site: str, tmp_path: Path) -> None:
    params = params_of(site)
    calm, disturbed = Paths(tmp_path / "calm", "some"), Paths(tmp_path / "disturbed", "some")
    with counting_gallery(site, SIZE) as gallery:
        capture_calmly(gallery, calm, params)
        happened = capture_disturbed(gallery, disturbed, params, PLAN)
    assert {Kind.KILL, Kind.STORM, Kind.OUTAGE} <= happened.keys()
    assert manifest_of(disturbed, params) == manifest_of(calm, params)
    assert derived(disturbed) == derived(calm)
