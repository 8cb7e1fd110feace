"""Earshot as a signed-in browser reaches it: in this process, or at an address. Both answer alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import websockets
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

if TYPE_CHECKING:  # a soak is no Django process
    from dashboard.models import User

LIVE_PATH = "/ws/live"


class Closed(Exception):
    """The server closed the socket; `code` is its close code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Socket(Protocol):
    """An accepted socket. `receive` raises `Closed`."""

    async def send(self, text: str) -> None: ...

    async def receive(self) -> str: ...


class Site(Protocol):
    """Pages and sockets for whoever has the session key `session`."""

    async def get(self, path: str, session: str) -> str: ...

    def live(self, session: str) -> AbstractAsyncContextManager[Socket]: ...


def session_of(user: "User") -> str:
    """A session key for somebody in this process's database, as after signing in."""
    client = Client()
    client.force_login(user)
    session: SessionBase = client.session
    return str(session.session_key)


session_of_async = database_sync_to_async(session_of)


# --- in this process -----------------------------------------------------------------------------------
class InProcess:
    """The ASGI application itself, on the test's own event loop. `cookie` and `path` are of its
    live socket: people's unless given."""

    host = "testserver"

    def __init__(self, application: Any, cookie: str = "", path: str = LIVE_PATH) -> None:
        self._application, self._path = application, path
        self._cookie = cookie or settings.SESSION_COOKIE_NAME

    async def get(self, path: str, session: str) -> str:
        transport = httpx.ASGITransport(app=self._application)
        async with httpx.AsyncClient(
            transport=transport, base_url=f"http://{self.host}", cookies={self._cookie: session}
        ) as client:
            return _page(await client.get(path))

    @asynccontextmanager
    async def live(self, session: str) -> AsyncIterator[Socket]:
        headers = {"cookie": f"{self._cookie}={session}", "origin": f"http://{self.host}"}
        socket = InProcessSocket(self._application, headers, self._path)
        await socket.open()
        try:
            yield socket
        finally:
            await socket.close()


class InProcessSocket:
    """Speaks ASGI with the application as a server would; what it sent waits in a queue."""

    def __init__(self, application: Any, headers: dict[str, str], path: str = LIVE_PATH) -> None:
        self._to: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        raw = [(name.encode(), text.encode()) for name, text in headers.items()]
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", InProcess.host.encode()), *raw],
            "subprotocols": [],
            "client": ["127.0.0.1", 50000],
            "server": ["127.0.0.1", 80],
        }
        self._task = asyncio.create_task(application(scope, self._to.get, self._from.put))

    async def open(self) -> None:
        await self._to.put({"type": "websocket.connect"})
        if (answer := await self._from.get())["type"] != "websocket.accept":
            raise Closed(answer.get("code", 1006))

    async def send(self, text: str) -> None:
        await self._to.put({"type": "websocket.receive", "text": text})

    async def receive(self) -> str:
        message = await self._from.get()
        if message["type"] == "websocket.close":
            raise Closed(message.get("code", 1000))
        return str(message["text"])

    async def close(self) -> None:
        await self._to.put({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, 5)


# --- at an address ---------------------------------------------------------------------------------------
class AtAddress:
    """A running server, as `http://127.0.0.1:8000`."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def get(self, path: str, session: str) -> str:
        async with httpx.AsyncClient(base_url=self.url, cookies=_cookies(session), timeout=30) as client:
            return _page(await client.get(path))

    @asynccontextmanager
    async def live(self, session: str) -> AsyncIterator[Socket]:
        address = self.url.replace("http", "ws", 1) + LIVE_PATH
        async with websockets.connect(
            address, additional_headers=_headers(session, self.url), max_size=None
        ) as connection:
            yield AddressSocket(connection)


class AddressSocket:
    def __init__(self, connection: websockets.ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        await self._connection.send(text)

    async def receive(self) -> str:
        try:
            return str(await self._connection.recv())
        except websockets.ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 1006) from closed


def _cookies(session: str) -> dict[str, str]:
    return {settings.SESSION_COOKIE_NAME: session}


def _headers(session: str, origin: str) -> dict[str, str]:
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "origin": origin}


def _page(response: httpx.Response) -> str:
    assert response.status_code == 200, (
        f"{response.url} answered {response.status_code}: {response.text[:500]}"
    )
    return response.text
