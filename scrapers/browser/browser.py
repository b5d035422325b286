"""A headless Chromium that is started clean, lent for one capture, and gone with its owner.

A page is opened alone: its scripts do not run, and nothing that it would load with it (pictures,
styles, fonts, frames, trackers) is asked for. What Salon wants is in the markup. Only where more of
a page must be unfolded do its scripts run. Every request, redirects included, is put to whoever
opened the page before it leaves; names of other hosts than the site's own do not even resolve.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from selenium.common.exceptions import WebDriverException
from urllib3.exceptions import HTTPError

from pipeline.core.errors import BrowserError
from scrapers.browser import network_events, page_scripts
from scrapers.browser.chromium import Chromium, Lets, Setup, first_line, programs, start
from scrapers.browser.document import (
    MOST_CHARACTERS,
    Document,
    LeadsOnError,
    NoPageError,
    document,
)
from scrapers.browser.gate import Ask, PageGate, anything
from scrapers.browser.tab import CommandError, MovesOnError, NoReplyError, Tab

Result = TypeVar("Result")

_REASON: Final = re.compile(r"\bERR_([A-Z_]+)")
_NO_ADDRESS: Final = "Invalid URL"
_ABORTED: Final = "aborted"
"""So ends a navigation to a file that would be downloaded, and one in which the tab crashed."""

_ALONE: Final = Lets(scripts=False, requests=False)
_UNFOLDING: Final = Lets(scripts=True, requests=True)


class Browser:
    """One tab of one browser, started when it is first needed."""

    def __init__(
        self, profile: Path, *, user_agent: str, timeout_s: float, hosts: tuple[str, ...]
    ) -> None:
        """Prepare a browser; see `scrapers.browser.chromium.Setup`.

        Raises:
            BrowserError: there is no browser or no driver on this machine.
        """
        self._setup = Setup(profile, user_agent, timeout_s, hosts, programs())
        self._running: Chromium | None = None
        self._gate = PageGate(anything, parts=False)
        self._shows = ""

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.quit()
            self._running = None

    @property
    def version(self) -> str | None:
        """The browser's version, once it has been started."""
        return None if self._running is None else self._running.version

    def open(self, url: str, ask: Ask = anything, *, alone: bool = True) -> Document:
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
        return self._attempt(lambda chromium: self._open(chromium, url, ask, alone))

    def fetch(self, url: str, within: str, ask: Ask = anything) -> Document:
        """Request ``url`` as the scripts of the open page ``within`` do (see `is_showing`).

        Where it leads to another address, that is opened as a page.

        Raises:
            NoPageError: no answer came, or one that is too long.
            BrowserError: the browser broke down, and broke down again after a restart.
            ScrapeError: from ``ask``, for the address or for what it redirects to.
        """

        def action(chromium: Chromium) -> Document:
            if self._shows != within:
                self._open(chromium, within, ask, alone=True)
            chromium.let(Lets(scripts=chromium.lets == _UNFOLDING, requests=True))
            self._gate = gate = PageGate(ask, parts=True)
            answer = chromium.tab.call(page_scripts.FETCH, url, MOST_CHARACTERS, gate=gate)
            if "moved" in answer:  # scripts are not told where to; a page is
                return self._open(chromium, url, ask, alone=True)
            if "error" in answer:
                raise gate.refusal or NoPageError(answer["error"])
            return document(answer)

        return self._attempt(action)

    def press(self, button: str, item: str) -> bool:
        """Press ``button`` and wait for more of ``item`` (CSS selectors) on the open page.

        Returns:
            Whether the button can be pressed again.

        Raises:
            NoPageError: nothing came of it.
            ScrapeError: from what the page was opened with, for what the button asks for.
        """
        if self._running is None:
            raise BrowserError("no page is open on which a button could be pressed")
        try:
            return bool(self._running.tab.call(page_scripts.PRESS, button, item, gate=self._gate))
        except (CommandError, MovesOnError, NoReplyError) as error:
            raise self._gate.refusal or NoPageError(
                str(error) or f"nothing within {self._setup.timeout_s:g} s"
            ) from error

    def read(self) -> Document:
        """The document that is open now."""
        return self._attempt(lambda chromium: self._read(chromium.tab))

    def is_showing(self, url: str) -> bool:
        """Whether ``url`` was opened last."""
        return self._shows == url

    def _open(self, chromium: Chromium, url: str, ask: Ask, alone: bool) -> Document:
        self._shows = ""
        tab, self._gate = chromium.tab, (gate := PageGate(ask, parts=not alone))
        try:
            chromium.let(_ALONE if alone else _UNFOLDING)
            tab.check_stays()
        except MovesOnError as error:
            raise ConnectionError(f"the page before {error}") from error
        failure = _failure_of(lambda: tab.navigate(url, gate))
        if failure is None:
            self._shows = url
        document_read = self._read(tab) if failure is None else None
        head = tab.head()
        failure = failure or (head.failure if head else None)
        if failure is not None and gate.refusal is not None:
            raise gate.refusal
        if failure == network_events.NO_BODY and head is not None:
            return Document(gate.page, head.status, "", "", head.headers, head.peer)
        if failure == _ABORTED:
            _check_alive(tab, gate)
        if failure is not None or document_read is None:
            self._shows = ""
            raise NoPageError(failure or "nothing came")
        if head is None:
            return document_read
        return replace(document_read, status=head.status, headers=head.headers, peer=head.peer)

    def _read(self, tab: Tab) -> Document:
        return document(tab.call(page_scripts.READ, MOST_CHARACTERS, gate=self._gate))

    def _attempt(self, action: Callable[[Chromium], Result]) -> Result:
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

    def _run(self, action: Callable[[Chromium], Result]) -> Result:
        try:
            if self._running is None:
                self._running = start(self._setup)
            return action(self._running)
        except MovesOnError as error:
            self._kill()
            raise LeadsOnError(str(error)) from error
        except NoReplyError as error:
            self._kill()
            raise NoPageError(f"no page within {self._setup.timeout_s:g} s") from error
        except CommandError as error:
            self._kill()
            raise _BrokenDownError(str(error).partition("\n")[0]) from error
        except WebDriverException as error:
            self._kill()
            raise _BrokenDownError(first_line(error)) from error
        except (HTTPError, ConnectionError) as error:
            self._kill()
            raise _BrokenDownError(f"it does not answer: {error}") from error

    def _kill(self) -> None:
        if self._running is not None:
            self._running.kill()
        self._running, self._shows = None, ""


class _BrokenDownError(Exception):
    """The browser or its driver crashed or hung."""


def _check_alive(tab: Tab, gate: PageGate) -> None:
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
        if str(error).startswith(_NO_ADDRESS):
            return _NO_ADDRESS.lower()
        reason = _REASON.search(str(error))
        if reason is None:
            raise
        return reason[1].lower().replace("_", " ")
    return None
