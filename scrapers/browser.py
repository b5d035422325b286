"""A headless Chromium that is started clean, lent for one capture, and gone with its owner.

The system's own browser and driver are used, found on the path or named by ``SALON_CHROMIUM`` and
``SALON_CHROMEDRIVER``; nothing is ever downloaded.

A page is opened alone: its scripts do not run, and nothing that it would load with it (pictures,
styles, fonts, frames, trackers) is asked for. What Salon wants is in the markup. Only where more of
a page must be unfolded do its scripts run. Every request, redirects included, is put to whoever
opened the page before it leaves; names of other hosts than the site's own do not even resolve.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.remote_connection import RemoteConnection
from urllib3.exceptions import HTTPError

from pipeline.core.errors import BrowserError, ScrapeError
from scrapers import network_log, page_scripts
from scrapers.tab import Asked, CommandError, MovesOnError, NoReplyError, Tab

Result = TypeVar("Result")

_PROGRAMS: Final = {
    "SALON_CHROMIUM": ("chromium", "chromium-browser", "google-chrome"),
    "SALON_CHROMEDRIVER": ("chromedriver",),
}
_FLAGS: Final = (
    "--headless=new",
    # The browser ends when this pipe does: it does not outlive a driver that was killed.
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--metrics-recording-only",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    # Containers give /dev/shm a few megabytes, on which larger pages crash.
    "--disable-dev-shm-usage",
    # Nobody looks: drawing less, and keeping no page for a way back, halves the CPU a page costs.
    "--disable-features=BackForwardCache,PaintHolding,SpareRendererForSitePerProcess,RenderDocument",
    "--disable-gpu",
    "--disable-gpu-compositing",
    "--disable-software-rasterizer",
    "--disable-threaded-compositing",
    "--window-size=1280,1024",
)
_PREFERENCES: Final = {
    "profile.managed_default_content_settings.images": 2,
    "download_restrictions": 3,
    "credentials_enable_service": False,
    "profile.default_content_setting_values.notifications": 2,
}
_ALL: Final = [{"urlPattern": "*://*:*/*", "block": True}]
_NEVER: Final = [
    {"urlPattern": f"*://*:*/*.{ending}", "block": True}
    for ending in ("css", "ico", "woff", "woff2", "ttf", "svg", "mp4", "webm")
]
"""What a page that unfolds itself need not load; documents are not subject to these lists."""
_MOST_CHARACTERS: Final = 32_000_000
"""Of a document. The largest known (a text list of all works of an artist) have a few hundred
thousand."""
_MARGIN_S: Final = 15.0
"""A driver that is silent for so long behind its own time limit counts as hung."""
_REASON: Final = re.compile(r"\bERR_([A-Z_]+)")
_NO_BODY: Final = "http response code failure"
"""What Chromium makes of an error status without a body; its head came all the same."""
_ABORTED: Final = "aborted"
"""So ends a navigation to a file that would be downloaded, and one in which the tab crashed."""
_MOST_REDIRECTS: Final = 5
_PR_SET_PDEATHSIG: Final = 1

Ask = Callable[[str], None]
"""Passes an address that the browser is about to request, or raises a `ScrapeError`."""


class _Lets(NamedTuple):
    """What a page may do besides being there."""

    scripts: bool
    requests: bool


_ALONE: Final = _Lets(scripts=False, requests=False)
_UNFOLDING: Final = _Lets(scripts=True, requests=True)


class NoPageError(ScrapeError):
    """An address led to no page: no connection, a broken one, or no end within the time limit."""


class LeadsOnError(NoPageError):
    """An address led to the next one without end, or to a page that would replace itself."""


@dataclass(frozen=True)
class Document:
    """What the browser got for an address."""

    url: str
    """Where it ended, after redirects."""
    status: int | None
    """HTTP status; None where the browser does not tell."""
    content_type: str
    body: str
    """The markup as the browser understood it, or the text that was fetched."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, with names in lower case."""
    peer: tuple[str, int] | None = None
    """IP address and port that a document came from, where there was a connection."""


def _anything(url: str) -> None:
    """Passes every address."""
    del url


class _Gate:
    """What of the requests of one page may leave."""

    def __init__(self, ask: Ask, *, parts: bool) -> None:
        """Put the page, and if need be its ``parts``, to ``ask``."""
        self._ask, self._parts = ask, parts
        self.page = ""
        """The last address that was requested for the page itself."""
        self.refusal: ScrapeError | None = None
        """Why the page, or the last of its parts, was not requested."""

    def __call__(self, asked: Asked) -> bool:
        if not (asked.is_page or self._parts):
            return False
        try:
            if asked.redirects > _MOST_REDIRECTS:
                raise LeadsOnError("leads from one address to the next without end")
            self._ask(asked.url)
        except ScrapeError as error:
            self.refusal = error
            return False
        if asked.is_page:
            self.page = asked.url
        return True


