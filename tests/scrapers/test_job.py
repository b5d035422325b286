from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import CaptureError, NotPermittedError
from pipeline.core.params.load import load_params
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from pipeline.core.sites import OWN
from pipeline.core.sites import SITES as DECLARED
from scrapers.address import AddressBook
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome, now
from scrapers.job import capture, description_of, finished, refuse_blanks
from scrapers.politeness.retry import RetryPolicy
from scrapers.site_registry import SITES

PARAMS = Scrape(site="wikiart", as_of="2026-11-22", styles=("cubism",), image_size="Large")
RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
LIVE = [path for path in RECIPES if "origin: gallery" not in path.read_text()]


@pytest.mark.parametrize("recipe", LIVE, ids=lambda path: path.stem)
def test_a_recipe_as_it_comes_never_reaches_the_site(recipe: Path, tmp_path: Path) -> None:
    for collection in load_params(recipe).collections.values():
        with pytest.raises(NotPermittedError, match=r"scrape.contact is still '<your address>'"):
            capture(tmp_path / "c", collection.scrape, work=tmp_path, retry_policy=RetryPolicy(0))
    assert not (tmp_path / "c").exists()


def test_each_site_that_is_declared_is_registered() -> None:
    assert set(SITES) == set(DECLARED) - set(OWN)


def test_a_contact_is_not_enough_for_chrono24() -> None:
    watches = load_params(LIVE[-1]).collections["watches"].scrape
    named = watches.model_copy(update={"contact": "ana@example.org"})
    with pytest.raises(NotPermittedError, match=r"scrape.permission is still"):
        refuse_blanks(named)
    refuse_blanks(named.model_copy(update={"permission": "the shop, 2026-11-02"}))


def finished_capture(root: Path, as_of: str) -> Path:
    folder = root / "paintings" / as_of
    asked = description_of(PARAMS.model_copy(update={"as_of": as_of}))
    writer = CaptureWriter(folder, asked, AddressBook(), 10_000)
    writer.add_image(Outcome("https://a.org/a.jpg", "", Fetch.FETCHED, now(), body=b"\xff\xd8\xff"))
    writer.finish({})
    return folder


def test_a_capture_before_those_that_are_there_is_refused(tmp_path: Path) -> None:
    later = finished_capture(tmp_path, "2026-11-22")
    asked = PARAMS.model_copy(update={"as_of": "2026-10-01"})
    with pytest.raises(CaptureError, match=r"before the capture of 2026-11-22.*set as_of"):
        finished(later.with_name("2026-10-01"), asked)
    assert finished(later, PARAMS) is not None


def test_a_finished_capture_without_its_manifest_is_not_finished_before(tmp_path: Path) -> None:
    folder = finished_capture(tmp_path, "2026-11-22")
    (folder / "manifest.parquet").unlink()
    with pytest.raises(CaptureError, match=r"manifest\.parquet: missing, although the capture is"):
        finished(folder, PARAMS)
