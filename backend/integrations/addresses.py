"""Where webhooks may go: to the public internet, and, while developing, to this machine too.

Names are resolved once for each try, and the connection is made to exactly the addresses that were looked at: a name
that answers differently a moment later changes nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from aiohttp.abc import AbstractResolver
from yarl import URL

Lookup = Callable[[str, int], Awaitable[list[str]]]
NAT64 = IPv6Network("64:ff9b::/96")
PORTS_OF_SCHEMES = {"https": 443, "http": 80}
LONGEST_URL = 2000


class AddressRefusedError(OSError):
    """The name leads to an address nothing may be sent to."""


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them. Raises OSError when there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when it is wrapped in an address of IPv6."""
    try:
        plain = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return plain.is_global and not plain.is_multicast and not plain.is_reserved


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


async def allowed_addresses(host: str, port: int, *, private: bool, lookup: Lookup = look_up) -> list[str]:
    """The addresses of a host, all of them such as may be sent to. Raises AddressRefusedError, or OSError for none."""
    addresses = await lookup(host.strip("[]"), port)
    if not addresses:
        raise OSError
    if not private and not all(is_public(address) for address in addresses):
        raise AddressRefusedError
    return addresses


def readable(text: str, *, private: bool) -> URL | None:
    """An address webhooks can be posted to: https (or, where private ones are allowed, http), no name or password."""
    try:
        url = URL(text.strip())
        port = url.port
    except ValueError:
        return None
    schemes = ("https", "http") if private else ("https",)
    right = url.scheme in schemes and url.host and port and not url.user and not url.password and not url.fragment
    return url if right and len(text) <= LONGEST_URL else None


class CheckedResolver(AbstractResolver):
    """Gives aiohttp the addresses to connect to, once they are looked at."""

    def __init__(self, lookup: Lookup, *, private: bool) -> None:
        self._lookup = lookup
        self._private = private

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = socket.AF_INET,  # noqa: ARG002 - aiohttp's contract
    ) -> list[dict[str, Any]]:
        """The addresses of a name. Raises AddressRefusedError or OSError."""
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in await allowed_addresses(host, port, private=self._private, lookup=self._lookup)
        ]

    async def close(self) -> None:
        """Nothing to close."""
