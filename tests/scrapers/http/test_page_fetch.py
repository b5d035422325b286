"""What becomes of a page before a browser is asked for it, and how its failures are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import NotJsonError
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.browser.browser import Browser
from scrapers.http.http_session import Session
from scrapers.http.page_fetch import PageFetcher
from scrapers.http.robots import Robots
from scrapers.politeness.allowed_hosts import AllowedHosts, HostNotAllowedError
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy, TryAgainError
from tests.scrapers.hosts import Host, Reply, serving

WWW = "https://www.example.org"


def fetcher(host: Host, folder: Path) -> PageFetcher:
    book, policy, limiter = AddressBook({WWW: host.origin}), RetryPolicy(0), RateLimiter()
    hosts = AllowedHosts(("example.org",), book)
    session = Session(
        book, hosts, agent="Salon/0", timeout_s=5, retry_policy=policy, rate_limiter=limiter
    )
    browser = Browser(folder / "profile", user_agent="Salon/0", timeout_s=5, hosts=hosts.hosts)
    return PageFetcher(
        browser,
        session,
        Robots(session),
        hosts,
        book,
        seconds=0,
        retry_policy=policy,
        rate_limiter=limiter,
    )


def test_a_page_that_the_rules_of_the_host_opt_out_is_not_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = Reply(b"User-agent: *\nContent-Signal: ai-train=no\n")
    with serving({"/robots.txt": [rules]}) as host:
        outcome = fetcher(host, tmp_path).open_detail(f"{WWW}/work")
        assert (outcome.fetch, outcome.body) == (Fetch.OPTED_OUT, None)
        assert host.paths() == ["/robots.txt"]
    assert "/robots.txt: asks that nobody trains on this host's works" in capsys.readouterr().err


def test_a_failure_says_whether_it_may_pass(tmp_path: Path) -> None:
    with serving({}) as host:
        pages = fetcher(host, tmp_path)
    assert pages.failed(f"{WWW}/a", TryAgainError("HTTP 500", status=500)).may_pass
    assert pages.failed(f"{WWW}/a", NotJsonError("HTML came")).may_pass
    assert not pages.failed(f"{WWW}/a", HostNotAllowedError("elsewhere")).may_pass
