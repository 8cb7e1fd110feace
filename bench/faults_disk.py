"""A full disk under the inbox: its table is moved to a disk of its own, small and in memory, which is filled.

Mounting needs root. The rest of the database, its log among it, stays where it was: PostgreSQL refuses what
does not fit, as on a server whose log has a disk of its own.
"""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from tests.support.services import PostgreSQL

TABLE = "telephony_inboxevent"
ROOM = 4 * 1024 * 1024  # bytes more than the table has now
PIECE = 4096


def may_mount() -> bool:
    return os.geteuid() == 0


@contextmanager
def small_disk(server: PostgreSQL, database_url: str) -> Iterator[Path]:
    """The folder of a disk on which the inbox is meanwhile."""
    place = server.folder / "small"
    place.mkdir()
    with psycopg.connect(database_url, autocommit=True) as connection:
        size = connection.execute("SELECT pg_table_size(%s)", [TABLE]).fetchall()[0][0] + ROOM
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", place], check=True)
        try:
            shutil.chown(place, server.user or os.geteuid())
            _say(connection, "CREATE TABLESPACE small LOCATION {}", sql.Literal(str(place)))
            _say(connection, "ALTER TABLE {} SET TABLESPACE small", sql.Identifier(TABLE))
            yield place
            _say(connection, "ALTER TABLE {} SET TABLESPACE pg_default", sql.Identifier(TABLE))
            _say(connection, "DROP TABLESPACE small")
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)
    place.rmdir()


def _say(connection: psycopg.Connection, statement: LiteralString, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Not a byte is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PIECE))
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
    try:
        yield
    finally:
        filler.unlink()
