"""How far a capture may go, by name and by what a connection really reached."""

from __future__ import annotations

import socket

import pytest

from scrapers.address import AddressBook
from scrapers.http.http_session import Session, TransferError
from scrapers.politeness.allowed_hosts import AllowedHosts, HostNotAllowedError
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from tests.scrapers.hosts import Reply, serving

LIVE = AllowedHosts(("example.org",), AddressBook())


@pytest.mark.parametrize(
    "url", ["https://example.org/a", "https://img8.example.org/a.jpg", "https://example.org:443/"]
)
def test_hosts_of_the_site_are_in_bounds(url: str) -> None:
    LIVE.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a",
        "https://notexample.org/a",
        "https://example.org.evil.com/",
        "http://example.org/a",
        "https://example.org:8443/",
        "https://someone@example.org/",
        "https://evil.com/?https://example.org",
        "https://evil.com\\@example.org.evil.com/",
        "http://127.0.0.1/",
        "https://[::1]/",
        "https://[not-an-address/",
        "https://example.org:port/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    with pytest.raises(HostNotAllowedError):
        LIVE.check(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0"],  # noqa: S104 - an address that must be refused
)
def test_a_private_address_behind_a_public_name_is_refused(host: str) -> None:
    with pytest.raises(HostNotAllowedError, match="private address"):
        LIVE.check_peer(host, 443)


def test_a_public_address_is_not() -> None:
    LIVE.check_peer("93.184.215.14", 443)


def test_nothing_is_sent_to_a_name_that_leads_into_the_private_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as private:
        port = private.getsockname()[1]
        resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        # What a rebound name answers; no name of the world does so on request.
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)
        session = Session(
            AddressBook(),
            LIVE,
            agent="Salon",
            timeout_s=5,
            retry_policy=RetryPolicy(0),
            rate_limiter=RateLimiter(),
        )
        with pytest.raises(HostNotAllowedError, match=r"private address 127\.0\.0\.1"):
            session.get("https://img.example.org/a", seconds=0, max_bytes=10)
        connection, _ = private.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""  # hung up before a word was said


def test_the_gallery_is_asked_at_its_own_addresses_only() -> None:
    with serving({"/a": [Reply(b"x")]}) as host, serving({}) as other:
        book = AddressBook({"https://www.example.org": host.origin})
        allowed_hosts = AllowedHosts(("example.org",), book)
        allowed_hosts.check_peer("127.0.0.1", host.server_port)
        with pytest.raises(HostNotAllowedError, match="not the gallery's"):
            allowed_hosts.check_peer("127.0.0.1", other.server_port)
        with pytest.raises(HostNotAllowedError, match="the gallery has no such host"):
            allowed_hosts.check("https://img.example.org/a")
        assert allowed_hosts.hosts == ("127.0.0.1",)


def test_a_redirect_into_the_private_network_is_not_followed() -> None:
    with serving({}) as private:
        away = Reply(status=302, headers={"Location": f"{private.origin}/secret"})
        with serving({"/a": [away]}) as host:
            book = AddressBook({"https://www.example.org": host.origin})
            session = Session(
                book,
                AllowedHosts(("example.org",), book),
                agent="Salon",
                timeout_s=5,
                retry_policy=RetryPolicy(0),
                rate_limiter=RateLimiter(),
            )
            with pytest.raises(TransferError, match="leads to another host"):
                session.get("https://www.example.org/a", seconds=0, max_bytes=10)
        assert private.asked == []
