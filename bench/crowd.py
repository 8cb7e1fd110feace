"""Many browsers that only count: websockets on one address whose frames are noted the moment they come.

Bare protocols in the event loop, so that a thousand of them take less of the machine than the server does.
They offer compression as browsers do, but inflate what all of them get only once. One that does not read
stands for a browser that is stuck.
"""

import asyncio
import base64
import os
import socket
import time
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

Heard = Callable[[bytes, float], None]

TEXT, PING, PONG = 1, 9, 10
COMPRESSED = 0x40
OPEN_AT_ONCE = 50  # fewer than a server lets open at once
OPEN_WITHIN = 120.0
SMALL_BUFFER = 4096  # of one that does not read: the kernel would keep megabytes for it


class Watcher(asyncio.Protocol):
    """One socket. `heard` gets the payload of each text frame and when it came (perf_counter seconds)."""

    def __init__(self, request: bytes, greeting: str, heard: Heard) -> None:
        self._request, self._greeting, self._heard = request, greeting, heard
        self._buffer = b""
        self._upgraded = False
        self._transport: asyncio.Transport | None = None
        self.lost = False
        self.greeted = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def connection_lost(self, problem: Exception | None) -> None:
        self.lost = True
        if not self.greeted.done():
            self.greeted.set_exception(ConnectionError("closed before the first frame"))
            self.greeted.exception()  # somebody may have stopped waiting for it

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._buffer = self._buffer + data if self._buffer else data
        if not self._upgraded:
            self._upgrade()
        while self._upgraded and (frame := self._frame()):
            self._take(*frame, now)

    def say(self, text: str) -> None:
        self._send(TEXT, text.encode())

    def stop_reading(self) -> None:
        if self._transport:
            self._transport.pause_reading()

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def _upgrade(self) -> None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        if b" 101 " not in head.partition(b"\r\n")[0]:
            if not self.greeted.done():
                self.greeted.set_exception(ConnectionError(head.decode(errors="replace")[:200]))
            return self.close()
        self._upgraded, self._buffer = True, rest
        if self._greeting:
            self.say(self._greeting)
        else:
            self._greet()
        return None

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame, without its head; a server's frames are not masked."""
        data = self._buffer
        if len(data) < 2:
            return None
        length, start = data[1] & 0x7F, 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start])
        if len(data) < start + length:
            return None
        self._buffer = data[start + length :]
        return data[0], data[start : start + length]

    def _take(self, first: int, payload: bytes, now: float) -> None:
        opcode = first & 0x0F
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == TEXT:
            self._greet()
            self._heard(_read(payload, bool(first & COMPRESSED)), now)

    def _greet(self) -> None:
        if not self.greeted.done():
            self.greeted.set_result(None)

    def _send(self, opcode: int, payload: bytes) -> None:
        """Masked with zeros, which leaves the payload as it is."""
        if self._transport and not self._transport.is_closing():
            size = len(payload)
            head = bytes([0x80 | opcode, 0x80 | (size if size < 126 else 126)])
            long = size.to_bytes(2) if size > 125 else b""
            self._transport.write(head + long + bytes(4) + payload)


# The same object for the same bytes: a crowd mostly gets them a thousand times.
@lru_cache(maxsize=256)
def _read(payload: bytes, compressed: bool) -> bytes:
    if not compressed:
        return payload
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + b"\x00\x00\xff\xff")


class Crowd:
    """All sockets of one address. `url` is ws:// or http://; `greeting` is what each says first."""

    def __init__(
        self,
        url: str,
        heard: Heard,
        greeting: str = "",
        headers: Mapping[str, str] | None = None,
        compressed: bool = True,
    ) -> None:
        place = urlsplit(url)
        assert place.scheme in {"ws", "http"}, f"{url} is not a plain websocket's address"
        self._host, self._port = place.hostname or "", place.port or 80
        offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
        headers = dict(headers or {}) | (offer if compressed else {})
        self._request = handshake(place.path or "/", place.netloc, headers)
        self._greeting, self._heard = greeting, heard
        self.watchers: list[Watcher] = []

    async def open(self, count: int, *, reads: bool = True) -> None:
        """So many more, each greeted by a first frame (without a greeting: by the handshake's answer)."""
        async with asyncio.timeout(OPEN_WITHIN):
            for start in range(0, count, OPEN_AT_ONCE):
                some = range(start, min(start + OPEN_AT_ONCE, count))
                await asyncio.gather(*(self._one(reads) for _ in some))

    @property
    def lost(self) -> int:
        """How many the server has closed."""
        return sum(watcher.lost for watcher in self.watchers)

    def close(self) -> None:
        for watcher in self.watchers:
            watcher.close()

    async def _one(self, reads: bool) -> None:
        def made() -> Watcher:
            return Watcher(self._request, self._greeting, self._heard)

        loop = asyncio.get_running_loop()
        if reads:
            _, watcher = await loop.create_connection(made, self._host, self._port)
        else:
            narrow = socket.socket()
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            narrow.setblocking(False)
            await loop.sock_connect(narrow, (self._host, self._port))
            _, watcher = await loop.create_connection(made, sock=narrow)
        try:
            await watcher.greeted
        except BaseException:  # whoever waited for it waits no more
            watcher.close()
            raise
        self.watchers.append(watcher)
        if not reads:
            watcher.stop_reading()


def handshake(path: str, host: str, headers: Mapping[str, str]) -> bytes:
    """The whole request of a websocket."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    lines |= {"Sec-WebSocket-Key": key} | dict(headers)
    return "".join(
        [f"GET {path} HTTP/1.1\r\n", *(f"{name}: {value}\r\n" for name, value in lines.items()), "\r\n"]
    ).encode()
