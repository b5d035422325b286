"""The user agent: the name under which Salon asks for robots.txt, pages and images."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

NAME: Final = "Salon"


def user_agent(contact: str) -> str:
    """What Salon calls itself, with the address of whoever runs it.

    >>> user_agent("me@example.org")
    'Salon/... (+me@example.org)'
    """
    name = f"{NAME}/{version('salon')}"
    return f"{name} (+{contact})" if contact else name
