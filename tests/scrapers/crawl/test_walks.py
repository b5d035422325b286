"""Walking small sites of the test's own making, which change their mind on the way."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import (
    BudgetSpentError,
    CappedError,
    CaptureError,
    ChallengedError,
    NotJsonError,
    QuotaError,
    RobotsForbidError,
    ScrapeError,
    SiteDownError,
)
from pipeline.core.ids import sha256_hex
from pipeline.core.params.scrape import Scrape
from scrapers import job
from scrapers.browser.browser import Browser
from scrapers.capture import Capture
from scrapers.politeness.retry import RetryPolicy
from tests.scrapers.hosts import Host, Reply, serving

GALLERY = "/en/paintings-by-style/some-style"
HTML = {"Content-Type": "text/html; charset=utf-8"}
CHALLENGE = Reply(b"<html><title>Just a moment...</title></html>", 403, HTML)


def listing_path(page: int = 1, gallery: str = GALLERY) -> str:
    return f"{gallery}?json=2&layout=new&page={page}&resultType=masonry"


def picture(number: int) -> bytes:
    return b"\xff\xd8\xff" + bytes([number % 251]) * 400


def html(text: str) -> Reply:
    return Reply(f"<!doctype html><html><body>{text}</body></html>".encode(), headers=HTML)


class Site:
    """A WikiArt of a few works on two hosts, one for pages and one for pictures."""

    def __init__(self, stack: ExitStack, works: int = 3) -> None:
        self.www = stack.enter_context(serving({}))
        self.uploads = stack.enter_context(serving({}))
        self.origins = {
            "https://www.wikiart.org": self.www.origin,
            "https://uploads.wikiart.org": self.uploads.origin,
        }
        self.www.replies[GALLERY] = [html("the gallery")]
        self.show(works)

    def show(self, works: int) -> None:
        """Have so many works, each with a page and a picture."""
        self.works = works
        self.www.replies[listing_path()] = [self.listing()]
        for number in range(works):
            self.www.replies[f"/en/someone/work-{number}"] = [html(f"work {number}")]
            self.uploads.replies[f"/images/someone/{number}.jpg!Large.jpg"] = [
                Reply(picture(number), headers={"ETag": f'"{number}"'})
            ]

    def row(self, number: int) -> dict[str, Any]:
        return {
            "id": f"{number:024x}",
            "title": f"Work {number}",
            "year": "1955",
            "width": 900,
            "height": 700,
            "artistName": "Someone",
            "image": f"{self.uploads.origin}/images/someone/{number}.jpg",
            "map": "0123**67*",
            "paintingUrl": f"/en/someone/work-{number}",
            "artistUrl": "/en/someone",
        }

    def listing(self, rows: int | None = None, total: int | None = None) -> Reply:
        works = [self.row(n) for n in range(self.works if rows is None else rows)]
        wrapper = {
            "Paintings": works or None,
            "AllPaintingsCount": len(works) if total is None else total,
            "PageSize": 60,
        }
        return Reply(json.dumps(wrapper).encode(), headers={"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("walks") / "profile"
    with Browser(profile, user_agent="Salon", timeout_s=20.0, hosts=("127.0.0.1",)) as running:
        yield running


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Iterator[Site]:
    with ExitStack() as stack:
        made = Site(stack)

        @contextmanager
        def opened(*_: object) -> Iterator[dict[str, str]]:
            yield made.origins

        # All that is replaced: which hosts answer for the site, and a browser for each run by one.
        monkeypatch.setattr(job, "open_gallery", opened)
        monkeypatch.setattr(job, "_browser", lambda *_: nullcontext(browser))
        yield made


def params(**other: Any) -> Scrape:
    values: dict[str, Any] = {
        "site": "wikiart",
        "as_of": "2026-05-04",
        "styles": ("some-style",),
        "image_size": "Large",
        "seconds_between_pages": 0.0,
        "seconds_between_images": 0.0,
        "timeout_s": 20.0,
        "retries": 1,
    }
    return Scrape(**(values | other))


def run(root: Path, asked: Scrape | None = None) -> Capture:
    asked = asked or params()
    folder = root / "paintings" / asked.as_of
    retry_policy = RetryPolicy(asked.retries, first_wait_s=0.01)
    job.capture(folder, asked, work=root / "work", retry_policy=retry_policy)
    return Capture(folder)


def rows(capture: Capture, kind: str) -> list[tuple[str, str]]:
    return [
        (row["url"].partition(".org")[2], row["fetch"])
        for row in capture.manifest().to_pylist()
        if row["kind"] == kind
    ]


def image_rows(works: int) -> list[tuple[str, str]]:
    return [(f"/images/someone/{n}.jpg!Large.jpg", "fetched") for n in range(works)]


def test_a_gallery_is_walked_in_its_order(site: Site, tmp_path: Path) -> None:
    del site.uploads.replies["/images/someone/1.jpg!Large.jpg"]
    site.uploads.replies["/images/someone/1.jpg"] = [Reply(picture(1))]
    capture = run(tmp_path)
    details = [(f"/en/someone/work-{n}", "fetched") for n in range(3)]
    assert rows(capture, "page") == [(listing_path(), "fetched"), *details]
    expected = image_rows(3)
    expected[1] = ("/images/someone/1.jpg", "fetched")
    assert rows(capture, "image") == expected
    assert capture.description.books[0].wire_of == site.origins


def test_a_stand_in_picture_is_not_fetched(site: Site, tmp_path: Path) -> None:
    frame = "/Content/images/FRAME-600x480.jpg"
    listing = json.loads(site.listing().body)
    listing["Paintings"][1]["image"] = site.uploads.origin + frame
    site.www.replies[listing_path()] = [Reply(json.dumps(listing).encode())]
    assert rows(run(tmp_path), "image")[1] == (frame, "placeholder")
    assert frame not in site.uploads.paths()


def test_an_absent_page_is_a_row(site: Site, tmp_path: Path) -> None:
    del site.www.replies["/en/someone/work-1"]
    capture = run(tmp_path)
    assert rows(capture, "page")[2] == ("/en/someone/work-1", "gone")
    assert rows(capture, "image") == image_rows(3)


def masonry(origin: str, works: int) -> Reply:
    """A gallery that shows one work more with each press of its button."""
    return html(f"""
      <span class="count">1 ... {works}</span>
      <ul class="wiki-masonry-container"></ul>
      <a class="masonry-load-more-button" onclick="more()">Load more</a>
      <script>
        let shown = 0;
        function more() {{
          document.querySelector('ul').insertAdjacentHTML('beforeend', `<li>
            <img img-source="'{origin}/images/someone/${{shown}}.jpg!PinterestSmall.jpg'">
            <div class="title-block"><a class="artwork-name"
              href="/en/someone/work-${{shown}}">Work</a></div></li>`);
          if (++shown == {works}) document.querySelector('a.masonry-load-more-button')
            .classList.add('hide');
        }}
        more();
      </script>""")


def test_html_in_place_of_json_leads_to_the_gallery_page(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.www.replies[listing_path()] = [html("no JSON here")]
    site.www.replies[GALLERY] = [masonry(site.uploads.origin, 3)]
    capture = run(tmp_path)
    assert rows(capture, "page")[:2] == [(listing_path(), "failed"), (GALLERY, "fetched")]
    assert rows(capture, "image") == image_rows(3)
    assert "reading the gallery page instead" in " ".join(capsys.readouterr().err.split())


def test_neither_json_nor_a_gallery_page_is_not_json(site: Site, tmp_path: Path) -> None:
    site.www.replies[listing_path()] = [html("no JSON here")]
    with pytest.raises(NotJsonError, match="the gallery page shows nothing either"):
        run(tmp_path)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (CHALLENGE, ChallengedError),
        (Reply(status=429, headers=HTML), ChallengedError),
        (Reply(b"API limit exceeded", 500, HTML), QuotaError),
        (Reply(status=302, headers={"Location": "/login"}), ChallengedError),
    ],
    ids=["challenge", "429", "quota", "login"],
)
def test_a_stop_keeps_what_was_fetched_and_the_next_run_goes_on(
    site: Site, tmp_path: Path, bad: Reply, error: type[ScrapeError]
) -> None:
    good = site.www.replies["/en/someone/work-2"]
    site.www.replies["/en/someone/work-2"] = [bad]
    site.www.replies["/login"] = [html("sign in")]
    with pytest.raises(error, match=r"kept so far: 3 pages and [0-2] images?$"):
        run(tmp_path)
    with pytest.raises(CaptureError, match="unfinished"):
        Capture(tmp_path / "paintings" / "2026-05-04")
    site.www.replies["/en/someone/work-2"] = good
    asked_before = len(site.www.asked)
    capture = run(tmp_path)
    again = {"/robots.txt", "/en/someone/work-2", "/favicon.ico"}
    assert set(site.www.paths()[asked_before:]) <= again
    assert len(rows(capture, "page")) == 4
    assert rows(capture, "image") == image_rows(3)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Reply(b"<html>error</html>", 500, HTML), "HTTP 500"),
        (Reply(b"<html>error</html>", 418, HTML), "HTTP 418"),
        (Reply(reset=True), "connection reset"),
        (Reply(status=302, headers={"Location": "/en/someone/work-1"}), "without end"),
        (
            Reply(status=302, headers={"Location": "http://127.0.0.1:9/"}),
            "leads away from the site",
        ),
    ],
    ids=["500", "418", "reset", "loop", "away"],
)
def test_one_page_that_fails_is_a_row_where_the_host_is_well(
    site: Site, tmp_path: Path, bad: Reply, words: str
) -> None:
    site.www.replies["/en/someone/work-1"] = [bad]
    capture = run(tmp_path)
    failed = [row for row in capture.manifest().to_pylist() if row["fetch"] == "failed"]
    assert [row["url"].rpartition("/")[2] for row in failed] == ["work-1"]
    assert re.search(words, failed[0]["error"])
    assert rows(capture, "image") == image_rows(3)


def test_pages_that_all_fail_are_a_site_that_is_down(site: Site, tmp_path: Path) -> None:
    site.works = 9
    site.www.replies[listing_path()] = [site.listing()]
    for number in range(9):
        site.www.replies[f"/en/someone/work-{number}"] = [Reply(status=500)]
    with pytest.raises(SiteDownError, match=r"8 pages in a row failed, the last with: .*HTTP 500"):
        run(tmp_path, params(retries=0))


def test_a_page_that_redirects_to_another_host_is_a_row(site: Site, tmp_path: Path) -> None:
    away = {"Location": f"{site.uploads.origin}/robots.txt"}
    site.www.replies["/en/someone/work-1"] = [Reply(status=302, headers=away)]
    capture = run(tmp_path)
    assert rows(capture, "page")[2] == ("/en/someone/work-1", "failed")
    assert rows(capture, "image") == image_rows(3)


def test_a_page_may_opt_out_what_it_shows(site: Site, tmp_path: Path) -> None:
    site.www.replies["/en/someone/work-1"] = [
        Reply(b'<meta name="robots" content="noai">', headers=HTML)
    ]
    site.www.replies["/en/someone/work-2"] = [
        Reply(b"<p>", headers={**HTML, "X-Robots-Tag": "noimageai"})
    ]
    capture = run(tmp_path)
    assert [fetch for _, fetch in rows(capture, "page")][2:] == ["opted_out", "opted_out"]
    assert [fetch for _, fetch in rows(capture, "image")] == ["fetched", "opted_out", "opted_out"]
    assert "/images/someone/1.jpg!Large.jpg" not in site.uploads.paths()


def test_a_budget_of_requests_is_kept_and_the_next_run_goes_on(site: Site, tmp_path: Path) -> None:
    runs = 0
    while runs < 5:
        runs += 1
        before = len(site.www.asked) + len(site.uploads.asked)
        try:
            capture = run(tmp_path, params(max_requests=5))
            break
        except BudgetSpentError:
            assert len(site.www.asked) + len(site.uploads.asked) - before <= 5
    assert rows(capture, "image") == image_rows(3)
    assert runs > 1


def test_a_site_that_goes_down_is_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({}) as stopped:
        origin = stopped.origin
    site.origins["https://www.wikiart.org"] = origin
    with pytest.raises(SiteDownError, match=r"www\.wikiart\.org does not answer .*refused"):
        run(tmp_path)


@pytest.mark.parametrize("host", ["www", "uploads"])
def test_robots_txt_is_obeyed_on_every_host(site: Site, tmp_path: Path, host: str) -> None:
    answering: Host = getattr(site, host)
    answering.replies["/robots.txt"] = [Reply(b"User-agent: *\nDisallow: /")]
    with pytest.raises(RobotsForbidError, match=rf"{host}\.wikiart\.org/robots\.txt"):
        run(tmp_path)
    assert set(answering.paths()) == {"/robots.txt"}


@pytest.mark.parametrize("connections", [1, 8])
def test_no_host_sees_more_requests_than_the_limit(
    site: Site, tmp_path: Path, connections: int
) -> None:
    seconds, works = 0.05, 30
    site.show(works)
    run(
        tmp_path,
        params(
            seconds_between_pages=seconds,
            seconds_between_images=seconds,
            connections=connections,
        ),
    )
    for host, least in ((site.www, works + 3), (site.uploads, works + 1)):
        arrivals = [asked.at for asked in host.asked]
        assert len(arrivals) >= least  # robots.txt, gallery and listing come before the works
        for first, last in itertools.combinations(range(len(arrivals)), 2):
            # One more than allowed may be under way while the machine looks elsewhere.
            assert last - first <= (arrivals[last] - arrivals[first]) / seconds + 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=302, headers={"Location": "/private/work"}),
        html("<meta http-equiv=refresh content='0;url=/private/work'>"),
        html("<iframe src=/private/work></iframe>"),
    ],
    ids=["redirect", "refresh", "frame"],
)
def test_what_robots_txt_forbids_is_not_requested_by_the_browser_either(
    site: Site, tmp_path: Path, reply: Reply
) -> None:
    site.www.replies["/robots.txt"] = [Reply(b"User-agent: *\nDisallow: /private")]
    site.www.replies["/en/someone/work-1"] = [reply]
    with suppress(RobotsForbidError):
        run(tmp_path)
    assert "/en/someone/work-1" in site.www.paths()
    assert "/private/work" not in site.www.paths()


def test_a_rehearsal_goes_by_the_pace_that_robots_txt_asks_for(site: Site, tmp_path: Path) -> None:
    site.www.replies["/robots.txt"] = [Reply(b"User-agent: *\nCrawl-delay: 0.25")]
    site.uploads.replies["/robots.txt"] = [Reply(b"User-agent: *\nCrawl-delay: 40")]
    plan = job.dry_run(
        tmp_path / "paintings" / "2026-05-04",
        params(),
        work=tmp_path / "work",
        retry_policy=RetryPolicy(0),
        tell=lambda *_: None,
    )
    assert plan.seconds_of == {
        "https://www.wikiart.org": 4 * 0.25,
        "https://uploads.wikiart.org": 3 * 40.0,
    }
    assert site.uploads.paths() == ["/robots.txt"]


def test_a_capped_listing_is_not_taken_for_the_whole(site: Site, tmp_path: Path) -> None:
    for page in range(1, 61):
        listing = json.loads(site.listing(0, total=4000).body)
        listing["Paintings"] = [site.row(60 * page + n) for n in range(60)]
        site.www.replies[listing_path(page)] = [Reply(json.dumps(listing).encode())]
    with pytest.raises(CappedError, match=r"announces 4,000 works and hands out 3,600"):
        run(tmp_path, params(details=False))
    assert site.uploads.paths() == []
    site.works = 5
    assert len(rows(run(tmp_path / "few", params(max_listings=5, details=False)), "image")) == 5


def test_a_listing_without_works_is_no_success(site: Site, tmp_path: Path) -> None:
    site.www.replies[listing_path()] = [site.listing(0)]
    with pytest.raises(ScrapeError, match="lists no works"):
        run(tmp_path)


def test_a_later_capture_stores_only_what_is_new(site: Site, tmp_path: Path) -> None:
    first = run(tmp_path)
    site.uploads.replies["/images/someone/0.jpg!Large.jpg"] = [Reply(status=304)]
    site.uploads.replies["/images/someone/2.jpg!Large.jpg"] = [Reply(picture(99))]
    second = run(tmp_path, params(as_of="2026-06-01"))
    outcomes = [fetch for _, fetch in rows(second, "image")]
    assert outcomes == ["unchanged", "unchanged", "changed"]
    stored = [entry.sha256 for shard in second.image_shards() for entry in shard.entries]
    assert stored == [sha256_hex(picture(99))]
    by_url = {row["url"]: row["sha256"] for row in first.manifest().to_pylist()}
    for row in second.manifest().to_pylist():
        if row["fetch"] == "unchanged":
            assert (row["sha256"], row["held_in"]) == (by_url[row["url"]], first.as_of)
    asked = [a for a in site.uploads.asked if a.path.endswith("0.jpg!Large.jpg")]
    assert asked[-1].headers["if-none-match"] == '"0"'


def test_a_finished_capture_is_left_alone(site: Site, tmp_path: Path) -> None:
    folder = run(tmp_path).folder
    gentler = params(seconds_between_pages=9.0, retries=9, timeout_s=1.0)
    assert job.finished(folder, gentler) is not None
    assert job.finished(tmp_path / "paintings" / "2026-06-01", params()) is None
    with pytest.raises(CaptureError, match=r'styles: \["some-style"\] -> \["other"\].*new as_of'):
        job.finished(folder, params(styles=("other",)))
