"""The proxy that the user's environment names (``https_proxy`` and the like), put to Chromium.

`requests` reads these variables by itself. Chromium does so on some desktops only, and would take
the proxy of the desktop for the gallery, which is on this machine.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment

from requests.utils import get_environ_proxies, select_proxy

from pipeline.core.errors import BrowserError

_KINDS: Final = {
    "http": "PROXY",
    "https": "HTTPS",
    "socks4": "SOCKS",
    "socks4a": "SOCKS",
    "socks5": "SOCKS5",
    "socks5h": "SOCKS5",
}
"""How a script of proxies names them."""
_SCRIPT: Final = """function FindProxyForURL(url, host) {
  const [hosts, direct, servers] = [%s, %s, %s];
  const below = (name) => name === '*' || host === name || host.endsWith('.' + name);
  if (!hosts.some((name) => shExpMatch(host, name)) || direct.some(below)) return 'DIRECT';
  return servers[url.split('/')[0].replace('ws', 'http')] || 'DIRECT';
}"""
"""What browsers ask for the proxy of an address (a PAC script)."""


def is_proxied(url: str) -> bool:
    """Whether a live ``url`` is asked for through a proxy, whose address is then the only peer."""
    return select_proxy(url, get_environ_proxies(url)) is not None


def proxy_flag(hosts: tuple[str, ...]) -> str:
    """The flag for a browser that turns to ``hosts`` (names, with ``*`` for any part).

    Only those are asked through the proxy: it would resolve every name, also those that the
    browser turns to on its own account.

    Raises:
        BrowserError: the proxy is none that Chromium can use.
    """
    named = getproxies_environment().get("no", "")
    direct = [name.strip().lstrip(".") for name in named.split(",") if name.strip()]
    servers = {f"{scheme}:": parts for scheme, parts in _servers(hosts).items()}
    if not servers:
        return "--no-proxy-server"
    words = {scheme: f"{_KINDS[p.scheme]} {p.netloc}" for scheme, p in servers.items()}
    script = _SCRIPT % tuple(map(json.dumps, (hosts, direct, words)))
    encoded = base64.b64encode(script.encode()).decode()
    return f"--proxy-pac-url=data:application/x-ns-proxy-autoconfig;base64,{encoded}"


def proxy_endpoints(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Host and port of the proxies themselves, whose names the browser has to resolve."""
    return tuple(dict.fromkeys(parts.netloc for parts in _servers(hosts).values()))


def _servers(hosts: tuple[str, ...]) -> dict[str, SplitResult]:
    """The proxy of either scheme; none for the gallery."""
    named = getproxies_environment()
    if all(_is_loopback(host) for host in hosts):
        return {}
    return {
        scheme: _server(scheme, url)
        for scheme in ("http", "https")
        if (url := named.get(scheme) or named.get("all"))
    }


def _server(scheme: str, url: str) -> SplitResult:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if not parts.hostname or parts.scheme not in _KINDS:
        raise BrowserError(
            f"{scheme}_proxy (or all_proxy) is no address of a proxy that Chromium can use; write "
            f"http://host:port (or https, socks4, socks5), or unset it"
        )
    if parts.username is not None:
        raise BrowserError(
            f"{scheme}_proxy (or all_proxy) names a user and a password, which Chromium does not "
            f"take; name a proxy that needs none, such as one on this machine that hands on to it"
        )
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
