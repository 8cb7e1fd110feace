"""daphne around the application: it says when it listens, and can cut a connection short."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from daphne.server import Server, twisted_loop

from simulator.sending import CUT

Handle = Callable[..., Any]


class Valve:
    """What Twisted tells when a client's buffer is full, and when there is room again."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    # Twisted's own names for it.
    def pauseProducing(self) -> None:
        self._open.clear()

    def resumeProducing(self) -> None:
        self._open.set()

    def stopProducing(self) -> None:
        self._open.set()

    async def passed(self) -> None:
        await self._open.wait()


class CuttingServer(Server):  # type: ignore[misc]  # daphne has no types
    """daphne's server with one more message: `simulator.cut` closes the connection without another byte.

    And with patience: a body in pieces waits for the client. daphne alone would keep in memory all that a
    slow client has not read: 58 MB for two hours of sound.
    """

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        scope["extensions"] = {CUT: {}}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == CUT:
            if protocol.channel is not None:
                protocol.channel.transport.abortConnection()
        elif message.get("more_body"):
            await self._send_piece(protocol, message)
        else:
            if getattr(protocol, "producer", None) is not None and protocol.channel is not None:
                protocol.unregisterProducer()
            await super().handle_reply(protocol, message)

    async def _send_piece(self, protocol: Any, message: dict[str, Any]) -> None:
        if protocol.channel is None:
            return
        if protocol.producer is None:
            protocol.registerProducer(Valve(), True)
        await super().handle_reply(protocol, message)
        await protocol.producer.passed()


def serve(application: Any, host: str, port: int, ready: Callable[[], None]) -> bool:
    """Serves until SIGINT or SIGTERM; calls `ready` once the port is bound. False: the port is taken."""
    logging.getLogger("daphne").addHandler(logging.NullHandler())
    logging.getLogger("daphne").propagate = False
    asyncio.set_event_loop(twisted_loop)
    twisted_loop.call_soon(ready)
    server = CuttingServer(
        application,
        endpoints=[f"tcp:port={port}:interface={host}"],
        server_name="telnyx-simulator",
        verbosity=0,
    )
    server.run()
    return bool(server.listening_addresses)


def finish(closing: Any) -> None:
    """Runs what is left to do after the server has stopped."""
    twisted_loop.run_until_complete(closing)
