"""A proxy in the environment: taken for a live site, by nothing that is on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import BrowserError
from scrapers.browser.browser import Browser
from scrapers.browser.document import NoPageError
from scrapers.browser.proxy import proxy_flag
from tests.scrapers.hosts import Reply, serving

LIVE = ("example.org", "*.example.org")
NOBODY = "http://127.0.0.1:9"
NAMES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
PAGE = Reply(b"<p>here", headers={"Content-Type": "text/html"})


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those who run the tests."""
    for name in (*NAMES, "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def browser(folder: Path, hosts: tuple[str, ...]) -> Browser:
    return Browser(folder / "profile", user_agent="Salon/0", timeout_s=20, hosts=hosts)


def test_neither_the_driver_nor_the_gallery_is_asked_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, NOBODY)
    monkeypatch.setenv("no_proxy", "example.net")  # lists usually hold this machine; not this one
    with serving({"/a": [PAGE]}) as host, browser(tmp_path, ("127.0.0.1",)) as running:
        assert running.open(f"{host.origin}/a").status == 200


def test_a_live_site_and_nothing_else_is_asked_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {"http://www.example.org/a": [PAGE]}
    with serving(pages) as proxy, browser(tmp_path, LIVE) as running:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        monkeypatch.setenv("all_proxy", proxy.origin)
        assert "here" in running.open("http://www.example.org/a").body
        with pytest.raises(NoPageError, match="tunnel connection failed"):
            running.open("https://example.org/b")
        with pytest.raises(NoPageError, match="name not resolved"):
            running.open("http://elsewhere.org/")
        assert {"http://www.example.org/a", "example.org:443"} <= set(proxy.paths())
        assert all("example.org" in path for path in proxy.paths())  # it tries TLS first


def test_a_host_that_no_proxy_names_is_asked_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({}) as proxy, browser(tmp_path, LIVE) as running:
        monkeypatch.setenv("http_proxy", proxy.origin)
        monkeypatch.setenv("no_proxy", "localhost, .example.org")
        with pytest.raises(NoPageError):  # there is no such host
            running.open("http://www.example.org/a")
        assert proxy.paths() == []


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("http://me:secret@10.0.0.1:3128", "https_proxy .* names a user and a password"),
        ("ftp://10.0.0.1", "https_proxy .* is no address of a proxy that Chromium can use"),
        ("http://", "https_proxy .* is no address"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, named: str, says: str
) -> None:
    monkeypatch.setenv("https_proxy", named)
    with pytest.raises(BrowserError, match=says) as raised:
        proxy_flag(LIVE)
    assert "secret" not in str(raised.value)
    assert proxy_flag(("127.0.0.1",)) == "--no-proxy-server"
