"""What is measured: a running Earshot, and the floor beside it, each on its own database and port."""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.posting import Outcome
from bench.results import ROOT
from tests.support.environment import process_environment
from tests.support.prepared import prepare
from tests.support.processes import Process, free_port
from tests.support.services import PostgreSQL
from tests.support.serving import address, serving
from tests.support.signing import KEY, PUBLIC_KEY

ENGINES = ("SQLite", "PostgreSQL")
WEBHOOKS = "/webhooks/telnyx"
PROJECTED_WITHIN = 180.0


@dataclass(frozen=True)
class Place:
    """A server to post to, and the database behind it. `sessions` as in tests.support.prepared."""

    url: str
    database: str
    pid: int
    sessions: Mapping[str, str]

    @property
    def origin(self) -> str:
        """Where its pages are, http://host:port."""
        return self.url.partition("/webhooks")[0]

    @property
    def memory(self) -> float:
        """Resident kilobytes of the server's process."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    @property
    def cpu(self) -> float:
        """Seconds of processor time that the server's process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def count(self, condition: str) -> int:
        """Rows of the inbox."""
        return int(self._rows(f"SELECT count(*) FROM telephony_inboxevent WHERE {condition}")[0][0])

    def event_ids(self) -> list[str]:
        """Of the whole inbox."""
        return [str(row[0]) for row in self._rows("SELECT event_id FROM telephony_inboxevent")]

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        if self.database.startswith("sqlite"):
            with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=10)) as database:
                return database.execute(statement).fetchall()
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement.encode()).fetchall()

    def wait_until_projected(self) -> float:
        """When nothing waited in the inbox any more (epoch seconds)."""
        deadline = time.time() + PROJECTED_WITHIN
        while self.count("state = 'pending'"):
            assert time.time() < deadline, "the projection does not keep up"
            time.sleep(0.02)
        assert not self.count("state = 'dead'"), "a webhook of the script became a dead letter"
        return time.time()


@contextmanager
def databases(engine: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases of one engine: the address of each by its name."""
    if engine == "SQLite":
        yield lambda name: f"sqlite:///{folder}/{name}.sqlite3"
        return
    with PostgreSQL() as server:
        yield server.create_database


@contextmanager
def earshot(
    database: str, folder: Path, sessions: Mapping[str, str] | None = None, **settings: str
) -> Iterator[Place]:
    """`manage.py serve` as it is used without Redis, on a database of its own; Telnyx does not answer it.

    With `sessions` the database is prepared already.
    """
    sessions = prepare(database) if sessions is None else sessions
    with serving(database, folder, **settings) as process:
        yield Place(address(process) + WEBHOOKS, database, process.pid, sessions)


@contextmanager
def earshot_on_uvicorn(database: str, folder: Path) -> Iterator[Place]:
    """The same application without the worker, which is no part of what is measured on it."""
    sessions = prepare(database)
    application = "supervisor_site.asgi:application"
    with _running(uvicorn(application), folder, process_environment(database)) as (port, process):
        yield Place(f"http://127.0.0.1:{port}{WEBHOOKS}", database, process.pid, sessions)


@contextmanager
def floor(database: str, folder: Path, command: list[str] | None = None) -> Iterator[Place]:
    """A bare application that takes webhooks; without another command, `bench.floor_app` on daphne."""
    settings = {"FLOOR_DATABASE_URL": database, "FLOOR_PUBLIC_KEY": PUBLIC_KEY}
    command = command or daphne("bench.floor_app:application")
    with _running(command, folder, settings) as (port, process):
        yield Place(f"http://127.0.0.1:{port}{WEBHOOKS}", database, process.pid, {})


@contextmanager
def hub(command: list[str], folder: Path, **settings: str) -> Iterator[Place]:
    """A server of sockets alone, from a command whose last argument is still missing: the port."""
    with _running(command, folder, settings) as (port, process):
        yield Place(f"ws://127.0.0.1:{port}/", "", process.pid, {})


def daphne(application: str) -> list[str]:
    return [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", application, "-p"]


def uvicorn(application: str) -> list[str]:
    quiet = ["--no-access-log", "--log-level", "warning", "--ws-per-message-deflate", "false"]
    return [sys.executable, "-m", "uvicorn", application, *quiet, "--port"]


@contextmanager
def _running(command: list[str], folder: Path, settings: Mapping[str, str]) -> Iterator[tuple[int, Process]]:
    """A process whose command lacks its port, once that listens."""
    port = free_port()
    process = Process([*command, str(port)], folder / f"{port}.log", {**os.environ, **settings}, folder=ROOT)
    try:
        process.wait_until(lambda: _listens(port))
        yield port, process
    finally:
        process.end()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def post(url: str, **arguments: Any) -> Outcome:
    """Run the load generator in a process of its own, with these of its arguments."""
    key = base64.b64encode(bytes(KEY)).decode()
    command = [sys.executable, "-m", "bench.posting", url, "--key", key]
    command += [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    told["statuses"] = {int(status): count for status, count in told["statuses"].items()}
    return Outcome(**told)
