"""Where sound may be fetched from: https, a public address, no redirect. Checked on the address that is
connected to, so that a name which resolves otherwise a moment later gains nothing."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """This is no address to fetch sound from; the message says why, without the address."""


def checked(url: str) -> SplitResult:
    """A link that may be tried. Raises `Refused`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("the link is malformed") from None
    if not parts.hostname or parts.username is not None or port == 0:
        raise Refused("the link is malformed")
    if parts.scheme != "https" and not is_rehearsal(parts.scheme, parts.hostname, port):
        raise Refused("the link is not https")
    return parts


def is_rehearsal(scheme: str, host: str, port: int | None) -> bool:
    """Whether this is a pretend Telnyx's own place on this machine (RECORDING_ORIGINS).

    Believed only while TELNYX_BASE_URL itself is on this machine: never with the real Telnyx.
    """
    if not _is_loopback(urlsplit(settings.TELNYX_BASE_URL).hostname or "") or not _is_loopback(host):
        return False
    allowed = (urlsplit(origin) for origin in settings.RECORDING_ORIGINS)
    return any((scheme, host, port) == (one.scheme, one.hostname, one.port) for one in allowed)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_public(address: Address) -> bool:
    """Also looks into IPv6 addresses that stand for an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only. TLS still asks for the name that the link has."""

    def __init__(
        self, rehearsal: bool, way: httpcore.AsyncNetworkBackend | None = None, look_up: Resolve = resolve
    ) -> None:
        self._rehearsal, self._way, self._resolve = rehearsal, way or httpcore.AnyIOBackend(), look_up

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore calls it so)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except (OSError, TimeoutError, UnicodeError) as problem:
            raise httpcore.ConnectError("the name cannot be looked up") from problem
        self._refuse_private(addresses)
        return await self._way.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    def _refuse_private(self, addresses: Sequence[str]) -> None:
        """One private address among them is enough: no honest place has both."""
        places = [ipaddress.ip_address(text.partition("%")[0]) for text in addresses]
        if not places:
            raise httpcore.ConnectError("the name has no address")
        if self._rehearsal and all(place.is_loopback for place in places):
            return
        if not all(is_public(place) for place in places):
            raise Refused("the link points to a private address")
