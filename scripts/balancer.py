"""Shares connections among the web processes where nginx is not installed: `balancer.py PORT WEB_PORT…`.

For `make up` and the tests of faults on this machine: it passes bytes on and knows no HTTP. A web process
that accepts no connection is passed over.
"""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator, Sequence

HOST = "127.0.0.1"
PIECE = 65536


class Balancer:
    def __init__(self, ports: Sequence[int]) -> None:
        self._ports, self._turn = list(ports), itertools.count()

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        web = await self._web()
        try:
            if web:
                await asyncio.gather(_pipe(reader, web[1]), _pipe(web[0], writer))
        finally:
            writer.close()

    async def _web(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._in_turn():
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(HOST, port)
        return None

    def _in_turn(self) -> Iterator[int]:
        first = next(self._turn)
        return (self._ports[(first + step) % len(self._ports)] for step in range(len(self._ports)))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side ends; then the other is ended too."""
    try:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                writer.write(piece)
                await writer.drain()
    finally:
        writer.close()


async def main() -> None:
    port, *webs = (int(word) for word in sys.argv[1:])
    server = await asyncio.start_server(Balancer(webs).pass_on, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
