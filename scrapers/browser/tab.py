"""One tab of the browser, over WebDriver BiDi: no request leaves it that its owner did not pass.

Chromium follows redirects, refreshes and frames by itself, and the classic driver tells of them
afterwards. Here each request waits, wherever it comes from, until it is answered; and answers are
given only while a command is under way, so that a page left alone asks nobody for anything.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import websocket

_ASKED: Final = "network.beforeRequestSent"
_NAVIGATE: Final = "browsingContext.navigate"


@dataclass(frozen=True)
class Asked:
    """One request that waits for an answer."""

    url: str
    redirects: int
    """Addresses that led here."""
    is_page: bool
    """What the tab itself would show, and no part of it."""


Gate = Callable[[Asked], bool]
"""Says whether a request may leave; what it raises ends the command at once."""


def _refuse(asked: Asked) -> bool:
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
        """
        self._timeout_s, self._sent = timeout_s, 0
        self._socket = websocket.create_connection(address, timeout=timeout_s)
        self._id = self._command("browsingContext.getTree", {})["contexts"][0]["context"]
        self._command("session.subscribe", {"events": [_ASKED]})
        self._command("network.addIntercept", {"phases": ["beforeRequestSent"]})

    def navigate(self, url: str, gate: Gate) -> None:
        """Go to ``url`` and wait for its markup.

        Raises:
            CommandError: no page came.
            NoReplyError: none came in time.
            ConnectionError: the browser is gone, or of no more use.
        """
        # A page that would have replaced itself meanwhile is found out before it can interfere.
        try:
            self._command("session.status", {})
        except MovesOnError as error:
            raise ConnectionError(f"the page before {error}") from error
        page = {"context": self._id, "url": url, "wait": "interactive"}
        self._command(_NAVIGATE, page, gate)

    def call(self, function: str, *arguments: str | int, gate: Gate) -> Any:
        """What a JavaScript function returns for ``arguments``; it may be asynchronous.

        Raises:
            CommandError: it throws, or the page has gone.
            MovesOnError: the page would replace itself.
            NoReplyError: it does not return in time.
            ConnectionError: the browser is gone.
        """
        answer = self._command(
            "script.callFunction",
            {
                "functionDeclaration": "async (arguments_) => "
                f"JSON.stringify(await ({function})(...JSON.parse(arguments_)))",
                "awaitPromise": True,
                "target": {"context": self._id},
                "arguments": [{"type": "string", "value": json.dumps(arguments)}],
            },
            gate,
        )
        if "exceptionDetails" in answer:
            raise CommandError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def close(self) -> None:
        """Hang up."""
        self._socket.close(timeout=0)

    def _command(self, method: str, params: Mapping[str, Any], gate: Gate = _refuse) -> Any:
        number = self._send(method, params)
        deadline = time.monotonic() + self._timeout_s
        while True:
            message = self._receive(deadline - time.monotonic())
            if message.get("id") == number:
                if message["type"] == "error":
                    raise CommandError(message["message"])
                return message["result"]
            if message.get("method") == _ASKED and message["params"]["isBlocked"]:
                stopped = time.monotonic()
                self._answer(message["params"], gate, method == _NAVIGATE)
                deadline += time.monotonic() - stopped

    def _answer(self, params: Mapping[str, Any], gate: Gate, is_navigating: bool) -> None:
        request, document = params["request"], params["navigation"] is not None
        is_page = document and params["context"] == self._id
        if is_page and not is_navigating:
            raise MovesOnError(f"leads on by itself, to {request['url']}")
        if not is_page and (document or params["context"] != self._id):
            return  # a frame: refused, an error would take its place; left waiting, it is absent
        passed = gate(Asked(request["url"], params["redirectCount"], is_page))
        answer = "network.continueRequest" if passed else "network.failRequest"
        self._send(answer, {"request": request["request"]})

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
        except websocket.WebSocketException as error:
            raise ConnectionError(str(error)) from error
        if not text:
            raise ConnectionError("the browser hung up")
        message: dict[str, Any] = json.loads(text)
        return message
