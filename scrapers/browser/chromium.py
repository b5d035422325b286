"""Chromium and its driver as processes: found, started clean, told what a page may do, ended.

The system's own browser and driver are used, found on the path or named by ``SALON_CHROMIUM`` and
``SALON_CHROMEDRIVER``; nothing is ever downloaded.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ChromeOptions, Proxy, Remote
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.proxy import ProxyType
from selenium.webdriver.common.utils import is_connectable
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection

from pipeline.core.errors import BrowserError
from scrapers.browser.proxy import proxy_endpoints, proxy_flag
from scrapers.browser.tab import CommandError, Tab

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
_WITHOUT_FLAGS: Final = ["disable-popup-blocking"]
"""What chromedriver would add: a page is to open no window."""
_PREFERENCES: Final = {
    "profile.managed_default_content_settings.popups": 2,
    "profile.managed_default_content_settings.images": 2,
    "download_restrictions": 3,
    "credentials_enable_service": False,
    # Pages may name others to be fetched ahead, past the gate at which a tab's requests wait.
    "net.network_prediction_options": 2,
    "profile.default_content_setting_values.notifications": 2,
}
_ALL: Final = [{"urlPattern": "*://*:*/*", "block": True}]
_NEVER: Final = [
    {"urlPattern": f"*://*:*/*.{ending}", "block": True}
    for ending in ("css", "ico", "woff", "woff2", "ttf", "svg", "mp4", "webm")
]
"""What a page that unfolds itself need not load; documents are not subject to these lists."""
_MARGIN_S: Final = 15.0
"""A driver that is silent for so long behind its own time limit counts as hung."""
# prctl(2): a Chromium whose Salon was killed by SIGKILL would run on, and hold its profile.
_PR_SET_PDEATHSIG: Final = 1


class Lets(NamedTuple):
    """What a page may do besides being there."""

    scripts: bool
    requests: bool


@dataclass(frozen=True)
class Setup:
    """How a browser is started."""

    profile: Path
    """Folder for its profile; emptied before and after."""
    user_agent: str
    timeout_s: float
    """How long a page, or a script in it, may take."""
    hosts: tuple[str, ...]
    """Names (with ``*`` for any part) that it may turn to; no other one resolves."""
    programs: tuple[str, str]
    """Browser and driver; see `programs`."""


class _Driver(Service):
    """chromedriver, asked directly: a proxy of the environment is no way to this machine."""

    def is_connectable(self) -> bool:
        """Whether it listens yet."""
        return is_connectable(self.port)

    def send_remote_shutdown_command(self) -> None:
        """Nothing: it is ended as a process."""


class Chromium:
    """One that runs, with the one tab it has; see `start`."""

    def __init__(self, profile: Path, service: Service, driver: Remote, tab: Tab) -> None:
        self._profile, self._service, self._driver, self.tab = profile, service, driver, tab
        self._lets: Lets | None = None

    @property
    def version(self) -> str:
        """The browser's version."""
        return str(self._driver.capabilities["browserVersion"])

    @property
    def lets(self) -> Lets | None:
        """What a page may do at the moment."""
        return self._lets

    def let(self, lets: Lets) -> None:
        """Tell the browser what a page may do, where that is not what it was told last.

        Raises:
            CommandError, MovesOnError, NoReplyError, ConnectionError: as `Tab.devtools`.
        """
        if lets == self._lets:
            return
        blocked = {"urlPatterns": _NEVER if lets.requests else _ALL}
        scripts = {"value": not lets.scripts}
        self.tab.devtools("Network.setBlockedURLs", blocked)
        self.tab.devtools("Emulation.setScriptExecutionDisabled", scripts)
        self._lets = lets

    def quit(self) -> None:
        """Ask it to end, and see to it."""
        self._driver.quit()
        self.kill()

    def kill(self) -> None:
        """End driver and browser without asking them; a hung one would not answer."""
        _end(self._service)
        self.tab.close()
        if isinstance(self._driver.command_executor, RemoteConnection):
            self._driver.command_executor.close()  # type: ignore[no-untyped-call]
        shutil.rmtree(self._profile, ignore_errors=True)


