"""The ASGI application: the door for webhooks, the live socket, static files, and Django's pages behind.

It needs nothing of the server that runs it; `manage.py serve` runs it on daphne with limits of our own.
"""

import contextlib
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supervisor_site.settings")
_pages = get_asgi_application()

# Only now: these import models, which need Django to be set up.
from django.conf import settings  # noqa: E402

from dashboard.live import hub  # noqa: E402
from dashboard.socket import LiveSocket  # noqa: E402
from dashboard.socket import application as live  # noqa: E402
from supervisor_site import health_page  # noqa: E402
from supervisor_site.asgi_types import Application, Receive, Scope, Send  # noqa: E402
from supervisor_site.floor import BOARDS  # noqa: E402
from supervisor_site.health import livez, readyz  # noqa: E402
from supervisor_site.heart import beating  # noqa: E402
from supervisor_site.proxies import request_id, seen_from_outside  # noqa: E402
from supervisor_site.static_files import StaticFiles  # noqa: E402
from supervisor_site.webhooks import PATHS as WEBHOOK_PATHS  # noqa: E402
from supervisor_site.webhooks import door  # noqa: E402
from telephony import trace  # noqa: E402
from wallboards.devices import ENTRANCE  # noqa: E402
from wallboards.devices_views import LIVE_PATH as SCREENS_PATH  # noqa: E402

hub.install((*BOARDS, *health_page.BOARDS))

LIVE_PATH = "/ws/live"
# A screen on the wall has a cookie for this path alone, and no other cookie is asked for there.
_sockets: dict[str, Application] = {LIVE_PATH: live, SCREENS_PATH: LiveSocket(hub, entrance=ENTRANCE)}
_outside_django: dict[str, Application] = dict.fromkeys(WEBHOOK_PATHS, door) | {
    "/livez": livez,
    "/readyz": readyz,
}
_files_and_pages = StaticFiles(otherwise=_pages)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] in {"http", "websocket"}:
        scope = seen_from_outside(scope, settings.TRUSTED_PROXIES)
        about = trace.about(request=request_id(scope, settings.TRUSTED_PROXIES))
        answering = _to(scope)(scope, receive, send)
        del scope  # a socket's would be kept here for as long as its page is open
        with about:
            await answering
    elif scope["type"] == "lifespan":
        await _live_and_end(receive, send)


def _to(scope: Scope) -> Application:
    if scope["type"] == "websocket":
        return _sockets.get(scope["path"], _refuse)
    return _outside_django.get(scope["path"], _files_and_pages)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Closing before accepting: the handshake is answered with 403."""
    await receive()
    await send({"type": "websocket.close"})


async def _live_and_end(receive: Receive, send: Send) -> None:
    """The protocol of servers that tell an application when they start and end; daphne does not."""
    with contextlib.ExitStack() as running:
        while (await receive())["type"] != "lifespan.shutdown":
            door.start()
            running.enter_context(beating(serves=True))
            await send({"type": "lifespan.startup.complete"})
    door.stop()
    await send({"type": "lifespan.shutdown.complete"})
