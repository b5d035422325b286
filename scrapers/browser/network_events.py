"""What the browser says about its own traffic: the head of the answer that became the document.

Neither Selenium nor WebDriver BiDi tells the address that answered. The events of the DevTools
protocol (domain Network) do, the same that the browser's developer tools show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ASKED, _ANSWERED, _FAILED = NAMES = (
    "Network.requestWillBeSent",
    "Network.responseReceived",
    "Network.loadingFailed",
)
"""Those events that `document_head` reads."""
_PREFIX: Final = "net::ERR_"
NO_BODY: Final = "http response code failure"
"""What Chromium makes of an error status without a body; its head came all the same."""

Event = Mapping[str, Any]
"""``event`` is its name, ``params`` what it tells."""


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


def is_of_document(event: Event) -> bool:
    """Whether an event is about a page and not about a part of one."""
    return bool(event["params"].get("type") == "Document")


def document_head(events: Iterable[Event], frame: str) -> Head | None:
    """The head of the last document of a frame; None where nothing was asked for.

    Args:
        events: since the navigation began; of requests, those for documents alone.
        frame: the browser's name for it.
    """
    request, head = None, None
    for event in events:
        params = event["params"]
        if event["event"] not in NAMES or params.get("frameId", frame) != frame:
            continue
        if event["event"] == _ASKED:
            request = params["requestId"]
        elif event["event"] == _ANSWERED:
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
