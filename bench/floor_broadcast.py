"""What the websockets library does with the same task: `websockets.broadcast()`.

python -m bench.floor_broadcast <port>
"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

_listening: set[ServerConnection] = set()


async def _talk(socket: ServerConnection) -> None:
    if socket.request and socket.request.path == "/say":
        async for message in socket:
            broadcast(_listening, message)
        return
    _listening.add(socket)
    try:
        await socket.wait_closed()
    finally:
        _listening.discard(socket)


async def _main(port: int) -> None:
    async with serve(_talk, "127.0.0.1", port, compression=None):
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