def start(setup: Setup) -> Chromium:
    """Start a browser.

    Raises:
        BrowserError: it cannot be started.
        ConnectionError: it was started and does not answer.
    """
    shutil.rmtree(setup.profile, ignore_errors=True)
    setup.profile.mkdir(parents=True, exist_ok=True)
    service = _Driver(
        setup.programs[1],
        log_output=subprocess.DEVNULL,
        popen_kw={"preexec_fn": _end_with_parent(), "start_new_session": True},
    )
    try:
        driver = _driver(setup, service)
        tab = Tab(driver.capabilities["webSocketUrl"], setup.timeout_s)
    except CommandError as error:
        _end(service)
        raise BrowserError(
            f"this Chromium lacks what is needed ({error}); install a current chromium and "
            f"chromium-driver"
        ) from error
    except BaseException:
        # Ctrl-C while it starts, too: nobody else knows of the process yet.
        _end(service)
        raise
    return Chromium(setup.profile, service, driver, tab)


def _driver(setup: Setup, service: Service) -> Remote:
    options = _options(setup)
    try:
        service.start()
        config = ClientConfig(
            service.service_url,
            proxy=Proxy({"proxyType": ProxyType.DIRECT}),
            timeout=round(setup.timeout_s + _MARGIN_S),
        )
        return Remote(RemoteConnection(client_config=config), options=options)
    except WebDriverException as error:
        raise BrowserError(
            f"Chromium could not be started ({first_line(error)}); check that chromium and "
            f"chromium-driver are of the same version"
        ) from error


def _end(service: Service) -> None:
    """Kill the driver and the browser at one stroke.

    Without its driver the browser would send the requests that wait at the gate, in the moment
    that it lives on.
    """
    process = getattr(service, "process", None)  # none before the driver's first breath
    if process is not None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # the driver began a session of its own
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def programs() -> tuple[str, str]:
    """Where browser and driver are.

    Raises:
        BrowserError: one of them is not on this machine.
    """
    return _program("SALON_CHROMIUM"), _program("SALON_CHROMEDRIVER")


def first_line(error: WebDriverException) -> str:
    """What went wrong, without the driver's stack."""
    words = str(error.msg or "")
    return words.splitlines()[0] if words else type(error).__name__


def _options(setup: Setup) -> ChromeOptions:
    options = ChromeOptions()
    options.binary_location = setup.programs[0]
    options.page_load_strategy = "eager"
    options.add_experimental_option("prefs", _PREFERENCES)
    options.add_experimental_option("excludeSwitches", _WITHOUT_FLAGS)
    options.set_capability("webSocketUrl", True)
    # The sandbox needs user namespaces, which root in a container does not have.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    # One that crashed may still be dying in the profile it had.
    profile = tempfile.mkdtemp(dir=setup.profile.resolve())
    # Of the MAPs the first that fits holds: the proxy's own address, or else no address at all.
    known = [f"MAP {endpoint} {endpoint}" for endpoint in proxy_endpoints(setup.hosts)]
    excluded = [f"EXCLUDE {host}" for host in setup.hosts]
    rules = ", ".join([*known, "MAP * ~NOTFOUND", *excluded])
    own = (
        proxy_flag(setup.hosts),
        f"--user-data-dir={profile}",
        f"--user-agent={setup.user_agent}",
        f"--host-resolver-rules={rules}",
    )
    for flag in (*_FLAGS, *sandbox, *own):
        options.add_argument(flag)
    return options


def _program(variable: str) -> str:
    names = _PROGRAMS[variable]
    named = os.environ.get(variable)
    program = shutil.which(named) if named else next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise BrowserError(
            f"{variable}={named}: not a program"
            if named
            else f"no {names[0]} found; install Debian's packages chromium and chromium-driver, "
            f"or name the program in {variable}"
        )
    return program


def _end_with_parent() -> Callable[[], Any] | None:
    """What the driver runs first, so that the kernel ends it with this process (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
