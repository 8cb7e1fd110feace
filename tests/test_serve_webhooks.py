"""Webhooks to a real `serve`: from Telnyx, from strangers, and over lines that drop."""

import asyncio
import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.earshot import Prepared
from tests.support.events import WEBHOOK_PATH, event, post_webhook
from tests.support.serving import address, serving
from tests.support.signing import sign
from tests.support.waiting import eventually, eventually_async


class Running:
    """One server for this file, and its database."""

    def __init__(self, url: str, database: Path) -> None:
        self.url, self.database = url, database

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=10)

    def count(self, condition: str) -> int:
        with closing(sqlite3.connect(self.database, timeout=10)) as database:
            query = f"SELECT count(*) FROM telephony_inboxevent WHERE {condition}"
            return int(database.execute(query).fetchone()[0])


@pytest.fixture(scope="module")
def running(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serving")
    database = folder / "earshot.sqlite3"
    shutil.copy(prepared.database, database)
    with serving(f"sqlite:///{database}", folder) as process:
        yield Running(address(process), database)
    assert "Traceback" not in process.output()
    assert process.exit_code == 0


def body(name: str) -> bytes:
    return event("call.enqueued", event_id=name, call_control_id=f"v3:{name}", queue="Claims")


async def test_five_hundred_at_once_of_a_hundred_events(running: Running) -> None:
    bodies = [body(f"many-{number}") for number in range(100)] * 5
    answers = await asyncio.gather(*(deliver(running.port, one) for one in bodies))
    assert set(answers) == {b"HTTP/1.1 200 OK\r\n"}
    assert running.count("event_id LIKE 'many-%'") == 100
    await eventually_async(lambda: running.count("event_id LIKE 'many-%' AND state = 'projected'") == 100, 20)


async def deliver(port: int, whole: bytes) -> bytes:
    """The answer's first line. On a connection of its own: httpx's pool is slow with hundreds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head_of(whole) + whole)
    answer = await reader.readline()
    writer.close()
    return answer


def head_of(whole: bytes) -> bytes:
    head = "".join(f"{name}: {text}\r\n" for name, text in sign(whole).items())
    return f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(whole)}\r\n{head}\r\n".encode()


async def test_while_somebody_else_writes_telnyx_shall_come_again(running: Running) -> None:
    async with running.client() as client:
        with closing(sqlite3.connect(running.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert (await post_webhook(client, body("late"))).status_code == 503
            other.execute("ROLLBACK")
        assert (await post_webhook(client, body("late"))).status_code == 200
    assert running.count("event_id = 'late'") == 1


async def test_every_wrong_thing_has_its_answer_and_leaves_nothing(running: Running) -> None:
    wrong = body("wrong")
    async with running.client() as client:
        answers = [
            await client.get(WEBHOOK_PATH),
            await post_webhook(client, wrong, **{"content-type": "text/plain"}),
            await client.post(WEBHOOK_PATH, content=b" " * 300_000, headers=sign(b"")),
            await client.post(WEBHOOK_PATH, content=_pieces(), headers=sign(b"")),
            await client.post(WEBHOOK_PATH, content=wrong, headers={"content-type": "application/json"}),
            await client.post(WEBHOOK_PATH, content=wrong, headers=sign(wrong, at=1)),
            await client.post(WEBHOOK_PATH, content=wrong + b" ", headers=sign(wrong)),
        ]
    assert [answer.status_code for answer in answers] == [405, 415, 413, 413, 403, 403, 403]
    assert answers[0].headers["allow"] == "POST"
    assert running.count("event_id = 'wrong'") == 0
    assert running.count("state = 'dead'") == 0


async def _pieces() -> AsyncIterator[bytes]:
    for _ in range(30):
        yield b" " * 10_000


def test_a_line_that_drops_in_the_middle(running: Running) -> None:
    whole = body("dropped")
    head = head_of(whole)
    for cut in (10, len(head), len(head) + 20):
        with socket.create_connection(("127.0.0.1", running.port), 5) as connection:
            connection.sendall((head + whole)[:cut])
    with socket.create_connection(("127.0.0.1", running.port), 5) as connection:
        connection.sendall(head + whole)  # all of it, and nobody waits for the answer
    assert eventually(lambda: running.count("event_id = 'dropped'") == 1)
    assert httpx.get(f"{running.url}/livez").text == "ok\n"
