"""Sound from Telnyx's storage, piece by piece, in constant memory; a link that expires is renewed on the way.

Sound.open   finds the first byte: what the answer's head must say is known then
pieces       the bytes; if the storage ends too soon or refuses, a new link goes on where it ended
"""

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpcore

from recordings import guard
from recordings.links import NotToBeHad

log = logging.getLogger("earshot.recordings")

LIMITS: Final = {"connect": 5.0, "read": 20.0, "write": 5.0, "pool": 5.0}  # seconds
TRIES = 3  # without a byte of progress
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_CONTENT_RANGE = re.compile(rb"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_NO_RANGE = re.compile(rb"bytes \*/(\d{1,15})", re.ASCII)
# What storage says to a link whose time is over.
_EXPIRED = {400, 401, 403, 404, 410}
Link = Callable[[bool], Awaitable[str]]


class OutOfRange(Exception):
    """416: there are only `total` bytes."""

    def __init__(self, total: int) -> None:
        super().__init__(f"only {total} bytes")
        self.total = total


@dataclass(frozen=True, slots=True)
class Range:
    """`first` None: the last `last` bytes. `last` None: to the end."""

    first: int | None
    last: int | None

    def __str__(self) -> str:
        return f"bytes={'' if self.first is None else self.first}-{'' if self.last is None else self.last}"


def read_range(header: str) -> Range | None:
    """The one range that a browser asks for. None: the whole, also for what is malformed (RFC 9110, 14.2)."""
    match = _RANGE.fullmatch(header.strip())
    if not match or match.groups() == ("", ""):
        return None
    first, last = (int(text) if text else None for text in match.groups())
    return None if first is not None and last is not None and last < first else Range(first, last)


class Sound:
    """The bytes from `first` to `last`, both included, of `total`. `link(renew)` gives the address."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._upstream: Upstream | None = None
        self.first, self.last, self.total = 0, -1, 0

    @classmethod
    async def open(cls, link: Link, wanted: Range | None) -> "Sound":
        """Raises `OutOfRange` and `NotToBeHad`."""
        sound = cls(link)
        await sound._connect(wanted or Range(0, None))
        if sound._upstream:
            sound.first, sound.last = sound._upstream.first, sound._upstream.last
            sound.total = sound._upstream.total
        return sound

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    async def pieces(self) -> AsyncIterator[bytes]:
        """The listener hears nothing of a renewed link; what cannot be had at all cuts the answer off."""
        position, idle = self.first, 0
        try:
            while position <= self.last:
                begun = position
                async for piece in self._read():
                    piece = piece[: self.last + 1 - position]
                    position += len(piece)
                    yield piece
                idle = 0 if position > begun else idle + 1
                if position <= self.last:
                    await self._go_on(position, idle)
        finally:
            await self.close()

    async def _read(self) -> AsyncIterator[bytes]:
        if self._upstream is None:
            return
        try:
            async for piece in self._upstream.pieces():
                yield piece
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as problem:
            log.info(
                "A recording's storage ended too soon (%s); going on with a new link", type(problem).__name__
            )

    async def _go_on(self, position: int, idle: int) -> None:
        await self.close()
        if idle >= TRIES:
            raise NotToBeHad(502, "The recording broke off", "Telnyx's storage does not answer.")
        await asyncio.sleep(0.2 * idle)
        total = self.total
        await self._connect(Range(position, self.last), renew=True)
        if self._upstream is None or (self._upstream.total, self._upstream.first) != (total, position):
            raise NotToBeHad(502, "The recording broke off", "Telnyx's storage has another file now.")

    async def _connect(self, wanted: Range, renew: bool = False) -> None:
        """With the link that is known, and if that does not work any more with a new one."""
        self._upstream = await self._try(await self._link(renew), wanted)
        if self._upstream is None and not renew:
            self._upstream = await self._try(await self._link(True), wanted)
        if self._upstream is None:
            raise NotToBeHad(
                502, "The recording cannot be fetched now", "Telnyx's storage refuses it. Try again."
            )

    async def _try(self, address: str, wanted: Range) -> "Upstream | None":
        try:
            return await Upstream.open(address, wanted)
        except guard.Refused as refusal:
            log.warning("A link to a recording is refused: %s", refusal)
            raise NotToBeHad(502, "This recording's link is refused", f"For safety: {refusal}.") from None
        except (Expired, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
            return None

    async def close(self) -> None:
        if self._upstream:
            await self._upstream.close()
        self._upstream = None


class Expired(Exception):
    """The storage does not take this link (any more)."""


class Upstream:
    """One answer of the storage. What it sends before `first` and after `last` is not ours."""

    def __init__(self, pool: httpcore.AsyncConnectionPool, response: httpcore.Response) -> None:
        self._pool, self._response = pool, response
        self.first, self.last, self.total, self._skip = 0, -1, 0, 0

    @classmethod
    async def open(cls, address: str, wanted: Range) -> "Upstream":
        """Raises `Expired`, `OutOfRange`, `guard.Refused`, and what httpcore raises."""
        parts = guard.checked(address)
        rehearsal = guard.is_rehearsal(parts.scheme, parts.hostname or "", parts.port)
        pool = httpcore.AsyncConnectionPool(ssl_context=_tls(), network_backend=guard.Guarded(rehearsal))
        headers = [
            (b"host", parts.netloc.encode("idna" if not parts.netloc.isascii() else "ascii")),
            (b"range", str(wanted).encode()),
            (b"accept-encoding", b"identity"),
            (b"user-agent", b"earshot"),
        ]
        request = httpcore.Request("GET", address, headers=headers, extensions={"timeout": LIMITS})
        upstream: Upstream | None = None
        try:
            upstream = cls(pool, await pool.handle_async_request(request))
            upstream._read_head(wanted)
        except BaseException:
            await (upstream.close() if upstream else pool.aclose())
            raise
        return upstream

    def _read_head(self, wanted: Range) -> None:
        status = self._response.status
        headers = {name.lower(): value for name, value in self._response.headers}
        if status == 416:
            match = _NO_RANGE.fullmatch(headers.get(b"content-range", b""))
            raise OutOfRange(int(match[1]) if match else 0)
        if 300 <= status < 400:
            raise guard.Refused("the link leads elsewhere")
        if status in _EXPIRED or status >= 500:
            raise Expired
        if status == 206 and (match := _CONTENT_RANGE.fullmatch(headers.get(b"content-range", b""))):
            self.first, self.last, self.total = map(int, match.groups())
        elif status == 200 and headers.get(b"content-length", b"").isdigit():
            self._cut(wanted, int(headers[b"content-length"]))
        else:
            raise Expired

    def _cut(self, wanted: Range, total: int) -> None:
        """Of a storage that knows no ranges, the same part."""
        self.total, last = total, total - 1
        if wanted.first is None:
            self.first, self.last = max(total - (wanted.last or 0), 0), last
        else:
            self.first, self.last = wanted.first, last if wanted.last is None else min(wanted.last, last)
        if self.first > self.last:
            raise OutOfRange(total)
        self._skip = self.first

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._response.aiter_stream():
            skipped = min(self._skip, len(piece))
            self._skip -= skipped
            if piece[skipped:]:
                yield piece[skipped:]

    async def close(self) -> None:
        await self._response.aclose()
        await self._pool.aclose()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
