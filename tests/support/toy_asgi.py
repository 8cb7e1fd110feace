"""The small site of toy_site.py as Earshot's server runs it: `python -m tests.support.toy_asgi PORT`."""

import sys
from typing import Any

from django.core.asgi import get_asgi_application

_pages = get_asgi_application()

# Only now: these import models, which need Django to be set up.
from dashboard.socket import LiveSocket  # noqa: E402
from supervisor_site.server import EarshotServer  # noqa: E402
from supervisor_site.static_files import StaticFiles  # noqa: E402
from tests.support.toy_site import hub, sockets  # noqa: E402

_files_and_pages = StaticFiles(otherwise=_pages)
_live = LiveSocket(hub, patience=1)


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        return await _files_and_pages(scope, receive, send)
    sockets.add(send)
    try:
        await _live(scope, receive, send)
    finally:
        sockets.discard(send)


if __name__ == "__main__":
    server = EarshotServer(application)
    server.listen("127.0.0.1", int(sys.argv[1]))
    server.run()
