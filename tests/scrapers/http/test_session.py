"""Requests as a guest makes them: honest, paced, patient with errors, bounded."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import socket
import threading
import time
import zlib
from email.utils import format_datetime

import pytest

from pipeline.core.errors import ChallengedError, RobotsForbidError, SiteDownError
from scrapers.address import AddressBook
from scrapers.http.http_session import HttpAnswer, Session, TransferError
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import AllowedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy, retry_after
from scrapers.politeness.user_agent import user_agent
from tests.scrapers.hosts import Host, Reply, serving

WWW = "https://www.example.org"
MB = 1_000_000


def session_to(
    origin: str, *, retries: int = 2, timeout_s: float = 5.0, book: AddressBook | None = None
) -> Session:
    book = book or AddressBook({WWW: origin})
    return Session(
        book,
        AllowedHosts(("example.org",), book),
        agent=user_agent("mailto:someone@example.org"),
        timeout_s=timeout_s,
        retry_policy=RetryPolicy(retries, first_wait_s=0.01),
        rate_limiter=RateLimiter(),
    )


def get(host: Host, path: str, max_bytes: int = MB) -> HttpAnswer:
    return session_to(host.origin).get(WWW + path, seconds=0, max_bytes=max_bytes)


def test_a_request_names_salon_and_its_user() -> None:
    with serving({"/a": [Reply(b"hello")]}) as host:
        answer = get(host, "/a")
    assert (answer.url, answer.status, answer.body) == (f"{WWW}/a", 200, b"hello")
    assert host.asked[0].headers["user-agent"] == "Salon/0.1.0 (+mailto:someone@example.org)"


@pytest.mark.parametrize(
    "bad",
    [
        Reply(status=500),
        Reply(status=503, body=b"busy"),
        Reply(reset=True),
        Reply(b"only half", announced=5000),
    ],
    ids=["500", "503", "reset", "torn"],
)
def test_a_passing_failure_is_tried_again(bad: Reply) -> None:
    with serving({"/a": [bad, bad, Reply(b"whole")]}) as host:
        assert get(host, "/a").body == b"whole"
        assert host.paths() == ["/a"] * 3


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Reply(status=500), "HTTP 500"),
        (Reply(reset=True), "connection reset by peer"),
        (Reply(b"only half", announced=5000), "ends before its announced length"),
        (Reply(b"x" * 2000), "longer than the 1,000 bytes allowed"),
        (Reply(status=302, headers={"Location": "https://other.org/a"}), "leads to another host"),
        (Reply(status=302, headers={"Location": "/a"}), "without end"),
    ],
    ids=["500", "reset", "torn", "large", "away", "loop"],
)
def test_a_lasting_failure_says_what_it_is(bad: Reply, words: str) -> None:
    with serving({"/a": [bad]}) as host, pytest.raises(TransferError, match=words):
        get(host, "/a", max_bytes=1000)


def test_a_redirect_on_the_same_host_is_followed() -> None:
    replies = {"/a": [Reply(status=301, headers={"Location": "/b"})], "/b": [Reply(b"there")]}
    with serving(replies) as host:
        answer = get(host, "/a")
    assert (answer.url, answer.body) == (f"{WWW}/b", b"there")


def test_a_silent_host_is_not_waited_for_longer_than_allowed() -> None:
    with serving({"/a": [Reply(b"late", before=lambda: time.sleep(0.6))]}) as host:
        session = session_to(host.origin, retries=0, timeout_s=0.2)
        with pytest.raises(TransferError, match="no answer in time"):
            session.get(f"{WWW}/a", seconds=0, max_bytes=MB)


def test_a_host_that_is_down_is_named() -> None:
    with serving({}) as host:
        origin = host.origin
    with pytest.raises(
        SiteDownError, match=r"www\.example\.org does not answer \(connection refused\); run"
    ):
        session_to(origin).get(f"{WWW}/a", seconds=0, max_bytes=MB)


def test_retry_after_is_obeyed() -> None:
    replies = [Reply(status=429, headers={"Retry-After": "1"}), Reply(b"now")]
    with serving({"/a": replies}) as host:
        started = time.monotonic()
        assert get(host, "/a").body == b"now"
    assert time.monotonic() - started >= 1.0


def test_retry_after_may_be_a_date() -> None:
    in_a_minute = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    assert retry_after(format_datetime(in_a_minute, usegmt=True)) == pytest.approx(60, abs=2)


def test_a_challenge_is_not_tried_again() -> None:
    page = b"<html><title>Just a moment...</title></html>"
    with serving({"/a": [Reply(page, 503)]}) as host, pytest.raises(ChallengedError):
        get(host, "/a")
    assert host.paths() == ["/a"]


PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those who run the tests."""
    for name in (*PROXIES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_the_environments_proxy_is_not_asked_for_the_gallery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({"/a": [Reply(b"direct")]}) as host:
        assert get(host, "/a").body == b"direct"


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_the_environments_proxy_is_asked_for_a_live_site(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with serving({}) as proxy:
        monkeypatch.setenv(name, proxy.origin)
        session = session_to("", retries=0, book=AddressBook())
        with pytest.raises(TransferError, match="through the proxy that the environment names"):
            session.get(f"{WWW}/a", seconds=0, max_bytes=MB)
        assert proxy.paths() == ["www.example.org:443"]


def test_requests_to_one_host_keep_their_distance() -> None:
    rate_limiter, started = RateLimiter(), time.monotonic()
    for _ in range(4):
        rate_limiter.wait(WWW, 0.1)
    rate_limiter.wait("https://other.org", 0.1)
    assert 0.3 <= time.monotonic() - started < 1.0


ROBOTS = b"User-agent: *\nDisallow: /search\nCrawl-delay: 3\n"


def test_robots_txt_is_read_once_and_obeyed() -> None:
    with serving({"/robots.txt": [Reply(ROBOTS)]}) as host:
        robots = Robots(session_to(host.origin))
        robots.check(f"{WWW}/watches")
        with pytest.raises(RobotsForbidError, match=r"/search/a: forbidden by .*robots\.txt"):
            robots.check(f"{WWW}/search/a")
        assert robots.seconds_between(f"{WWW}/watches", 0.5) == 3.0
        assert robots.seconds_between(f"{WWW}/watches", 5.0) == 5.0
        assert host.paths() == ["/robots.txt"]


def test_rules_for_salon_itself_come_before_those_for_all() -> None:
    rules = b"User-agent: *\nDisallow:\n\nUser-agent: Salon\nDisallow: /\n"
    with serving({"/robots.txt": [Reply(rules)]}) as host:
        robots = Robots(session_to(host.origin))
        with pytest.raises(RobotsForbidError):
            robots.check(f"{WWW}/a")


def test_no_robots_txt_allows_everything() -> None:
    with serving({}) as host:
        Robots(session_to(host.origin)).check(f"{WWW}/search/a")


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_an_unreadable_robots_txt_forbids_everything(status: int) -> None:
    with serving({"/robots.txt": [Reply(status=status)]}) as host:
        robots = Robots(session_to(host.origin))
        with pytest.raises(RobotsForbidError, match=f"HTTP {status}"):
            robots.check(f"{WWW}/a")


def test_an_answer_that_trickles_is_given_up_as_a_whole() -> None:
    """Each byte comes in time; all of them together would not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                for byte in itertools.cycle(b"HTTP/1.1 200 OK\r\nX-A: b\r\n"):
                    try:
                        connection.sendall(bytes([byte]))
                    except ConnectionError:
                        break
                    if ended.wait(0.05):
                        break

        threading.Thread(target=trickle, daemon=True).start()
        session = session_to(
            f"http://127.0.0.1:{listening.getsockname()[1]}", retries=0, timeout_s=0.5
        )
        with pytest.raises(TransferError, match=r"no answer in time|too slowly"):
            session.get(f"{WWW}/a", seconds=0, max_bytes=MB)
        ended.set()


def test_a_body_that_trickles_is_given_up_too() -> None:
    with serving({"/a": [Reply(b"x", announced=2)]}) as host:
        session = session_to(host.origin, retries=0, timeout_s=0.3)
        with pytest.raises(TransferError, match=r"announced length|in time|too slowly"):
            session.get(f"{WWW}/a", seconds=0, max_bytes=MB)


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (gzip.compress(bytes(50 * MB)), "gzip", "longer than the 1,000,000 bytes allowed once"),
        (b"no gzip at all", "gzip", "not gzip as its head says"),
        (gzip.compress(b"whole")[:-9], "gzip", "its gzip ends early"),
        (gzip.compress(b"whole") + gzip.compress(b"torn")[:-9], "gzip", "its gzip ends early"),
        (gzip.compress(b"x") + gzip.compress(bytes(50 * MB)), "gzip", "longer than the 1,000,000"),
        (gzip.compress(b"whole")[:-6] + b"CRC is", "gzip", "CRC check failed"),
        (b"abc", "br", "Content-Encoding 'br', which nobody asked for"),
    ],
    ids=["bomb", "lie", "torn", "torn later", "bomb behind", "damaged", "unknown"],
)
def test_what_cannot_be_unpacked_within_bounds_is_refused(
    body: bytes, encoding: str, words: str
) -> None:
    reply = Reply(body, headers={"Content-Encoding": encoding})
    with serving({"/a": [reply]}) as host, pytest.raises(TransferError, match=words):
        get(host, "/a")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"hello"), "gzip"),
        (gzip.compress(b"he") + gzip.compress(b"") + gzip.compress(b"llo"), "gzip"),
        (gzip.compress(b"hello") + bytes(512), "gzip"),
        (gzip.compress(b"hello") + b"a trailer", "gzip"),
        (zlib.compress(b"hello"), "deflate"),
    ],
    ids=["one member", "several members", "padding", "a trailer", "deflate"],
)
def test_what_was_packed_unasked_is_unpacked(body: bytes, encoding: str) -> None:
    reply = Reply(body, headers={"Content-Encoding": encoding})
    with serving({"/a": [reply]}) as host:
        assert get(host, "/a").body == b"hello"


def test_a_host_that_asks_for_hours_is_not_asked_again() -> None:
    reply = Reply(status=429, headers={"Retry-After": "7200"})
    with serving({"/a": [reply]}) as host:
        with pytest.raises(TransferError, match="HTTP 429, and the host asks to wait 7,200 s"):
            get(host, "/a")
        assert host.paths() == ["/a"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(b"<!doctype html><p>Welcome"), "a page came in place of the rules"),
        (Reply(status=302, headers={"Location": "https://elsewhere.org/"}), "another host"),
    ],
)
def test_what_is_no_robots_txt_forbids_everything(reply: Reply, words: str) -> None:
    with serving({"/robots.txt": [reply]}) as host:
        robots = Robots(session_to(host.origin))
        with pytest.raises(RobotsForbidError, match=words):
            robots.check(f"{WWW}/a")


def test_a_challenge_in_place_of_robots_txt_stops() -> None:
    page = Reply(b"<html><title>Just a moment...</title></html>", 403)
    with serving({"/robots.txt": [page]}) as host, pytest.raises(ChallengedError):
        Robots(session_to(host.origin)).check(f"{WWW}/a")


def test_robots_txt_is_read_again_after_a_day() -> None:
    now = [0.0]
    with serving({"/robots.txt": [Reply(b""), Reply(ROBOTS)]}) as host:
        robots = Robots(session_to(host.origin), clock=lambda: now[0])
        robots.check(f"{WWW}/search/a")
        now[0] = 24 * 3600 + 1.0
        with pytest.raises(RobotsForbidError):
            robots.check(f"{WWW}/search/a")


def test_a_request_rate_is_a_distance() -> None:
    rules = b"User-agent: *\nRequest-rate: 1/10\n"
    with serving({"/robots.txt": [Reply(rules)]}) as host:
        assert Robots(session_to(host.origin)).seconds_between(f"{WWW}/a", 2.0) == 10.0


def test_a_redirect_is_checked_before_it_is_followed() -> None:
    replies = {
        "/robots.txt": [Reply(ROBOTS)],
        "/a": [Reply(status=302, headers={"Location": "/search/b"})],
    }
    with serving(replies) as host:
        session = session_to(host.origin)
        with pytest.raises(RobotsForbidError):
            session.get(f"{WWW}/a", seconds=0, max_bytes=MB, check=Robots(session).check)
        assert "/search/b" not in host.paths()
