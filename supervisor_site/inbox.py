"""The two threads behind the door: one writes the inbox, one projects it, each on a connection of its own.

Threads, because under ASGI every piece of synchronous work would be a new thread with a new connection;
one writer, because requests that arrive together then share one commit.
"""

import asyncio
import contextlib
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, transaction

from telephony.projection import Arrival, store

log = logging.getLogger("earshot.inbox")

BATCH = 300
WAITING_MOST = 2000  # arrivals held in memory while the database does not answer
# Events of one projecting transaction on SQLite, and the seconds aimed at. A transaction costs as much as
# some thirty events in it: on a machine too busy for the aim, fewer than this would only take longer.
FEWEST, PROJECT_WITHIN = 50, 0.2
PAUSES = (0.05, 0.2, 0.5, 1.0)  # seconds before the writer tries again; then the last one for ever
LOOK_EVERY = 1.0  # seconds; retries become due without anything arriving
# Seconds between two looks. The first event is projected at once; under load, events then share a
# transaction, which is cheaper. The pages gather for a little longer than this.
LOOK_GAP = 0.08
STOP_WITHIN = 5.0


class Turns:
    """Lets one thread at a time into its write transaction, in the order they came.

    SQLite's own lock would do, but is waited for by sleeping, and first come is not first served there: a
    projector with a backlog would keep the writer, whom Telnyx waits for, from ever getting in. PostgreSQL
    needs no turns.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._next = self._now = 0

    @property
    def asked(self) -> int:
        """How many turns have been asked for so far."""
        return self._next

    @contextlib.contextmanager
    def take(self) -> Iterator[None]:
        if connection.vendor != "sqlite":
            yield
            return
        with self._changed:
            mine, self._next = self._next, self._next + 1
            self._changed.wait_for(lambda: self._now == mine)
        try:
            yield
        finally:
            with self._changed:
                self._now += 1
                self._changed.notify_all()


def use_own_connection() -> None:
    """Give this thread a connection outside the pool that it keeps, and short waits so that it can stop."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    options = {**own.settings_dict["OPTIONS"]}
    options.pop("pool", None)
    if own.vendor == "sqlite":
        options["init_command"] = options.get("init_command", "") + "PRAGMA busy_timeout=1000;"
    else:
        options |= {"connect_timeout": 3, "application_name": f"earshot {threading.current_thread().name}"}
    own.settings_dict = {**own.settings_dict, "OPTIONS": options}
    connections[DEFAULT_DB_ALIAS] = own


class Full(Exception):
    """The database has not answered for so long that no more arrivals are held in memory."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An arrival, and the request on an event loop that waits for its commit."""

    arrival: Arrival
    loop: asyncio.AbstractEventLoop
    committed: asyncio.Future[None]


class Writer:
    """Group commit without a delay: takes what is queued, stores it in one statement, tells all.

    While the database does not answer, the arrivals stay here and are tried again: their requests are
    refused meanwhile, but Telnyx stops asking after a few seconds, and storing twice changes nothing.
    """

    def __init__(self, turns: Turns, stored: Callable[[], None]) -> None:
        self._turns, self._stored = turns, stored
        self._arrived: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stores what has arrived, if the database answers, and ends."""
        self._stopping.set()
        self._arrived.put(None)
        self._thread.join(STOP_WITHIN)

    def put(self, arrival: Arrival) -> asyncio.Future[None]:
        """From an event loop: the future is done once the arrival is committed. Raises `Full`."""
        if self._arrived.qsize() >= WAITING_MOST:
            raise Full
        loop = asyncio.get_running_loop()
        waiting = Waiting(arrival, loop, loop.create_future())
        self._arrived.put(waiting)
        return waiting.committed

    def _run(self) -> None:
        use_own_connection()
        while True:
            batch, last = self._take()
            if batch:
                self._keep(batch)
            if last:
                break
        connection.close()

    def _take(self) -> tuple[list[Waiting], bool]:
        """What is queued, at least one; and whether that was the last."""
        found = [self._arrived.get()]
        with contextlib.suppress(queue.Empty):
            while found[-1] and len(found) < BATCH:
                found.append(self._arrived.get_nowait())
        return [waiting for waiting in found if waiting], found[-1] is None

    def _keep(self, batch: Sequence[Waiting]) -> None:
        for pause in itertools.chain(PAUSES, itertools.repeat(PAUSES[-1])):
            try:
                stored = self._store(batch)
            except (OperationalError, InterfaceError) as problem:
                log.warning("%d webhooks wait for the database: %s", len(batch), str(problem).strip())
                connection.close()
                if self._stopping.wait(pause):
                    return
            else:
                _tell(stored)
                self._stored()
                return

    def _store(self, batch: Sequence[Waiting]) -> Sequence[Waiting]:
        try:
            self._insert(batch)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            log.warning("A batch of %d webhooks failed (%s); storing each alone", len(batch), problem)
            return [waiting for waiting in batch if self._store_alone(waiting)]
        return batch

    def _store_alone(self, waiting: Waiting) -> bool:
        try:
            self._insert([waiting])
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("Webhook %s cannot be stored", waiting.arrival.event_id)
            return False
        return True

    def _insert(self, batch: Sequence[Waiting]) -> None:
        with self._turns.take(), transaction.atomic():
            store([waiting.arrival for waiting in batch])


def _tell(stored: Sequence[Waiting]) -> None:
    for loop in {waiting.loop for waiting in stored}:
        mine = [waiting.committed for waiting in stored if waiting.loop is loop]
        with contextlib.suppress(RuntimeError):  # that loop is closed: nobody waits there any more
            loop.call_soon_threadsafe(_set_done, mine)


def _set_done(futures: Sequence[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():  # the request did not wait that long
            future.set_result(None)


class Pace:
    """How many events one projecting transaction takes: as many as fit into a fraction of a second.

    For SQLite, where everybody else who writes waits meanwhile, the writer of the inbox among them.
    """

    def __init__(self) -> None:
        self.limit = FEWEST

    def took(self, seconds: float) -> None:
        """`limit` events took so long."""
        fitting = int(self.limit * PROJECT_WITHIN / max(seconds, 0.001))
        self.limit = max(FEWEST, min(fitting, 2 * self.limit, BATCH))


class Projector:
    """Runs `batches` when woken, and every second for retries that became due."""

    def __init__(self, batches: Callable[[], Iterable[object]]) -> None:
        self._batches = batches
        self._awake, self._stopping = threading.Event(), threading.Event()
        self._not_before = 0.0
        self._thread = threading.Thread(target=self._run, name="inbox-projector", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._awake.set()
        self._thread.join(STOP_WITHIN)

    def wake(self, give_way: float = 0.0) -> None:
        """With `give_way` it looks only after so many seconds, whatever arrives meanwhile: a page of this
        process is being drawn for somebody who waits, on the same processor. Nobody can prolong that."""
        now = time.monotonic()
        if give_way and now >= self._not_before:
            self._not_before = now + give_way
        self._awake.set()

    def _run(self) -> None:
        use_own_connection()
        while not self._stopping.is_set():
            self._awake.clear()
            self._look()
            self._stopping.wait(LOOK_GAP)
            self._awake.wait(LOOK_EVERY)
            self._stopping.wait(max(self._not_before - time.monotonic(), 0.0))
        connection.close()

    def _look(self) -> None:
        try:
            for _ in self._batches():
                if self._stopping.is_set():
                    return
        except Exception as problem:
            log.warning("The inbox waits to be projected: %s: %s", type(problem).__name__, problem)
            connection.close()
            self._stopping.wait(LOOK_EVERY)
