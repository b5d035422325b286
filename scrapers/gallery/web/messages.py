"""Requests and responses of the replicas, and what a replica is to the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol


class PageLayout(Enum):
    """The year whose markup the pages have."""

    OF_2024 = 2024
    OF_2026 = 2026


@dataclass(frozen=True)
class Request:
    """One GET, taken apart."""

    path: str
    """Percent-decoded, from the first slash."""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    layout: PageLayout = PageLayout.OF_2026
    """Of the page that is asked for; nothing that a client sends."""


class Delivery(Enum):
    """How an answer goes over the wire."""

    WHOLE = auto()
    RESET = auto()
    HANG_UP = auto()
    SILENT = auto()
    SLOW = auto()
    TORN = auto()
    WRONG_LENGTH = auto()


@dataclass(frozen=True)
class Response:
    """One answer; Content-Length is the server's business."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = Delivery.WHOLE


class App(Protocol):
    """A site that answers on several hosts."""

    def answer(self, host: str, request: Request) -> Response:
        """What the canonical origin ``host`` says to ``request``."""
