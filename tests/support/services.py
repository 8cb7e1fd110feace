"""A Redis and a PostgreSQL of the test run's own. What runs on the machine already is left alone."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.support.processes import Process, free_port, program


class Service:
    """Something that listens on `port`, with a folder of its own; may be ended and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"earshot-{type(self).__name__.lower()}-"))
        self.process = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start_again(self) -> None:
        """On the same port and with the same data, after `end_process` or a kill."""
        self.process = self._start()

    def end_process(self) -> None:
        self.process.send(signal.SIGCONT)
        self.process.end()

    def end(self) -> None:
        self.end_process()
        shutil.rmtree(self.folder)

    def _start(self) -> Process:
        raise NotImplementedError


class Redis(Service):
    """Keeps nothing on disk, as Earshot needs nothing kept there."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _start(self) -> Process:
        command = [program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        process = Process(command, self.folder / "log")
        process.wait_until(self._answers)
        return process

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        except OSError:
            return False


class PostgreSQL(Service):
    """A cluster of its own. Its programs refuse root, so as root they run as the user `postgres`.

    With `durable=False` it does not wait for the disk: for tests, where no figure is taken of it.
    """

    def __init__(self, durable: bool = True) -> None:
        self._durable = durable
        super().__init__()

    @property
    def user(self) -> str | None:
        return "postgres" if os.geteuid() == 0 else None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://earshot@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Returns the new database's url."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)
        return self.url(name)

    def _start(self) -> Process:
        cluster = self.folder / "cluster"
        if not cluster.exists():
            self._make(cluster)
        command = [_postgresql_program("postgres"), "-D", str(cluster), "-k", str(self.folder)]
        command += ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
        if not self._durable:
            command += ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"]
        # SIGINT is PostgreSQL's fast end; SIGTERM would wait for every client.
        process = Process(command, self.folder / "log", user=self.user, stop_signal=signal.SIGINT)
        process.wait_until(self._answers)
        return process

    def _make(self, cluster: Path) -> None:
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        command = [_postgresql_program("initdb"), "-D", str(cluster), "-U", "earshot", "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        groups: list[str] | None = [] if self.user else None
        done = subprocess.run(
            command, user=self.user, group=self.user, extra_groups=groups, cwd="/", capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True


def _postgresql_program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder for each version."""
    return program(
        name, *sorted((str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    )
