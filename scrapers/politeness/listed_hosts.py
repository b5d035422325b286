"""How far a list of addresses may lead: to the hosts that it names, and into no private network.

A list is other people's text as often as one's own. An address on this machine or in the network
behind it (``http://169.254.169.254/``) would hand out what nobody outside can see.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from scrapers.address import AddressBook
from scrapers.politeness.allowed_hosts import AllowedHosts, HostNotAllowedError

_LOCAL = ("localhost", ".localhost", ".local", ".internal")


class ListedHosts(AllowedHosts):
    """The hosts of one list."""

    def __init__(self, hosts: Collection[str], *, private: bool) -> None:
        """Allow the ``hosts``, on any port; ``private`` ones only where that is on."""
        super().__init__((), AddressBook())
        self._hosts, self._private = frozenset(hosts), private

    def check(self, url: str) -> None:
        """Pass an address of a host that the list names.

        Raises:
            HostNotAllowedError: another host, a private one, or no address at all.
        """
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise HostNotAllowedError(f"{url}: not an address") from None
        if parts.scheme not in {"http", "https"} or host not in self._hosts:
            raise HostNotAllowedError(f"{url}: leads to a host that the list does not name")
        if parts.username is not None:
            raise HostNotAllowedError(f"{host}: the address holds a name or a password; not asked")
        if not self._private and _is_private(host):
            raise _refused(host)

    def check_peer(self, host: str, port: int) -> None:
        """Pass the IP address that a host of the list really has.

        Raises:
            HostNotAllowedError: it is private.
        """
        del port
        if not self._private and not ipaddress.ip_address(host).is_global:
            raise _refused(host)

    def may_lead(self, asked: str, url: str) -> bool:
        """Whether an answer may send on from one address to another: to any host of the list."""
        del asked
        return (urlsplit(url).hostname or "") in self._hosts


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == _LOCAL[0] or host.endswith(_LOCAL[1:])


def _refused(host: str) -> HostNotAllowedError:
    return HostNotAllowedError(
        f"{host}: in a private network, or on this machine; nothing was asked of it "
        f"(scrape.private_addresses: true would)"
    )