class Browser:
    """One tab of one browser, started when it is first needed."""

    def __init__(
        self, profile: Path, *, user_agent: str, timeout_s: float, hosts: tuple[str, ...]
    ) -> None:
        """Prepare a browser.

        Args:
            profile: folder for its profile; emptied before and after.
            user_agent: what it calls itself.
            timeout_s: how long a page, or a script in it, may take.
            hosts: names (with ``*`` for any part) that it may turn to; no other one resolves.

        Raises:
            BrowserError: there is no browser or no driver on this machine.
        """
        self._profile, self._user_agent, self._timeout_s = profile, user_agent, timeout_s
        self._hosts = hosts
        self._programs = {variable: _program(variable) for variable in _PROGRAMS}
        self._driver: Chrome | None = None
        self._tab: Tab | None = None
        self._gate = _Gate(_anything, parts=False)
        self._service: Service | None = None
        self._shows = ""
        self._lets: _Lets | None = None

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        if self._driver is not None:
            self._driver.quit()
        self._kill()

    @property
    def version(self) -> str | None:
        """The browser's version, once it has been started."""
        return None if self._driver is None else str(self._driver.capabilities["browserVersion"])

    def open(self, url: str, ask: Ask = _anything, *, alone: bool = True) -> Document:
        """Go to ``url`` and return its document.

        Args:
            url: where to go.
            ask: called with every address before it is requested, that of a redirect too.
            alone: without its scripts and whatever they load.

        Raises:
            NoPageError: no page came, or one that is too long.
            BrowserError: the browser broke down, and broke down again after a restart.
            ScrapeError: from ``ask``, for the page or for what it redirects to.
        """
        return self._attempt(lambda tab: self._open(tab, url, ask, alone))

    def fetch(self, url: str, within: str, ask: Ask = _anything) -> Document:
        """Request ``url`` as the scripts of the open page ``within`` do (see `is_showing`).

        Raises:
            NoPageError: no answer came, or one that is too long.
            BrowserError: the browser broke down, and broke down again after a restart.
            ScrapeError: from ``ask``, for the address or for what it redirects to.
        """

        def action(tab: Tab) -> Document:
            if self._shows != within:
                self._open(tab, within, ask, alone=True)
            self._let(_Lets(scripts=self._lets == _UNFOLDING, requests=True))
            self._gate = gate = _Gate(ask, parts=True)
            answer = tab.call(page_scripts.FETCH, url, _MOST_CHARACTERS, gate=gate)
            if "moved" in answer:
                raise LeadsOnError("leads to another address, where JSON was asked for")
            if "error" in answer:
                raise gate.refusal or NoPageError(answer["error"])
            return _document(answer)

        return self._attempt(action)

    def press(self, button: str, item: str) -> bool:
        """Press ``button`` and wait for more of ``item`` (CSS selectors) on the open page.

        Returns:
            Whether the button can be pressed again.

        Raises:
            NoPageError: nothing came of it.
            ScrapeError: from what the page was opened with, for what the button asks for.
        """
        if self._tab is None:
            raise BrowserError("no page is open on which a button could be pressed")
        try:
            return bool(self._tab.call(page_scripts.PRESS, button, item, gate=self._gate))
        except (CommandError, MovesOnError, NoReplyError) as error:
            raise self._gate.refusal or NoPageError(
                str(error) or f"nothing within {self._timeout_s:g} s"
            ) from error

    def read(self) -> Document:
        """The document that is open now."""
        return self._attempt(self._read)

    def is_showing(self, url: str) -> bool:
        """Whether ``url`` was opened last."""
        return self._shows == url

    def _open(self, tab: Tab, url: str, ask: Ask, alone: bool) -> Document:
        self._shows = ""
        self._let(_ALONE if alone else _UNFOLDING)
        self._network_log()
        self._gate = gate = _Gate(ask, parts=not alone)
        failure = _failure_of(lambda: tab.navigate(url, gate))
        if failure is None:
            self._shows = url
        # Reading comes first: the log would wait for a page that would replace itself.
        document = self._read(tab) if failure is None else None
        head = network_log.document_head(self._network_log())
        failure = failure or (head.failure if head else None)
        if failure is not None and gate.refusal is not None:
            raise gate.refusal
        if failure == _NO_BODY and head is not None:
            return Document(gate.page, head.status, "", "", head.headers, head.peer)
        if failure == _ABORTED:
            _check_alive(tab, gate)
        if failure is not None or document is None:
            self._shows = ""
            raise NoPageError(failure or "nothing came")
        if head is None:
            return document
        return replace(document, status=head.status, headers=head.headers, peer=head.peer)

    def _read(self, tab: Tab) -> Document:
        return _document(tab.call(page_scripts.READ, _MOST_CHARACTERS, gate=self._gate))

    def _let(self, lets: _Lets) -> None:
        """Tell the browser what a page may do, where that is not what it was told last."""
        if lets == self._lets or self._driver is None:
            return
        blocked = {"urlPatterns": _NEVER if lets.requests else _ALL}
        scripts = {"value": not lets.scripts}
        self._driver.execute_cdp_cmd("Network.enable", {})
        self._driver.execute_cdp_cmd("Network.setBlockedURLs", blocked)
        self._driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", scripts)
        self._lets = lets

    def _network_log(self) -> list[dict[str, Any]]:
        """The entries since the last call."""
        if self._driver is None:
            return []
        entries: list[dict[str, Any]] = self._driver.get_log(  # type: ignore[no-untyped-call]
            "performance"
        )
        return entries

    def _attempt(self, action: Callable[[Tab], Result]) -> Result:
        """Run ``action``; a browser that crashed or hung is started anew, once."""
        try:
            return self._run(action)
        except _BrokenDownError:
            try:
                return self._run(action)
            except _BrokenDownError as error:
                raise BrowserError(
                    f"Chromium broke down twice on the same page ({error}); run the same command "
                    f"again, and if it stays so, give it more memory"
                ) from error

    def _run(self, action: Callable[[Tab], Result]) -> Result:
        try:
            return action(self._tab or self._start())
        except MovesOnError as error:
            self._kill()
            raise LeadsOnError(str(error)) from error
        except NoReplyError as error:
            self._kill()
            raise NoPageError(f"no page within {self._timeout_s:g} s") from error
        except (CommandError, WebDriverException) as error:
            self._kill()
            raise _BrokenDownError(_first_line(error)) from error
        except (HTTPError, ConnectionError) as error:
            self._kill()
            raise _BrokenDownError(f"the driver does not answer: {error}") from error

    def _start(self) -> Tab:
        shutil.rmtree(self._profile, ignore_errors=True)
        self._profile.mkdir(parents=True, exist_ok=True)
        self._service = Service(
            self._programs["SALON_CHROMEDRIVER"],
            log_output=subprocess.DEVNULL,
            popen_kw={"preexec_fn": _end_with_parent(), "start_new_session": True},
        )
        try:
            driver = Chrome(options=self._options(), service=self._service)
        except WebDriverException as error:
            raise BrowserError(
                f"Chromium could not be started ({_first_line(error)}); check that chromium and "
                f"chromium-driver are of the same version"
            ) from error
        if isinstance(driver.command_executor, RemoteConnection):
            driver.command_executor.client_config.timeout = self._timeout_s + _MARGIN_S
        self._driver = driver
        self._tab = Tab(driver.capabilities["webSocketUrl"], self._timeout_s)
        return self._tab

    def _options(self) -> ChromeOptions:
        options = ChromeOptions()
        options.binary_location = self._programs["SALON_CHROMIUM"]
        options.page_load_strategy = "eager"
        options.add_experimental_option("prefs", _PREFERENCES)
        options.add_experimental_option("perfLoggingPrefs", network_log.OPTIONS)
        options.set_capability("goog:loggingPrefs", network_log.CAPABILITY)
        options.set_capability("webSocketUrl", True)
        # The sandbox needs user namespaces, which root in a container does not have.
        sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
        # One that crashed may still be dying in the profile it had.
        profile = tempfile.mkdtemp(dir=self._profile.resolve())
        rules = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in self._hosts)])
        own = (
            f"--user-data-dir={profile}",
            f"--user-agent={self._user_agent}",
            f"--host-resolver-rules={rules}",
        )
        for flag in (*_FLAGS, *sandbox, *own):
            options.add_argument(flag)
        return options

    def _kill(self) -> None:
        """End driver and browser without asking them; a hung one would not answer."""
        if self._service is not None and self._service.process is not None:
            self._service.process.kill()
            self._service.process.wait()
        if self._tab is not None:
            self._tab.close()
        self._driver, self._tab, self._service, self._shows, self._lets = (
            None,
            None,
            None,
            "",
            None,
        )
        shutil.rmtree(self._profile, ignore_errors=True)


