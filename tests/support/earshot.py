"""Earshot as it runs: a real `manage.py serve` with a real simulator beside it, both on free ports."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.support.environment import ROOT, process_environment
from tests.support.processes import Process, free_port
from tests.support.simulator import Simulator
from tests.support.sites import AtAddress


@dataclass(frozen=True)
class Prepared:
    """A migrated SQLite database with the cast in it, to be copied; session keys by place in the cast."""

    database: Path
    sessions: Mapping[str, str]


class Earshot:
    """One running installation. `sessions["supervisor"]` is a session key of that person."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        sessions: Mapping[str, str],
        simulator_arguments: Sequence[str] = ("--no-traffic",),
        **settings: str,
    ) -> None:
        self.folder, self.database_url, self.sessions = folder, database_url, sessions
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator = Simulator(f"{self.url}/webhooks/telnyx", folder, simulator_arguments)
        self.environment = process_environment(
            database_url,
            TELNYX_BASE_URL=f"{self.simulator.url}/v2",
            TELNYX_PUBLIC_KEY=self.simulator.public_key,
            **settings,
        )
        try:
            self.server = self._serve()
        except BaseException:
            self.simulator.end()
            raise

    @property
    def origin(self) -> str:
        return self.url

    @property
    def site(self) -> AtAddress:
        return AtAddress(self.url)

    def get(self, path: str, who: str = "supervisor") -> httpx.Response:
        """One page or answer, as somebody of the cast; `who=""` is nobody."""
        cookies = {"sessionid": self.sessions[who]} if who else {}
        with httpx.Client(base_url=self.url, cookies=cookies, timeout=30) as client:
            return client.get(path)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Reads the server's database; `?` stands for a parameter."""
        if self.database_url.startswith("sqlite"):
            with closing(
                sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=10)
            ) as database:
                return database.execute(query, parameters).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query.replace("?", "%s").encode(), parameters).fetchall()

    def restart(self, *, kill: bool = False) -> None:
        """The server ends, politely or as in a crash, and starts again on the same port and database."""
        if kill:
            self.server.kill()
        else:
            self.server.end()
        self.server = self._serve()

    def end(self) -> None:
        self.simulator.end()
        self.server.end()

    def _serve(self) -> Process:
        command = [sys.executable, "manage.py", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        server = Process(command, self.folder / "serve.log", self.environment, folder=ROOT, forked=True)
        server.wait_until(self._is_ready, within=120)  # on a machine that does much else too
        return server

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def running_earshot(
    prepared: Prepared, folder: Path, simulator_arguments: Sequence[str] = ("--no-traffic",), **settings: str
) -> Iterator[Earshot]:
    """Embedded, on a copy of the prepared database; `settings` by environment name."""
    database = folder / "earshot.sqlite3"
    shutil.copy(prepared.database, database)
    url = f"sqlite:///{database}"
    earshot = Earshot(folder, url, prepared.sessions, simulator_arguments, **settings)
    try:
        yield earshot
    finally:
        earshot.end()
