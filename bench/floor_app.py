"""The floor: what any program on this server must do for a webhook. A bare ASGI application that verifies
the signature, reads the event's id and makes one insert per request, committed before it answers 200.

    FLOOR_DATABASE_URL=… FLOOR_PUBLIC_KEY=… python -m daphne -v 0 bench.floor_app:application

No limits, no projection, no pages, nothing that survives trouble.
"""

import base64
import json
import os
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from nacl.signing import VerifyKey
from psycopg_pool import AsyncConnectionPool

Insert = Callable[[str, bytes], Awaitable[None]]
STATEMENT = "INSERT INTO floor_event (event_id, body) VALUES ({0}, {0}) ON CONFLICT (event_id) DO NOTHING"
TABLE = "CREATE TABLE IF NOT EXISTS floor_event (id {serial}, event_id text UNIQUE, body {bytes})"
CONNECTIONS = 8


class SQLite:
    """One connection, used in the event loop: a thread would only cost. As durable as Earshot's."""

    def __init__(self, url: str) -> None:
        self._database = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(TABLE.format(serial="INTEGER PRIMARY KEY", bytes="BLOB"))

    async def insert(self, event_id: str, body: bytes) -> None:
        self._database.execute(STATEMENT.format("?"), (event_id, body))


class PostgreSQL:
    """A pool, so that requests do not wait for each other's round trip."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE.format(serial="bigserial PRIMARY KEY", bytes="bytea").encode())
        self._url = url
        self._pool: AsyncConnectionPool[Any] | None = None

    async def insert(self, event_id: str, body: bytes) -> None:
        pool = self._pool or await self._opened()
        async with pool.connection() as connection:
            await connection.execute(STATEMENT.format("%s").encode(), (event_id, body))

    async def _opened(self) -> AsyncConnectionPool[Any]:
        """The pool belongs to the loop, and daphne tells nobody when that starts: the first request does."""
        settings = {"autocommit": True}
        self._pool = AsyncConnectionPool(
            self._url, min_size=CONNECTIONS, max_size=CONNECTIONS, open=False, kwargs=settings
        )
        await self._pool.open()
        return self._pool


class Floor:
    """The application."""

    def __init__(self, insert: Insert, key: VerifyKey) -> None:
        self._insert, self._key = insert, key

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        headers = dict(scope["headers"])
        signature = base64.b64decode(headers[b"telnyx-signature-ed25519"])
        self._key.verify(headers[b"telnyx-timestamp"] + b"|" + body, signature)
        await self._insert(json.loads(body)["data"]["id"], body)
        length = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"kept\n"})


def _made() -> Floor:
    url, key = os.environ["FLOOR_DATABASE_URL"], os.environ["FLOOR_PUBLIC_KEY"]
    storage = SQLite(url) if url.startswith("sqlite") else PostgreSQL(url)
    return Floor(storage.insert, VerifyKey(base64.b64decode(key)))


application = _made()
