"""What `serve` does besides serving when it is the only process: the worker's work, and staying alone."""

import contextlib
import fcntl
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from django.db import connection, connections

from supervisor_site.worker import Worker

log = logging.getLogger("earshot.worker")

STARTS_AGAIN_AFTER = 5.0
STOP_WITHIN = 10.0


class AlreadyServed(Exception):
    """Another `serve` runs on this SQLite file."""


@contextlib.contextmanager
def only_one_on_this_file() -> Iterator[None]:
    """Hold a lock beside the SQLite file; the system takes it away when the process ends, however it ends.

    Two processes on one file would not hear each other's pokes, and both would do the worker's work.
    """
    if connection.vendor != "sqlite":
        yield
        return
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
