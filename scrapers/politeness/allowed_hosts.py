"""How far a capture may go: to the hosts of its site, and never into a private network.

Addresses in pages are other people's text. One that leads elsewhere is refused before anything is
sent; and because a name can be made to point anywhere, what a connection really reached is looked
at as well (a private address behind a public name is known as DNS rebinding).
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from pipeline.core.errors import ScrapeError
from scrapers.address import AddressBook, origin_of


class HostNotAllowedError(ScrapeError):
    """An address that is none of the site's."""


class AllowedHosts:
    """The hosts of one site."""

    def __init__(self, domains: tuple[str, ...], book: AddressBook) -> None:
        """Allow ``domains`` and what is below them, where the ``book`` says that they are."""
        self._domains, self._book = domains, book
        self._wires = {_endpoint(wire) for wire in book.wire_of.values()}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names (with ``*`` for any part) of all hosts that may be asked."""
        if not self._book.is_live:
            return tuple(sorted({host for host, _ in self._wires}))
        return tuple(pattern for name in self._domains for pattern in (name, f"*.{name}"))

    def check(self, url: str) -> None:
        """Pass the canonical ``url`` of a host of the site.

        Raises:
            OutOfBoundsError: another host, another port, no TLS, or no address at all.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise HostNotAllowedError(f"{url}: not an address") from None
        is_ours = any(host == name or host.endswith(f".{name}") for name in self._domains)
        if not is_ours or parts.scheme != "https" or port not in {None, 443} or parts.username:
            raise HostNotAllowedError(
                f"{url}: leads away from the site ({', '.join(self._domains)}); not followed"
            )
        if not self._book.is_live and self._book.to_wire(url) == url:
            raise HostNotAllowedError(f"{url}: the gallery has no such host")

    def check_peer(self, host: str, port: int) -> None:
        """Pass the IP address ``host`` if a host of the site may really be there.

        Raises:
            OutOfBoundsError: it is private (for the gallery: it is not the gallery's).
        """
        if not self._book.is_live:
            if (host, port) not in self._wires:
                raise HostNotAllowedError(f"{host}:{port}: not the gallery's address; not asked")
        elif not ipaddress.ip_address(host).is_global:
            raise HostNotAllowedError(
                f"the site's name leads to the private address {host}; nothing was asked of it"
            )

    def may_lead(self, asked: str, url: str) -> bool:
        """Whether an answer may send on from one address to another: on the same host alone."""
        return origin_of(asked) == origin_of(url)


def _endpoint(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    return parts.hostname or "", parts.port or 0
