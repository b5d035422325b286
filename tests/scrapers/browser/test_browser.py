"""The browser: what it returns, how it fails, and that it never outlives its owner."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.core.errors import BrowserError, RobotsForbidError
from scrapers.browser.browser import Browser
from scrapers.browser.document import Document, LeadsOnError, NoPageError, document
from tests.scrapers.hosts import Host, Reply, serving

HTML = {"Content-Type": "text/html; charset=utf-8"}


def html(text: str, status: int = 200) -> Reply:
    return Reply(f"<!doctype html><html><body>{text}</body></html>".encode(), status, HTML)


MORE = """
<ul id=list><li>1</li></ul>
<a class=more onclick="more()">more</a>
<script>
  let n = 1;
  function more() {
    setTimeout(() => {
      document.querySelector('#list').innerHTML += `<li>${++n}</li>`;
      if (n == 4) document.querySelector('.more').classList.add('hide');
    }, 20);
  }
</script>
"""


OFF = "<p>off</p>"
LEADING_OFF = {
    "redirect": Reply(status=302, headers={"Location": "/forbidden/redirect"}),
    "second-redirect": Reply(status=302, headers={"Location": "/leads/redirect"}),
    "meta": html(f"<meta http-equiv=refresh content='0;url=/forbidden/meta'>{OFF}"),
    "header": Reply(html(OFF).body, 200, {**HTML, "Refresh": "0;url=/forbidden/header"}),
    "frame": html(
        f"{OFF}<iframe src=/forbidden/frame></iframe><object data=/forbidden/o></object>"
    ),
    "location": html(f"{OFF}<script>location = '/forbidden/location'</script>"),
    "fetch": html(f"{OFF}<script>fetch('/forbidden/fetch')</script>"),
    "script": html(f"{OFF}<script src=/forbidden/script></script>"),
}
PARTS = {"frame", "fetch", "script"}
"""Without these a page is still what it is."""


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    script = "<script>document.body.innerHTML += '<p>drawn \u00e9</p>'</script>"
    loads = "<link rel=stylesheet href='/style.css'><img src='/picture.jpg'>"
    loads += "<script src='/script.js'></script>"
    replies = {
        "/a": [Reply(html(f"{loads}{script}").body, 200, {**HTML, "X-Robots-Tag": "noai"})],
        "/gone": [html("no such page", 404)],
        "/script.js": [Reply(b"1", headers={"Content-Type": "text/javascript"})],
        "/long": [Reply(b"[" + b"1," * 50 + b"1]")],
        "/empty": [Reply(status=429, headers={"Retry-After": "7"})],
        "/moved": [Reply(status=302, headers={"Location": "/a"})],
        "/data": [Reply(b'{"x": "\xc3\xa9"}', headers={"Content-Type": "application/json"})],
        "/more": [html(MORE)],
        "/hangs": [html("<script>while (true) {}</script>")],
        "/loop": [Reply(status=302, headers={"Location": "/loop"})],
        **{f"/leads/{how}": [reply] for how, reply in LEADING_OFF.items()},
    }
    with serving(replies) as running:
        yield running


@contextmanager
def started(folder: Path, timeout_s: float) -> Iterator[Browser]:
    profile = folder / "profile"
    with Browser(
        profile, user_agent="Salon/0 (+someone)", timeout_s=timeout_s, hosts=("127.0.0.1",)
    ) as running:
        yield running
    assert not profile.exists()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """More patient than any test here needs, so that a busy machine fails none."""
    with started(tmp_path_factory.mktemp("browser"), 30.0) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """For the tests that wait until its patience is at an end, as a crashed tab makes them."""
    with started(tmp_path_factory.mktemp("hasty"), 4.0) as running:
        yield running


def test_a_page_is_opened_alone(browser: Browser, host: Host) -> None:
    before = len(host.asked)
    document = browser.open(f"{host.origin}/a")
    assert "drawn" not in document.body.partition("<script>")[0]
    assert "<p>drawn \u00e9</p></body>" not in document.body
    assert (document.status, document.url) == (200, f"{host.origin}/a")
    assert host.asked[-1].headers["user-agent"] == "Salon/0 (+someone)"
    assert host.paths()[before:] == ["/a"]  # no style, script, picture, icon


def test_a_page_that_is_unfolded_is_what_its_scripts_made_of_it(
    browser: Browser, host: Host
) -> None:
    before = len(host.asked)
    document = browser.open(f"{host.origin}/a", alone=False)
    assert "<p>drawn \u00e9</p></body>" in document.body
    assert set(host.paths()[before:]) == {"/a", "/script.js"}


def test_status_headers_and_final_address_are_told(browser: Browser, host: Host) -> None:
    assert browser.open(f"{host.origin}/gone").status == 404
    empty = browser.open(f"{host.origin}/empty")
    assert (empty.url, empty.status, empty.body) == (f"{host.origin}/empty", 429, "")
    assert empty.headers["retry-after"] == "7"
    assert empty.peer == ("127.0.0.1", host.server_port)
    moved = browser.open(f"{host.origin}/moved")
    assert (moved.url, moved.headers["x-robots-tag"]) == (f"{host.origin}/a", "noai")


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "unfolding"])
@pytest.mark.parametrize("how", LEADING_OFF)
def test_nothing_is_requested_that_was_refused(
    browser: Browser, host: Host, how: str, alone: bool
) -> None:
    asked = []

    def ask(url: str) -> None:
        asked.append(url.removeprefix(host.origin))
        if "/forbidden/" in url:
            raise RobotsForbidError(url)

    before = len(host.asked)
    page = f"{host.origin}/leads/{how}"
    if how.endswith("redirect"):
        with pytest.raises(RobotsForbidError, match="/forbidden/redirect"):
            browser.open(page, ask, alone=alone)
    else:
        with suppress(*(() if how in PARTS else (RobotsForbidError, LeadsOnError))):
            assert OFF in browser.open(page, ask, alone=alone).body
    time.sleep(0.3)  # the page may try in the meantime
    assert browser.open(f"{host.origin}/a", ask).status == 200
    made = host.paths()[before:]
    assert made == [path for path in asked if "/forbidden/" not in path]


WAYS_OUT = (
    "fetch('/w/fetch')",
    "new EventSource('/w/events')",
    "new Image().src = '/w/image'",
    "new Worker('/w/worker')",
    "new SharedWorker('/w/shared')",
    "new WebSocket(`ws://${location.host}/w/socket`)",
    "navigator.sendBeacon('/w/beacon', '')",
    "navigator.serviceWorker.register('/w/service')",
    "const x = new XMLHttpRequest(); x.open('GET', '/w/xhr'); x.send()",
)
AHEAD = """
<link rel=prefetch href=/w/prefetch><link rel=preload as=script href=/w/preload>
<link rel=modulepreload href=/w/module><style>@import '/w/import';</style>
<script type=speculationrules>{"prefetch": [{"source": "list", "urls": ["/w/ahead"]}],
"prerender": [{"source": "list", "urls": ["/w/drawn-ahead"]}]}</script>
"""


def test_everything_that_a_page_asks_for_waits_at_the_gate(browser: Browser) -> None:
    scripts = "".join(f"<script>{way}</script>" for way in WAYS_OUT)
    asked: list[str] = []
    with serving({"/w": [html(f"{AHEAD}{scripts}<p>all out")]}) as other:
        browser.open(f"{other.origin}/w", asked.append, alone=False)
        time.sleep(1.0)  # some begin once the page is idle
        assert "all out" in browser.read().body
        time.sleep(0.5)
        made = set(other.paths())
    assert {"/w", "/w/fetch", "/w/xhr"} <= made
    assert made <= {url.removeprefix(other.origin) for url in asked}


WINDOWS = (
    "open('{foreign}/open')",
    "open('/forbidden/open')",
    "open('{foreign}/alone', '_blank', 'noopener')",
    "open('/window')",
    "const w = open('about:blank'); w.fetch('{foreign}/fetch')",
    "const w = open(''); w.fetch('{foreign}/post', {{method: 'POST', body: 'x'}})",
    "const w = open(''); setTimeout(() => w.fetch('/forbidden/later'), 200)",
    "const w = open(''); new w.WebSocket('ws://{address}/socket')",
    "const w = open(''); new w.WebSocket(`ws://${{location.host}}/forbidden/socket`)",
    "const w = open(''); w.document.write('<img src={foreign}/image>'); w.document.close()",
    "open(URL.createObjectURL(new Blob(['<img src={foreign}/i>'], {{type: 'text/html'}})))",
    "for (let i = 0; i < {many}; i++) open(`{foreign}/many/${{i}}`)",
    "document.body.innerHTML += '<form id=f method=post target=x action={foreign}>'; f.submit()",
    "document.body.innerHTML += '<a id=l target=_blank href=/forbidden/l>x</a>'; l.click()",
)
IN_THE_WINDOW = (
    "<script>fetch('{foreign}/in'); fetch('/forbidden/in'); open('{foreign}/2')</script>"
)


def opening_windows(other: Host, many: int) -> dict[str, list[Reply]]:
    """A page a way, and the window that one of them opens."""
    address = other.origin.removeprefix("http://")
    told = {"foreign": other.origin, "address": address, "many": many}
    pages = {
        f"/opens/{number}": [html(f"{OFF}<script>{way.format(**told)}</script>")]
        for number, way in enumerate(WINDOWS)
    }
    return pages | {"/window": [html(IN_THE_WINDOW.format(**told))], "/a": [html("a")]}


@pytest.mark.parametrize("walls", ["both", "the fence alone"])
def test_a_window_that_a_page_opens_reaches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, walls: str
) -> None:
    many = 50 if walls == "both" else 5
    if walls != "both":
        monkeypatch.setattr("scrapers.browser.chromium._WITHOUT_FLAGS", [])
        monkeypatch.setattr("scrapers.browser.chromium._PREFERENCES", {})
    with (
        serving({}) as other,
        serving(opening_windows(other, many)) as own,
        started(tmp_path, 4.0) as browser,
    ):

        def ask(url: str) -> None:
            if not url.startswith(own.origin) or "/forbidden/" in url:
                raise RobotsForbidError(url)

        pages = [f"/opens/{number}" for number in range(len(WINDOWS))]
        for page in pages:
            with suppress(*(() if walls == "both" else (NoPageError,))):
                assert OFF in browser.open(own.origin + page, ask, alone=False).body
                time.sleep(0.3)
                assert OFF in browser.read().body  # a second one gives what waits its chance
        assert browser.open(f"{own.origin}/a", ask).status == 200
        assert other.paths() == []
        assert set(own.paths()) <= {*pages, "/a"}


def test_a_redirect_without_end_is_left_early(browser: Browser, host: Host) -> None:
    before = len(host.asked)
    with pytest.raises(LeadsOnError, match="without end"):
        browser.open(f"{host.origin}/loop")
    assert host.paths()[before:] == ["/loop"] * 6


def test_no_other_host_resolves(browser: Browser, host: Host) -> None:
    # Many, because the browser's page about one failure must not get into the way of the next.
    for name in ("localhost", "[::1]", *(f"127.0.1.{last}" for last in range(30))):
        with pytest.raises(NoPageError, match="name not resolved"):
            browser.open(f"http://{name}:{host.server_port}/a")


def test_a_document_without_end_is_not_taken_in(
    browser: Browser, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("browser", "document"):
        monkeypatch.setattr(f"scrapers.browser.{module}.MOST_CHARACTERS", 50)
    with pytest.raises(NoPageError, match="longer than the 50 characters allowed"):
        browser.open(f"{host.origin}/a")
    with pytest.raises(NoPageError, match="longer than the 50 characters allowed"):
        browser.fetch(f"{host.origin}/long", within=f"{host.origin}/a")
    assert browser.fetch(f"{host.origin}/data", within=f"{host.origin}/a").status == 200


def test_a_page_can_be_asked_from_inside_another(browser: Browser, host: Host) -> None:
    answer = browser.fetch(f"{host.origin}/data", within=f"{host.origin}/a")
    assert (answer.body, answer.status) == ('{"x": "\u00e9"}', 200)
    assert answer.content_type == "application/json"
    sent = host.asked[-1].headers
    assert sent["x-requested-with"] == "XMLHttpRequest"
    assert sent["referer"] == f"{host.origin}/a"


def test_a_button_is_pressed_until_it_hides(browser: Browser, host: Host) -> None:
    browser.open(f"{host.origin}/more", alone=False)
    presses = 1
    while browser.press(".more", "#list li"):
        presses += 1
    assert presses == 3
    assert re.findall(r"<li>(\d)</li>", browser.read().body) == ["1", "2", "3", "4"]
    assert not browser.press(".absent", "#list li")


def test_no_connection_is_no_page(browser: Browser) -> None:
    with serving({}) as stopped:
        origin = stopped.origin
    with pytest.raises(NoPageError, match="connection refused"):
        browser.open(origin)


def test_what_is_no_address_is_no_page(browser: Browser) -> None:
    with pytest.raises(NoPageError, match="invalid url"):
        browser.open("http://127.0.0.256/")


def test_a_page_that_leads_on_after_it_was_read_holds_nobody_up(
    browser: Browser, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_document(answer: dict[str, Any]) -> Document:
        time.sleep(0.4)  # long enough for the page to try while nobody listens
        return document(answer)

    monkeypatch.setattr("scrapers.browser.browser.document", slow_document)
    leads_on = html(f"{OFF}<script>setTimeout(() => {{ location = '/later' }}, 200)</script>")
    with serving({"/leads": [leads_on]}) as other:
        for _ in range(2):
            with suppress(LeadsOnError):
                assert OFF in browser.open(f"{other.origin}/leads", alone=False).body
        assert set(other.paths()) == {"/leads"}
    assert browser.open(f"{host.origin}/a").status == 200


def test_a_page_without_end_is_given_up_and_the_next_one_opens(hasty: Browser, host: Host) -> None:
    with pytest.raises(NoPageError, match="within 4 s"):
        hasty.open(f"{host.origin}/hangs", alone=False)
    assert hasty.open(f"{host.origin}/a").status == 200


def test_a_browser_that_crashes_twice_is_an_error_of_one_sentence(
    hasty: Browser, host: Host
) -> None:
    with pytest.raises(BrowserError, match="broke down twice on the same page"):
        hasty.open("chrome://crash")
    assert hasty.open(f"{host.origin}/a").status == 200


@pytest.mark.parametrize("missing", ["chromium", "chromedriver"])
def test_a_missing_program_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in {"chromium", "chromedriver"} - {missing}:
        (tmp_path / name).symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("SALON_CHROMIUM", raising=False)
    monkeypatch.delenv("SALON_CHROMEDRIVER", raising=False)
    with pytest.raises(BrowserError, match=f"no {missing} found.*chromium and chromium-driver"):
        Browser(tmp_path / "profile", user_agent="", timeout_s=1, hosts=())


def test_a_program_named_wrongly_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALON_CHROMIUM", "/no/such/browser")
    with pytest.raises(BrowserError, match="SALON_CHROMIUM=/no/such/browser: not a program"):
        Browser(tmp_path / "profile", user_agent="", timeout_s=1, hosts=())


def test_a_driver_that_is_none_is_an_error_of_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALON_CHROMEDRIVER", "/bin/false")
    with (
        Browser(tmp_path / "profile", user_agent="", timeout_s=1, hosts=()) as browser,
        pytest.raises(BrowserError, match="could not be started"),
    ):
        browser.open("about:blank")


OWNER = """
import sys, time
from pathlib import Path
from scrapers.browser.browser import Browser
with Browser(Path(sys.argv[1]), user_agent="Salon", timeout_s=20, hosts=()) as browser:
    browser.open("about:blank")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_nothing_is_left_of_it_when_its_owner_is_killed(tmp_path: Path) -> None:
    profile = str(tmp_path / "profile")
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, profile], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "ready\n"
        assert programs_of(profile)
        os.kill(owner.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while programs_of(profile) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert programs_of(profile) == []


def programs_of(profile: str) -> list[int]:
    """Process ids of the programs that run with this profile."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if f"--user-data-dir={profile}/" in " ".join(process.info["cmdline"] or ())
    ]
