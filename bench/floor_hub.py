"""The floor of the fan-out: a bare ASGI hub. What one socket says is sent to all the others, as it is.

    python -m daphne -v 0 bench.floor_hub:application

No sign-in, no mailboxes: one who does not read may hold up everybody else.
"""

from typing import Any

_sends: set[Any] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return None
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == "/say":
        return await _pass_on(receive)
    _sends.add(send)
    try:
        while (await receive())["type"] != "websocket.disconnect":
            pass
    finally:
        _sends.discard(send)


async def _pass_on(receive: Any) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        for send in [*_sends]:
            await send({"type": "websocket.send", "text": message["text"]})
