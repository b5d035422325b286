"""One tab of the browser, over WebDriver BiDi: nothing is requested that its owner did not pass.

Chromium follows redirects, refreshes and frames by itself, and the classic driver tells of them
afterwards. Here each request waits, wherever it comes from, until it is answered; and answers are
given only while a command is under way, so that a page left alone asks nobody for anything. A
window that a page opens is closed; what it asks for until then waits at `scrapers.browser.fence`.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import websocket

from scrapers.browser import network_events, page_scripts
from scrapers.browser.fence import CALL, TELL, Fence, call

_ASKED: Final = "network.beforeRequestSent"
_NAVIGATE: Final = "browsingContext.navigate"
_OPENED: Final = "browsingContext.contextCreated"
_DEVTOOLS: Final = "goog:cdp."
"""Chromium's way to its own protocol from within BiDi."""
_SHOWN, _DONE = "Page.frameNavigated", "Page.frameStoppedLoading"
_NO_PAGE: Final = "net::ERR_"
_STAYS: Final = "net::ERR_ABORTED"
"""A file to be downloaded, for one: the page before stays."""


@dataclass(frozen=True)
class BrowserRequest:
    """One request that waits for an answer."""

    url: str
    redirects: int
    """Addresses that led here."""
    is_page: bool
    """What the tab itself would show, and no part of it."""


Gate = Callable[[BrowserRequest], bool]
"""Says whether a request may leave; what it raises ends the command at once."""


def _refuse(asked: BrowserRequest) -> bool:
    del asked
    return False


class CommandError(Exception):
    """The browser's words for a command that failed."""


class MovesOnError(Exception):
    """The page would replace itself, now or later; until it may, the tab is of no more use."""


class NoReplyError(Exception):
    """A command took longer than it may, the time at the gate not counted."""


