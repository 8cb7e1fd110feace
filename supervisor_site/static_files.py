"""Static files as ASGI, straight from the apps' and the project's folders: no collecting step."""

from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from servestatic import ServeStaticASGI

from supervisor_site.asgi_types import Application, Message, Receive, Scope, Send

FOR_EVER = b"public, max-age=31536000, immutable"
KEPT_STATUSES = frozenset({200, 206, 304})


class StaticFiles:
    """Serves what the static file finders found when it was made; everything else goes to `otherwise`."""

    def __init__(self, otherwise: Application) -> None:
        self._otherwise = otherwise
        # Modules import each other without a hash: asked for at each page, so no page mixes two releases.
        self._files = ServeStaticASGI(
            otherwise, max_age=0, allow_all_origins=False, add_headers_function=_no_sniffing
        )
        for finder in get_finders():
            for name, storage in finder.list(None):
                self._files.add_file_to_dictionary(settings.STATIC_URL + name, storage.path(name))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(settings.STATIC_URL):
            await self._otherwise(scope, receive, send)
        elif _is_current(scope):
            await self._files(scope, receive, _keeping_for_ever(send))
        else:
            await self._files(scope, receive, send)


def _no_sniffing(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _is_current(scope: Scope) -> bool:
    """Whether the address carries this file's own hash. While a new release starts, an old process may be
    asked for the new hash: browsers must not keep its answer for ever."""
    asked = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    name = scope["path"].removeprefix(settings.STATIC_URL)
    return "?v=" in asked and staticfiles_storage.url(name) == asked


def _keeping_for_ever(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in KEPT_STATUSES:
            headers = [pair for pair in message["headers"] if pair[0] != b"cache-control"]
            message = {**message, "headers": [*headers, (b"cache-control", FOR_EVER)]}
        await send(message)

    return sending
