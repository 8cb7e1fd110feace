"""Bodies in and out of ASGI, and two ways of not answering."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx

from simulator.messages import Reply

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# What the server of this package understands beside ASGI: to close the connection without another byte.
CUT = "simulator.cut"


async def read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def send_reply(send: Send, reply: Reply) -> None:
    body = _encoded(reply.body)
    headers = {"content-type": "application/json; charset=utf-8"} if body else {}
    headers |= {"content-length": str(len(body))} if reply.status != 204 else {}
    await start(send, reply.status, headers | reply.headers)
    await send({"type": "http.response.body", "body": body})


async def start(send: Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


def _encoded(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


async def cut(scope: MutableMapping[str, Any], send: Send) -> None:
    """Closes the connection; where there is none (`httpx.ASGITransport`), raises what httpx would."""
    if CUT not in scope.get("extensions", {}):
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
    await send({"type": CUT})


async def hang(receive: Receive, cleared: asyncio.Event) -> None:
    """Never answers; ends when the client is gone or the faults are cleared (then the connection is cut)."""
    gone = asyncio.ensure_future(_gone(receive))
    freed = asyncio.ensure_future(cleared.wait())
    try:
        await asyncio.wait({gone, freed}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        freed.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