class _BrokenDownError(Exception):
    """The browser or its driver crashed or hung."""


def _check_alive(tab: Tab, gate: _Gate) -> None:
    """Pass a tab that still answers."""
    try:
        tab.call(page_scripts.IS_ALIVE, gate=gate)
    except (CommandError, NoReplyError) as error:
        raise CommandError("the tab crashed") from error


def _failure_of(navigate: Callable[[], None]) -> str | None:
    """The browser's word for why no page came; None where one did."""
    try:
        navigate()
    except CommandError as error:
        found = _REASON.search(str(error))
        if found is None:
            raise
        return found[1].lower().replace("_", " ")
    return None


def _document(answer: dict[str, Any]) -> Document:
    if answer.pop("too_long"):
        raise NoPageError(f"longer than the {_MOST_CHARACTERS:,} characters allowed")
    return Document(**answer)


def _program(variable: str) -> str:
    names = _PROGRAMS[variable]
    named = os.environ.get(variable)
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise BrowserError(
            f"{variable}={named}: not a program"
            if named
            else f"no {names[0]} found; install Debian's packages chromium and chromium-driver, "
            f"or name the program in {variable}"
        )
    return found


def _end_with_parent() -> Callable[[], Any] | None:
    """What the driver runs first, so that the kernel ends it with this process (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _first_line(error: CommandError | WebDriverException) -> str:
    words = str(error.msg or "") if isinstance(error, WebDriverException) else str(error)
    return words.splitlines()[0] if words else type(error).__name__
