"""Every way in which the gallery can fail, against what becomes of the capture.

A fault hits one page, one image, or the listing they are found in. Then the gallery is well again
and the same run is made once more: what was stopped must end as if nothing had happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from pipeline.core.errors import ScrapeError
from pipeline.core.params.scrape import Gallery, Scrape
from scrapers import job
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.capture import Capture
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.crawl.capture_crawl import CaptureCrawl
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.faults.fault_rules import FaultRule, SiteFault
from scrapers.gallery.items import Work
from scrapers.gallery.replicas.wikiart.addresses import page_path
from scrapers.gallery.server import running
from scrapers.http.fetchers import fetchers
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.site_registry import SITES
from scrapers.sites.wikiart.walk import walk

SIZE: Final = Gallery(seed=5, works=60, creators=4)
UNUSABLE, FORBIDDEN, CHALLENGED, NOT_JSON, DOWN, QUOTA = 20, 21, 22, 24, 26, 29
FAILED, FETCHED, GONE, OPTED_OUT = "failed", "fetched", "gone", "opted_out"

Ending = int | str

MATRIX: Final[dict[SiteFault, tuple[Ending, Ending, Ending]]] = {
    # fault: what becomes of a listing, of a work's page, of an image
    SiteFault.SERVER_ERROR: (DOWN, FAILED, FAILED),
    SiteFault.BUSY: (DOWN, FAILED, FAILED),
    SiteFault.TOO_MANY: (CHALLENGED, CHALLENGED, CHALLENGED),
    SiteFault.COME_TOMORROW: (CHALLENGED, CHALLENGED, CHALLENGED),
    SiteFault.QUOTA: (QUOTA, QUOTA, FAILED),
    SiteFault.GONE: (NOT_JSON, GONE, GONE),
    SiteFault.FORBIDDEN: (CHALLENGED, CHALLENGED, FAILED),
    SiteFault.UNAUTHORIZED: (CHALLENGED, CHALLENGED, FAILED),
    SiteFault.LOGIN: (CHALLENGED, CHALLENGED, CHALLENGED),
    SiteFault.CHALLENGE: (CHALLENGED, CHALLENGED, CHALLENGED),
    SiteFault.CHALLENGE_200: (CHALLENGED, CHALLENGED, CHALLENGED),
    SiteFault.DEAD_ID: (DOWN, FAILED, FAILED),
    SiteFault.REDIRECT_LOOP: (UNUSABLE, FAILED, FAILED),
    SiteFault.REDIRECT_AWAY: (UNUSABLE, FAILED, FAILED),
    SiteFault.REDIRECT_PRIVATE: (UNUSABLE, FAILED, FAILED),
    SiteFault.RESET: (DOWN, FAILED, FAILED),
    SiteFault.HANG_UP: (DOWN, FAILED, FAILED),
    SiteFault.SILENT: (DOWN, FAILED, FAILED),
    SiteFault.SLOW: (DOWN, FAILED, FAILED),
    SiteFault.TORN: (DOWN, FAILED, FAILED),
    SiteFault.WRONG_LENGTH: (DOWN, FAILED, FAILED),
    SiteFault.EMPTY: (NOT_JSON, FETCHED, FAILED),
    SiteFault.HTML_PAGE: (NOT_JSON, FETCHED, FETCHED),
    SiteFault.NEW_LAYOUT: (NOT_JSON, FETCHED, FETCHED),
    SiteFault.LAYOUT_2024: (FETCHED, FETCHED, FETCHED),
    SiteFault.BOMB: (DOWN, FAILED, FAILED),
    SiteFault.OPT_OUT: (FORBIDDEN, OPTED_OUT, OPTED_OUT),
    SiteFault.OPT_OUT_META: (FORBIDDEN, OPTED_OUT, FETCHED),
    SiteFault.SHIFTED: (FETCHED, FETCHED, FETCHED),
    SiteFault.NO_COUNT: (FETCHED, FETCHED, FETCHED),
    SiteFault.NO_MAP: (FETCHED, FETCHED, FETCHED),
}
PLACES: Final = ("listing", "page", "image")


@dataclass
class Stage:
    """A gallery, a browser, and the three works that are captured."""

    book: AddressBook
    rules: list[FaultRule]
    browser: Browser
    works: tuple[Work, ...]

    def target(self, place: str) -> str:
        work = self.works[1]
        return {
            "listing": "/en/*/mode/all-paintings[?]json*",
            "page": f"{page_path(work)}*",
            "image": f"{work.image_path()}*",
        }[place]

    def params(self) -> Scrape:
        return Scrape(
            site="wikiart",
            as_of="2026-05-04",
            artists=(self.works[0].artist.slug,),
            max_listings=3,
            image_size="original",
            seconds_between_pages=0.0,
            seconds_between_images=0.0,
            timeout_s=3.0,
            retries=0,
            max_image_mb=4.0,
        )

    def run(self, folder: Path) -> Capture:
        """What `scrapers.job.capture` does, in the browser that is there."""
        params, retry_policy = self.params(), RetryPolicy(0, first_wait_s=0.01)
        writer = CaptureWriter(folder, job.description_of(params), self.book, 1_000_000)
        rate_limiter = RateLimiter()
        pages, images = fetchers(
            params,
            SITES[params.site].domains,
            self.book,
            self.browser,
            retry_policy,
            rate_limiter,
            writer.earlier,
        )
        try:
            with closing(CaptureCrawl(writer, pages, images, 2, _Silent())) as crawl:
                try:
                    walk(crawl, params)
                    crawl.finish()
                finally:
                    rate_limiter.stop()
            writer.finish({})
        finally:
            writer.abandon()
        return Capture(folder)


class _Silent:
    def advance(self, by: int = 1, *, note: str | None = None) -> None:
        pass

    def expect(self, total: int) -> None:
        pass


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    paintings = Paintings(SIZE.seed, SIZE.works, SIZE.creators)
    plain = (
        tuple(work for work in paintings.works_of(artist.slug)[:3] if not work.picture.defects)
        for artist in paintings.creators
    )
    works = next(of_artist for of_artist in plain if len(of_artist) == 3)
    rules: list[FaultRule] = []
    profile = tmp_path_factory.mktemp("matrix") / "profile"
    with (
        running("wikiart", SIZE, rules=rules) as origins,
        Browser(profile, user_agent="Salon", timeout_s=6.0, hosts=("127.0.0.1",)) as browser,
    ):
        yield Stage(AddressBook(origins), rules, browser, works)


@pytest.fixture(scope="module")
def undisturbed(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    stage.rules.clear()
    rows = rows_of(stage.run(tmp_path_factory.mktemp("undisturbed") / "2026-05-04"))
    assert {row[0] for row in rows.values()} == {"fetched"}
    return rows


def rows_of(capture: Capture) -> dict[str, Any]:
    """Outcome and bytes by address; a request that has two rows is an error."""
    rows = capture.manifest().to_pylist()
    by_url = {row["url"]: (row["fetch"], row["sha256"]) for row in rows}
    assert len(by_url) == len(rows)
    return by_url


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", MATRIX)
def test_what_becomes_of_a_capture(
    fault: SiteFault, place: str, stage: Stage, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    ending = MATRIX[fault][PLACES.index(place)]
    folder = tmp_path / "c" / "2026-05-04"
    stage.rules[:] = [FaultRule(fault, stage.target(place))]
    if isinstance(ending, int):
        with pytest.raises(ScrapeError) as stopped:
            stage.run(folder)
        assert stopped.value.exit_code == ending
        stage.rules.clear()
        assert rows_of(stage.run(folder)) == undisturbed
        return
    rows = rows_of(stage.run(folder))
    hit = [url for url in undisturbed if is_hit(stage, place, url)]
    assert {rows[url][0] for url in hit} == {ending}
    others = undisturbed.keys() - hit
    if ending == OPTED_OUT and place == "page":
        others = {url for url in others if not is_hit(stage, "image", url)}
    assert {url: rows[url] for url in others} == {url: undisturbed[url] for url in others}


def is_hit(stage: Stage, place: str, url: str) -> bool:
    work = stage.works[1]
    return {
        "listing": "json=2" in url,
        "page": url.endswith(page_path(work)),
        "image": work.image_path() in url,
    }[place]


def test_the_page_for_users_says_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
    table = re.findall(r"^\| `(\w+)` \|[^|]*\| (\S+) \| (\S+) \| (\S+) \|$", page, re.MULTILINE)
    assert table == [(str(fault), *map(str, endings)) for fault, endings in MATRIX.items()]
