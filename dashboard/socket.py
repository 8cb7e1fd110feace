"""The socket of a page, from its sign-in to its close: `/ws/live` for people, others for devices.

    browser → us   {"watch": [scope…]}  {"unwatch": [scope…]}
    us → browser   see dashboard.frames
    close codes    4401 sign in · 4403 not allowed, or rights that changed · 4410 the screen was taken away
                   4408 too slow · 1008 not our page

A close before the accept reaches a browser as a bare 1006, so it is always accepted first.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from dashboard.live import BadRequest, Hub, Sitting, hub
from dashboard.place import NOT_ALLOWED
from dashboard.reader import trace_of
from dashboard.viewers import PEOPLE, Entrance

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

logger = logging.getLogger("earshot.live")
# An ASGI extension of our own server: {"send": text -> whether it went, for whoever has read all before}.
AT_ONCE = "earshot.at_once"
TOO_SLOW, NOT_OUR_PAGE, TROUBLE = 4408, 1008, 1011
LARGEST_REQUEST = 4096
# A page asks rarely; a person who runs through the rows with the arrow keys asks 30 times a second at most.
BURST, PER_SECOND = 60, 40
SEND_SECONDS = 10.0
CLOSE_SECONDS = 1.0


class LiveSocket:
    """The ASGI application of one hub, for who comes by one entrance.

    `patience`: how many seconds one frame may take to be sent.
    """

    def __init__(self, of: Hub, patience: float = SEND_SECONDS, entrance: Entrance = PEOPLE) -> None:
        self._hub, self._patience, self._entrance = of, patience, entrance

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        admitted = await self._admit(_headers(scope))
        at_once = scope.get("extensions", {}).get(AT_ONCE)
        del scope  # a page stays for a day, and what it asked with would stay as long
        if isinstance(admitted, Sitting):
            if at_once:
                admitted.mailbox.at_once = self._counted(at_once["send"])
            await self._serve(admitted, receive, send)
        else:
            await _close(send, admitted)

    async def _admit(self, headers: Mapping[str, str]) -> Sitting | int:
        """The code to close with, if this browser may not come in."""
        if not same_origin(headers):
            _tell_of(headers.get("origin", ""))
            return NOT_ALLOWED
        try:
            sitting = await self._hub.admit(_cookie(headers, self._entrance.cookie), self._entrance)
        except Exception as problem:
            logger.error("A live page cannot be signed in: %s", problem, exc_info=trace_of(problem))
            return TROUBLE
        return sitting or self._entrance.closed_with

    async def _serve(self, sitting: Sitting, receive: Receive, send: Send) -> None:
        """Reads and writes until one of both ends; each has a task, so that neither waits for the other."""
        tasks = {
            asyncio.create_task(self._write(sitting, send)),
            asyncio.create_task(self._read(sitting, receive)),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            sitting.mailbox.at_once = None  # it would keep the connection for as long as somebody keeps this
            await self._hub.leave(sitting)

    async def _read(self, sitting: Sitting, receive: Receive) -> None:
        clock = asyncio.get_running_loop().time
        allowance, last = float(BURST), clock()
        while (message := await receive())["type"] == "websocket.receive":
            allowance, last = min(BURST, allowance + (clock() - last) * PER_SECOND) - 1, clock()
            try:
                if allowance < 0:
                    raise BadRequest("too many requests")
                self._obey(sitting, message.get("text"))
            except BadRequest:
                sitting.mailbox.close(NOT_OUR_PAGE)
                await asyncio.Future()  # the writer closes the socket

    def _obey(self, sitting: Sitting, text: str | None) -> None:
        request = read_request(text)
        for scope in request.get("watch", ()):
            self._hub.watch(sitting, scope)
        for scope in request.get("unwatch", ()):
            self._hub.unwatch(sitting, scope)

    async def _write(self, sitting: Sitting, send: Send) -> None:
        counts, patience = self._hub.counts, Patience(self._patience)
        try:
            while waiting := await sitting.mailbox.take():
                for frame in waiting:
                    with patience:
                        await send({"type": "websocket.send", "text": frame})
                    counts.sent(frame)
        except TimeoutError:
            counts.cut += 1
            sitting.mailbox.close(TOO_SLOW)
        except OSError:
            return  # the browser has gone, and this server says so by raising
        finally:
            patience.end()
        await _close(send, sitting.mailbox.close_code or TROUBLE)

    def _counted(self, at_once: Callable[[str], bool]) -> Callable[[str], bool]:
        counts = self._hub.counts

        def send(text: str) -> bool:
            went = at_once(text)
            if went:
                counts.sent(text)
            return went

        return send


class Patience:
    """Raises TimeoutError in this task from what takes longer than some seconds, an eighth more at the most.

    One timer that looks now and then while something is sent: a frame is nearly always sent at once, and
    asyncio.timeout would arm and disarm one for each, a tenth of what a delivery costs.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since, self._over = seconds, 0.0, False
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._since = self._loop.time()
        if self._timer is None:
            self._look_later()

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        self._since = 0.0
        cut = self._over and isinstance(problem, asyncio.CancelledError)
        # Somebody else may have cancelled it too: that goes on.
        if cut and self._task and not self._task.uncancel():
            raise TimeoutError from problem

    def end(self) -> None:
        """What ended the task keeps its frame, and so this: named here, the task would keep itself."""
        if self._timer:
            self._timer.cancel()
        self._task = None

    def _look_later(self) -> None:
        self._timer = self._loop.call_later(self._seconds / 8, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self._since:
            return
        if self._loop.time() - self._since >= self._seconds and self._task:
            self._over = True
            self._task.cancel()
        else:
            self._look_later()


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the page that opened the socket is ours: scheme, host and port, or one of TRUSTED_ORIGINS."""
    origin, host = _place(headers.get("origin", "")), headers.get("host", "")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    ours = {
        _place(f"{'https' if settings.HTTPS else 'http'}://{host}"),
        *map(_place, settings.TRUSTED_ORIGINS),
    }
    return origin is not None and origin in ours


@lru_cache(maxsize=50)
def _tell_of(origin: str) -> None:
    """Once for each origin: a wrong TRUSTED_ORIGINS or HTTPS looks like this."""
    logger.warning("A page of %.100r may not open the live socket: it is not in TRUSTED_ORIGINS", origin)


def read_request(text: str | None) -> dict[str, list[str]]:
    """What a browser sent, by verb. Raises BadRequest for what our page never sends."""
    if text is None or len(text) > LARGEST_REQUEST:
        raise BadRequest("not a short text")
    try:
        request = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadRequest("not JSON") from problem
    if not isinstance(request, dict) or not set(request) <= {"watch", "unwatch"}:
        raise BadRequest("unknown verb")
    for scopes in request.values():
        if not isinstance(scopes, list) or not all(_could_be_a_scope(scope) for scope in scopes):
            raise BadRequest("not a list of scopes")
    return request


def _could_be_a_scope(scope: object) -> bool:
    return isinstance(scope, str) and scope.isprintable()


def _headers(scope: Mapping[str, Any]) -> dict[str, str]:
    return {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope["headers"]}


def _cookie(headers: Mapping[str, str], name: str) -> str:
    return parse_cookie(headers.get("cookie", "")).get(name, "")


def _place(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port); None for what is no web origin."""
    try:
        parts = urlsplit(origin)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


async def _close(send: Send, code: int) -> None:
    """A browser that does not read must not keep us: the server drops the connection when we return."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await send({"type": "websocket.close", "code": code})


application = LiveSocket(hub)
