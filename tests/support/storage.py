"""A storage of recordings on this machine that misbehaves as told: cuts off, forgets links, redirects."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Storage:
    """Serves `content`. `cuts`: after how many bytes answers break off; `answers` come instead of it."""

    content: bytes
    url: str = ""
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    links: list[bool] = field(default_factory=list)

    async def link(self, renew: bool) -> str:
        """As Earshot asks for one: a new one each time."""
        self.links.append(renew)
        return f"{self.url}/file-{len(self.links)}.mp3"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        wanted = re.search(r"range: bytes=(\d*)-(\d*)", head, re.IGNORECASE)
        self.asked.append((path, wanted[0] if wanted else ""))
        if self.answers:
            writer.write(f"HTTP/1.1 {self.answers.pop(0)}\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            self._send(writer, wanted)
        await writer.drain()
        writer.close()

    def _send(self, writer: asyncio.StreamWriter, wanted: re.Match[str] | None) -> None:
        total = len(self.content)
        first, last, status, extra = 0, total - 1, "200 OK", ""
        if wanted and self.ranges:
            low, high = wanted.groups()
            first = int(low) if low else max(total - int(high), 0)
            last = min(int(high), total - 1) if low and high else total - 1
            status, extra = "206 Partial Content", f"Content-Range: bytes {first}-{last}/{total}\r\n"
            if first > last:
                writer.write(
                    f"HTTP/1.1 416 No\r\nContent-Range: bytes */{total}\r\nContent-Length: 0\r\n\r\n".encode()
                )
                return
        body = self.content[first : last + 1]
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode())
        writer.write(body[: self.cuts.pop(0)] if self.cuts else body)


@asynccontextmanager
async def storage(content: bytes) -> AsyncIterator[Storage]:
    made = Storage(content)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await server.wait_closed()
