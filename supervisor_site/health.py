"""`/livez`: this process answers. `/readyz`: it can also work: the database answers and is migrated."""

import asyncio
from collections.abc import Iterable

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from supervisor_site.asgi_types import Receive, Scope, Send

READY_WITHIN = 2.0


async def livez(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, 200, "ok")


class _Ending:
    """Whether this process has been told to end: then nobody new shall be sent to it."""

    now = False


ending = _Ending()


async def readyz(scope: Scope, receive: Receive, send: Send) -> None:
    if ending.now:
        return await _answer(send, 503, "ending")
    try:
        async with asyncio.timeout(READY_WITHIN):
            problem = await sync_to_async(_problem, thread_sensitive=False)()
    except TimeoutError:
        problem = "the database does not answer in time"
    return await _answer(send, 503 if problem else 200, problem or "ok")


async def _answer(send: Send, status: int, words: str) -> None:
    body = words.encode() + b"\n"
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _problem() -> str:
    try:
        return "migrations are missing" if unapplied_migrations() else ""
    except (DatabaseError, InterfaceError, OperationalError):
        return "the database does not answer"
    finally:
        connection.close()


def unapplied_migrations() -> list[str]:
    """Names of migrations that the code has and the database has not; touches the database each time."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
