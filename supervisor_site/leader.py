"""Which of several workers does what only one may do: the one that holds a lock of the database.

The lock belongs to a connection. When its process ends, however it ends, PostgreSQL gives the lock away, and
the next look of another worker takes it. SQLite is for one process, which leads.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

log = logging.getLogger("earshot.worker")

# Numbers of advisory locks, which one database shares among all its clients: "ear" and a digit.
LEADING, SERVING_ALONE = 0x65617201, 0x65617202
LOOK_EVERY = 2.0  # seconds that an answer holds; for so long two may believe that they lead


class Lock:
    """One advisory lock, held by a connection of its own: a pooled one would be given away with it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._connection: psycopg.Connection[Any] | None = None

    def take(self) -> bool:
        """Whether it is ours, now or since before. Raises nothing: without a database nobody has it."""
        try:
            if self._connection is None:
                return self._connect()
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            self.release()
            return False
        return True

    def _connect(self) -> bool:
        parameters: dict[str, Any] = connection.get_connection_params()
        self._connection = psycopg.connect(**parameters, autocommit=True)
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [self._number]).fetchone()
        if row and row[0]:
            return True
        self.release()
        return False

    def release(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class Leader:
    """`leads()` from any thread. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._turn = clock, threading.Lock()
        self._lock, self._leads, self._looked = Lock(LEADING), False, float("-inf")

    def leads(self) -> bool:
        if connection.vendor == "sqlite":
            return True
        with self._turn:
            if self._clock() - self._looked >= LOOK_EVERY:
                self._note(self._lock.take())
                self._looked = self._clock()
            return self._leads

    def resign(self) -> None:
        """Let another worker lead at once, instead of when this process has ended."""
        with self._turn:
            self._lock.release()
            self._leads, self._looked = False, float("-inf")

    def _note(self, leads: bool) -> None:
        if leads and not self._leads:
            log.info("This worker leads: it reads from Telnyx, looks after supervisors' legs, and forgets")
        self._leads = leads