class Tab:
    """The first tab of a session."""

    def __init__(self, address: str, timeout_s: float) -> None:
        """Take hold of the tab.

        Args:
            address: of the session's WebSocket.
            timeout_s: how long a command may take.

        Raises:
            ConnectionError: nobody answers there.
            CommandError: the browser lacks what is needed.
        """
        self._timeout_s, self._sent = timeout_s, 0
        self._events: list[network_events.Event] = []
        self._passes: set[int] = set()
        self._socket = _connected(address, timeout_s)
        self._id = self._command("browsingContext.getTree", {})["contexts"][0]["context"]
        self._session = self._command(f"{_DEVTOOLS}getSession", {"context": self._id})["session"]
        heard = [_DEVTOOLS + name for name in (*network_events.NAMES, _SHOWN, _DONE)]
        preload = {"functionDeclaration": f"() => {{{page_scripts.WITHOUT_BACK_DOORS}}}"}
        self._command("script.addPreloadScript", preload)  # in windows that it opens as well
        self._fence = Fence(self._command)
        self._command("session.subscribe", {"events": [_ASKED, _OPENED, *heard]})
        self._command("network.addIntercept", {"phases": ["beforeRequestSent"]})
        self.devtools("Network.enable", {})

    def navigate(self, url: str, gate: Gate) -> None:
        """Go to ``url`` and wait for its markup.

        Raises:
            CommandError: no page came.
            NoReplyError: none came in time.
            ConnectionError: the browser is gone.
        """
        self._events.clear()
        page = {"context": self._id, "url": url, "wait": "interactive"}
        try:
            self._command(_NAVIGATE, page, gate)
        except CommandError as error:
            # The browser's own page about it is on its way, and would end the next navigation.
            if str(error).startswith(_NO_PAGE) and not str(error).startswith(_STAYS):
                self._await_error_page()
            raise

    def call(self, function: str, *arguments: str | int, gate: Gate) -> Any:
        """What a JavaScript function returns for ``arguments``; it may be asynchronous.

        Raises:
            CommandError: it throws, or the page has gone.
            MovesOnError: the page would replace itself.
            NoReplyError: it does not return in time.
            ConnectionError: the browser is gone.
        """
        answer = self._command(CALL, call(self._id, function, *arguments), gate)
        if "exceptionDetails" in answer:
            raise CommandError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def head(self) -> network_events.Head | None:
        """Of the answer that the last navigation led to; None where nothing was asked for."""
        return network_events.document_head(self._events, self._id)

    def devtools(self, method: str, params: Mapping[str, Any]) -> None:
        """Give a command of the DevTools protocol; a page that was left waits for none of them.

        Raises:
            CommandError: the browser refuses it.
            MovesOnError: the page would replace itself.
            NoReplyError: the browser does not answer in time.
            ConnectionError: the browser is gone.
        """
        command = {"method": method, "params": params, "session": self._session}
        self._command(TELL, command)

    def check_stays(self) -> None:
        """Pass a page that has not tried to replace itself since the last command.

        Raises:
            MovesOnError: it has.
            NoReplyError: the browser does not answer in time.
            ConnectionError: the browser is gone.
        """
        self._command("session.status", {})

    def close(self) -> None:
        """Hang up."""
        self._socket.close(timeout=0)

    def _command(self, method: str, params: Mapping[str, Any], gate: Gate = _refuse) -> Any:
        number = self._send(method, params)

        def is_answer(message: Mapping[str, Any]) -> bool:
            return message.get("id") == number

        answer = self._receive_until(is_answer, gate, is_navigating=method == _NAVIGATE)
        if answer["type"] == "error":
            raise CommandError(answer["message"])
        return answer["result"]

    def _await_error_page(self) -> None:
        while not self._is_error_page_done():
            self._receive_until(lambda message: message.get("method") == _DEVTOOLS + _DONE)

    def _is_error_page_done(self) -> bool:
        is_shown = False
        for event in self._events:
            frame = event["params"].get("frame", {})
            is_shown |= frame.get("id") == self._id and "unreachableUrl" in frame
            # Done counts only behind the frame that shows the error: the page before was done, too.
            if is_shown and event["event"] == _DONE and event["params"]["frameId"] == self._id:
                return True
        return False

    def _receive_until(
        self,
        is_wanted: Callable[[Mapping[str, Any]], bool],
        gate: Gate = _refuse,
        *,
        is_navigating: bool = False,
    ) -> Mapping[str, Any]:
        """The first message that is wanted; what comes before it is noted, or put to the gate."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            message = self._receive(deadline - time.monotonic())
            name = message.get("method", "")
            if name.startswith(_DEVTOOLS):
                self._note(message["params"])
            elif name == _ASKED and message["params"]["isBlocked"]:
                # A turn at the gate may take a minute, which is no slowness of the page's.
                stopped = time.monotonic()
                self._answer_request(message["params"], gate, is_navigating)
                deadline += time.monotonic() - stopped
            elif name == _OPENED:
                self._close_window(message["params"])
            elif message.get("id") in self._passes:
                self._check_passed(message)
            if is_wanted(message):
                return message

    def _note(self, event: network_events.Event) -> None:
        if event["event"] in (_SHOWN, _DONE) or network_events.is_of_document(event):
            self._events.append(event)

    def _answer_request(self, params: Mapping[str, Any], gate: Gate, is_navigating: bool) -> None:
        request, document = params["request"], params["navigation"] is not None
        is_page = document and params["context"] == self._id
        if is_page and not is_navigating:
            raise MovesOnError(f"leads on by itself, to {request['url']}")
        if not is_page and (document or params["context"] != self._id):
            return  # a frame: refused, an error would take its place; left waiting, it is absent
        passed = gate(BrowserRequest(request["url"], params["redirectCount"], is_page))
        if passed:
            self._passes.add(self._send(CALL, self._fence.passing(request["request"])))
        answer = "network.continueRequest" if passed else "network.failRequest"
        self._send(answer, {"request": request["request"]})

    def _close_window(self, opened: Mapping[str, Any]) -> None:
        if opened["parent"] is None and opened["context"] not in {self._id, self._fence.window}:
            self._send("browsingContext.close", {"context": opened["context"]})

    def _check_passed(self, answer: Mapping[str, Any]) -> None:
        self._passes.discard(answer["id"])
        if answer["type"] == "error":
            raise CommandError(f"the gate of the browser is gone: {answer['message']}")

    def _send(self, method: str, params: Mapping[str, Any]) -> int:
        self._sent += 1
        text = json.dumps({"id": self._sent, "method": method, "params": params})
        try:
            self._socket.send(text)
        except websocket.WebSocketException as error:
            raise ConnectionError(str(error)) from error
        return self._sent

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._socket.settimeout(max(seconds, 0.001))
        try:
            text = self._socket.recv()
        except websocket.WebSocketTimeoutException as error:
            raise NoReplyError from error
        except (websocket.WebSocketException, UnicodeDecodeError) as error:
            raise ConnectionError(str(error)) from error
        if not text:
            raise ConnectionError("the browser hung up")
        message: dict[str, Any] = json.loads(text)
        return message


def _connected(address: str, timeout_s: float) -> websocket.WebSocket:
    """A connection of our own: websocket would go through a proxy that the environment names."""
    parts = urlsplit(address)
    try:
        direct = socket.create_connection((parts.hostname, parts.port), timeout_s)
        # The browser's text is decoded all the same, by a codec in C; the library's check of it
        # beforehand is a loop over its bytes in Python.
        return websocket.create_connection(
            address, timeout=timeout_s, socket=direct, skip_utf8_validation=True
        )
    except websocket.WebSocketException as error:
        raise ConnectionError(str(error)) from error
