"""What the browser says about its own traffic: the head of the answer that became the document.

Selenium has no word for HTTP headers. Chromium's performance log has the events of the DevTools
protocol (domain Network), the same that its developer tools show.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CAPABILITY: Final = {"performance": "ALL"}
OPTIONS: Final = {"enableNetwork": True, "enablePage": False}
_ASKED, _ANSWERED, _FAILED = (
    "Network.requestWillBeSent",
    "Network.responseReceived",
    "Network.loadingFailed",
)
_PREFIX: Final = "net::ERR_"
NO_BODY: Final = "http response code failure"
"""What Chromium makes of an error status without a body; its head came all the same."""


@dataclass(frozen=True)
class Head:
    """An answer without its body, or why there is none."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    peer: tuple[str, int] | None = None
    """IP address and port that answered, where there was a connection."""
    failure: str | None = None
    """In the browser's words, such as ``too many redirects``."""


def document_head(entries: Iterable[Mapping[str, Any]]) -> Head | None:
    """The head of the last document of the main frame; None where nothing was asked for.

    Args:
        entries: of the performance log since the navigation began.
    """
    frame, request, head = None, None, None
    for entry in entries:
        # Most of the log is of no interest here, and every entry is JSON to be parsed.
        if not any(name in entry["message"] for name in (_ASKED, _ANSWERED, _FAILED)):
            continue
        message = json.loads(entry["message"])["message"]
        method, params = message["method"], message["params"]
        if params.get("type") != "Document":
            continue
        if frame is None:
            frame = params.get("frameId")
        if params.get("frameId", frame) != frame:
            continue
        if method == _ASKED:
            request = params["requestId"]
        elif method == _ANSWERED:
            head = _answered(params["response"])
        elif params["requestId"] == request:  # before the first byte, or in the middle of it all
            words = params["errorText"].removeprefix(_PREFIX).lower().replace("_", " ")
            if words != NO_BODY:
                head = Head(failure=words)
    return head


def _answered(response: Mapping[str, Any]) -> Head:
    host, port = response.get("remoteIPAddress"), response.get("remotePort")
    headers = {name.lower(): str(value) for name, value in response["headers"].items()}
    peer = (str(host).strip("[]"), int(port)) if host and port else None
    return Head(int(response["status"]), headers, peer)
