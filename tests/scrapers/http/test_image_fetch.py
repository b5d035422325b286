"""What becomes of the request for an image: every way it can end is a row or a stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import pytest

from pipeline.core.errors import ChallengedError
from pipeline.core.ids import sha256_hex
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture.earlier import Earlier
from scrapers.capture.outcome import Outcome, now
from scrapers.crawl.image_queue import ImageQueue
from scrapers.http.http_session import Session
from scrapers.http.image_fetch import ImageFetcher
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from tests.scrapers.hosts import Host, Reply, serving

IMAGES = "https://img.example.org"
PAGE = "https://www.example.org/en/someone/work"
DATA = b"\xff\xd8\xff" + b"picture" * 50
LARGE, ORIGINAL = f"{IMAGES}/a.jpg!Large.jpg", f"{IMAGES}/a.jpg"


def fetcher(host: Host, earlier: Mapping[str, Earlier] | None = None) -> ImageFetcher:
    book = AddressBook({IMAGES: host.origin, "https://www.example.org": "http://127.0.0.1:9"})
    session = Session(
        book,
        AllowedHosts(("example.org",), book),
        agent="Salon/0",
        timeout_s=5,
        retry_policy=RetryPolicy(1, first_wait_s=0.01),
        rate_limiter=RateLimiter(),
    )
    return ImageFetcher(
        session, Robots(session), book, seconds=0, max_bytes=5000, earlier=earlier or {}
    )


def fetch(
    replies: Mapping[str, list[Reply]], earlier: Mapping[str, Earlier] | None = None
) -> tuple[Outcome, Host]:
    with serving(replies) as host:
        return fetcher(host, earlier).fetch([LARGE, ORIGINAL], PAGE), host


def test_the_wanted_size_is_kept_with_its_headers() -> None:
    reply = Reply(DATA, headers={"ETag": '"1"', "Content-Type": "image/jpeg"})
    outcome, host = fetch({"/a.jpg!Large.jpg": [reply]})
    assert (outcome.fetch, outcome.url, outcome.body) == (Fetch.FETCHED, LARGE, DATA)
    assert (outcome.etag, outcome.content_type) == ('"1"', "image/jpeg")
    assert outcome.address == host.origin
    assert host.asked[-1].headers["referer"] == "http://127.0.0.1:9/en/someone/work"


def test_a_missing_derivative_falls_back_to_the_original() -> None:
    outcome, host = fetch({"/a.jpg": [Reply(DATA)]})
    assert (outcome.fetch, outcome.url, outcome.body) == (Fetch.FETCHED, ORIGINAL, DATA)
    assert host.paths() == ["/robots.txt", "/a.jpg!Large.jpg", "/a.jpg"]


def test_missing_in_every_size_is_gone() -> None:
    outcome, _ = fetch({})
    assert (outcome.fetch, outcome.url, outcome.http_status) == (Fetch.GONE, LARGE, 404)


@pytest.mark.parametrize("tag", ["noai", "noindex, noimageai", "somebot: noai"])
def test_an_opt_out_is_obeyed_and_its_bytes_are_not_kept(tag: str) -> None:
    outcome, _ = fetch({"/a.jpg!Large.jpg": [Reply(DATA, headers={"X-Robots-Tag": tag})]})
    assert (outcome.fetch, outcome.body) == (Fetch.OPTED_OUT, None)


@pytest.mark.parametrize(
    ("reply", "words", "may_pass"),
    [
        (Reply(DATA, announced=9999), "announced length", True),
        (Reply(reset=True), "reset", True),
        (Reply(status=500), "HTTP 500", True),
        (Reply(status=403), "HTTP 403", False),
        (Reply(b"x" * 6000), "longer than", False),
        (Reply(b""), "an empty answer", False),
        (Reply(status=302, headers={"Location": "https://other.org/a"}), "another host", False),
    ],
)
def test_a_failure_is_a_row(reply: Reply, words: str, may_pass: bool) -> None:
    outcome, _ = fetch({"/a.jpg!Large.jpg": [reply]})
    assert outcome.fetch is Fetch.FAILED
    assert words in (outcome.error or "")
    assert (outcome.body, outcome.may_pass) == (None, may_pass)


@pytest.mark.parametrize(
    "headers",
    [{"X-Robots-Tag": "noml"}, {"TDM-Reservation": "1"}, {"Content-Signal": "ai-train=no"}],
)
@pytest.mark.parametrize("status", [200, 304])
def test_an_opt_out_counts_for_bytes_that_are_held_already(
    headers: dict[str, str], status: int
) -> None:
    reply = Reply(DATA if status == 200 else b"", status, headers)
    outcome, _ = fetch({"/a.jpg!Large.jpg": [reply]}, EARLIER)
    assert (outcome.fetch, outcome.sha256, outcome.body) == (Fetch.OPTED_OUT, None, None)


def test_what_the_rules_of_the_host_opt_out_is_not_asked_for() -> None:
    rules = Reply(b"User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /")
    outcome, host = fetch({"/robots.txt": [rules], "/a.jpg!Large.jpg": [Reply(DATA)]}, EARLIER)
    assert outcome.fetch is Fetch.OPTED_OUT
    assert host.paths() == ["/robots.txt"]


EARLIER = {LARGE: Earlier(sha256_hex(DATA), '"1"', "Mon, 04 May 2026 10:00:00 GMT")}


def test_an_unchanged_image_is_asked_for_conditionally() -> None:
    outcome, host = fetch({"/a.jpg!Large.jpg": [Reply(status=304)]}, EARLIER)
    assert (outcome.fetch, outcome.sha256) == (Fetch.UNCHANGED, sha256_hex(DATA))
    assert (outcome.body, outcome.etag) == (None, '"1"')
    sent = host.asked[-1].headers
    assert sent["if-none-match"] == '"1"'
    assert sent["if-modified-since"] == "Mon, 04 May 2026 10:00:00 GMT"


def test_the_same_bytes_again_are_unchanged_too() -> None:
    outcome, _ = fetch({"/a.jpg!Large.jpg": [Reply(DATA)]}, EARLIER)
    assert (outcome.fetch, outcome.body) == (Fetch.UNCHANGED, None)


def test_other_bytes_are_fetched_anew() -> None:
    outcome, _ = fetch({"/a.jpg!Large.jpg": [Reply(DATA + b"!")]}, EARLIER)
    assert (outcome.fetch, outcome.body) == (Fetch.FETCHED, DATA + b"!")


@pytest.mark.parametrize(
    "reply",
    [Reply(status=429), Reply(b"<title>Just a moment...</title>", status=403)],
    ids=["429", "challenge"],
)
def test_a_challenge_stops(reply: Reply) -> None:
    with pytest.raises(ChallengedError):
        fetch({"/a.jpg!Large.jpg": [reply]})


def ending(outcome: Fetch, seconds: float = 0.0) -> Callable[[], Outcome]:
    def fetch() -> Outcome:
        time.sleep(seconds)
        return Outcome("u", "a", outcome, now(), error="HTTP 500")

    return fetch


def test_images_are_handed_on_in_the_order_they_were_asked_for() -> None:
    kept: list[int] = []
    queue = ImageQueue(4)
    for number in range(12):
        fetch = ending(Fetch.FETCHED, 0.05 if number % 4 == 0 else 0.0)
        queue.add("h", fetch, lambda _, number=number: kept.append(number))  # type: ignore[misc]
    queue.finish()
    queue.close()
    assert kept == list(range(12))
