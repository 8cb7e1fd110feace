"""daphne around the application: it says when it listens, and can cut a connection short."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from daphne.server import Server, twisted_loop

from simulator.sending import CUT

Handle = Callable[..., Any]


class CuttingServer(Server):  # type: ignore[misc]  # daphne has no types
    """daphne's server with one more message: `simulator.cut` closes the connection without another byte."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        scope["extensions"] = {CUT: {}}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] != CUT:
            await super().handle_reply(protocol, message)
        elif protocol.channel is not None:
            protocol.channel.transport.abortConnection()


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
