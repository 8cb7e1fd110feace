"""What is measured: a running Earshot, and the floor beside it, each on its own database and port."""

import base64
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench.posting import Outcome
from bench.results import ROOT
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
def databases(engine: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases of one engine: Earshot's and the floor's."""
    if engine == "SQLite":
        yield f"sqlite:///{folder}/earshot.sqlite3", f"sqlite:///{folder}/floor.sqlite3"
        return
    with PostgreSQL() as server:
        yield server.create_database("earshot"), server.create_database("floor")


@contextmanager
def earshot(database: str, folder: Path) -> Iterator[Place]:
    """`manage.py serve` as it is used without Redis, on a database of its own; Telnyx does not answer it."""
    sessions = prepare(database)
    with serving(database, folder) as process:
        yield Place(address(process) + WEBHOOKS, database, process.pid, sessions)


@contextmanager
def floor(database: str, folder: Path) -> Iterator[Place]:
    """The bare application on daphne."""
    port = free_port()
    settings = {"FLOOR_DATABASE_URL": database, "FLOOR_PUBLIC_KEY": PUBLIC_KEY}
    command = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)]
    log = folder / "floor.log"
    process = Process([*command, "bench.floor_app:application"], log, {**os.environ, **settings}, folder=ROOT)
    try:
        process.wait_until(lambda: _listens(port))
        yield Place(f"http://127.0.0.1:{port}{WEBHOOKS}", database, process.pid, {})
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
