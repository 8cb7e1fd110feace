"""Earshot's server around a toy application: `python -m tests.support.toy_served [SECONDS]`, for what limits
and ends. SECONDS is how long a browser may leave pings without an answer.

Answers `/body` with its root path and the number of bytes it got, `/slow` after a second, `/broken` never.
Its socket sends back what it gets, closes on "go", and on "flood" sends until its reader does not read. 50
sockets are opened at once, and three stand in the line.
"""

import asyncio
import secrets
import sys
from functools import partial
from typing import Any


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await talk(receive, send)
        return
    size, message = 0, {"more_body": True}
    while message.get("more_body"):
        message = await receive()
        size += len(message.get("body", b""))
    if scope["path"] == "/broken":
        raise ValueError("broken on purpose")
    if scope["path"] == "/slow":
        sys.stdout.write("slow began\n")
        await asyncio.sleep(1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{scope['root_path']}{size}".encode()})


async def talk(receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "flood":
            await flood(send)
        if message.get("text") == "go":
            await send({"type": "websocket.close", "code": 1008})
        await send({"type": "websocket.send", "text": message.get("text") or "bytes"})


async def flood(send: Any) -> None:
    sent = 0
    try:
        async with asyncio.timeout(None) as patience:
            while sent < 500:
                patience.reschedule(asyncio.get_running_loop().time() + 0.5)
                await send({"type": "websocket.send", "text": secrets.token_hex(500_000)})
                sent += 1
    except TimeoutError:
        sys.stdout.write(f"waiting after {sent} MB\n")


def main() -> None:
    import django

    django.setup()
    from supervisor_site.handshakes import Handshakes
    from supervisor_site.server import SILENT_WITHIN, EarshotServer

    silent = float(sys.argv[1]) if len(sys.argv) > 1 else SILENT_WITHIN
    handshakes = partial(Handshakes, most=50, within=60.0, line_most=3)
    server = EarshotServer(application, receive_within=1.0, handshakes=handshakes, silent_within=silent)
    sys.stdout.write(f"listening on {server.listen('127.0.0.1', 0)}\n")
    server.run()
    sys.stdout.write("ended in order\n")


if __name__ == "__main__":
    main()
