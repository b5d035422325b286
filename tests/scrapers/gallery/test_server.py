"""The HTTP side of the replicas: connections, validators, the child process, bad starts."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.core.errors import BusyError, SiteDownError
from pipeline.core.params.scrape import Gallery
from scrapers.gallery.process import open_gallery
from scrapers.gallery.replicas.wikiart.addresses import FRAME, HOSTS, UPLOADS
from scrapers.gallery.server import HostServer, running

SMALL = Gallery(seed=3, works=60, creators=6)


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with running("wikiart", SMALL) as addresses:
        yield addresses


def test_only_the_hosts_of_the_site_are_started_each_on_its_own_port(
    origins: dict[str, str],
) -> None:
    assert tuple(origins) == HOSTS
    assert len(set(origins.values())) == len(origins)
    assert all(address.startswith("http://127.0.0.1:") for address in origins.values())


def test_one_connection_serves_many_requests(origins: dict[str, str]) -> None:
    address = urlsplit(next(iter(origins.values())))
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    for _ in range(3):
        connection.request("GET", "/robots.txt")
        answer = connection.getresponse()
        assert answer.version == 11
        assert len(answer.read()) == int(answer.headers["Content-Length"])
        assert not answer.will_close
    connection.close()


def test_head_tells_the_length_and_sends_nothing(origins: dict[str, str]) -> None:
    url = origins[UPLOADS] + FRAME
    head, get = requests.head(url, timeout=10), requests.get(url, timeout=10)
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(get.content))
    assert get.headers["Content-Type"] == "image/jpeg"


def test_an_image_that_did_not_change_is_not_sent_again(origins: dict[str, str]) -> None:
    url = origins[UPLOADS] + FRAME
    etag = requests.get(url, timeout=10).headers["ETag"]
    again = requests.get(url, headers={"If-None-Match": f'"other", {etag}'}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    assert again.headers["Last-Modified"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    other = requests.get(url, headers={"If-None-Match": '"other"'}, timeout=10)
    assert other.status_code == 200


def test_a_client_that_hangs_up_leaves_no_trace(
    origins: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(next(iter(origins.values())))
    for _ in range(5):
        with socket.create_connection((str(address.hostname), address.port or 0)) as raw:
            raw.sendall(b"GET /en HTTP/1.1\r\nHost: x\r\n\r\n")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    assert requests.get(f"{address.geturl()}/robots.txt", timeout=10).ok
    assert capfd.readouterr().err == ""


def test_connections_beyond_the_bound_wait_for_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.gallery.server.MOST_CONNECTIONS", 1)
    with running("wikiart", SMALL) as addresses:
        address = urlsplit(next(iter(addresses.values())))
        with socket.create_connection((str(address.hostname), address.port or 0)) as idle:
            idle.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(12) == b"HTTP/1.1 200"
            with pytest.raises(requests.Timeout):
                requests.get(f"{address.geturl()}/robots.txt", timeout=0.5)
        assert requests.get(f"{address.geturl()}/robots.txt", timeout=10).ok


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with HostServer(0) as first, pytest.raises(BusyError, match=f"port {first.server_port} "):
        HostServer(first.server_port)


def test_the_child_serves_and_ends_with_the_block() -> None:
    with open_gallery("chrono24", SMALL) as addresses:
        front = f"{addresses['https://www.chrono24.com']}/"
        assert "watches by brand" in requests.get(front, timeout=20).text
    with pytest.raises(requests.ConnectionError):
        requests.get(front, timeout=5)


def test_the_child_ends_when_its_parent_is_killed() -> None:
    program = (
        "import sys, time\n"
        "from pipeline.core.params.scrape import Gallery\n"
        "from scrapers.gallery.process import open_gallery\n"
        "with open_gallery('wikiart', Gallery(seed=3, works=60, creators=6)) as addresses:\n"
        "    print(next(iter(addresses.values())), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        front = parent.stdout.readline().decode().strip()
        assert requests.get(f"{front}/robots.txt", timeout=10).ok
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            requests.get(f"{front}/robots.txt", timeout=5)
        except requests.ConnectionError:
            return
        time.sleep(0.1)
    pytest.fail("the gallery outlived its parent by ten seconds")


def test_a_child_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(SiteDownError, match="invalid choice: 'elsewhere'"),
        open_gallery("elsewhere", SMALL),
    ):
        pytest.fail("the block must not be entered")


def _first_of_free_ports(count: int) -> int:
    """Below those that the system gives out by itself."""
    for first in range(20_000, 30_000, count):
        try:
            with ExitStack() as stack:
                for port in range(first, first + count):
                    stack.enter_context(HostServer(port))
                return first
        except BusyError:
            continue
    raise AssertionError("no ports are free")


def test_the_command_serves_until_it_is_interrupted() -> None:
    port = _first_of_free_ports(len(HOSTS))
    salon = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    arguments = ["gallery", "wikiart", "--works", "60", "--creators", "6", "--port", str(port)]
    with subprocess.Popen([*salon, *arguments], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        assert served.stdout.readline().split() == ["wikiart", f"http://127.0.0.1:{port}/"]
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=10).ok
        served.stdout.readline()
        served.send_signal(signal.SIGINT)
        assert served.stdout.read().strip() == "Stopped."
    assert served.returncode == 0
