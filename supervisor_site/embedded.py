"""What `serve` does besides serving when it is the only process: the worker's work, and staying alone."""

import contextlib
import fcntl
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from supervisor_site.leader import SERVING_ALONE, Lock
from supervisor_site.worker import Worker

log = logging.getLogger("earshot.worker")

STARTS_AGAIN_AFTER = 5.0
STOP_WITHIN = 10.0
GIVEN_BACK_WITHIN = 5.0  # seconds in which PostgreSQL notices that a process before us was killed


class AlreadyServed(Exception):
    """Another `serve` runs on this database, and the two would not hear each other."""


@contextlib.contextmanager
def only_one_on_this_database() -> Iterator[None]:
    """Hold a lock; the system or the database takes it away when the process ends, however it ends.

    Without Redis two processes on one database would not hear each other's pokes. With it there is no lock.
    """
    if settings.REDIS_URL:
        yield
    elif connection.vendor == "sqlite":
        with _alone_on_this_file():
            yield
    else:
        with _alone_on_this_server():
            yield


@contextlib.contextmanager
def _alone_on_this_server() -> Iterator[None]:
    lock = Lock(SERVING_ALONE)
    deadline = time.monotonic() + GIVEN_BACK_WITHIN
    while not lock.take():
        if time.monotonic() > deadline:
            raise AlreadyServed("Another serve runs on this database. For several, set REDIS_URL for each.")
        time.sleep(0.2)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _alone_on_this_file() -> Iterator[None]:
    path = Path(f"{connection.settings_dict['NAME']}.serve-lock")
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyServed(f"Another serve runs on {connection.settings_dict['NAME']}.") from None
        yield


@contextlib.contextmanager
def worker_in_a_thread() -> Iterator[None]:
    """Run the worker until the block ends; should it fail, it is told and starts again."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_WITHIN)


def _work(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            Worker().run(stop)
        except Exception:
            log.exception("The worker failed; it starts again in %.0f s", STARTS_AGAIN_AFTER)
            stop.wait(STARTS_AGAIN_AFTER)
        finally:
            connections.close_all()
