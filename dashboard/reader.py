"""The hub's own database context: one thread with one connection, shared with nothing else."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from django.db import Error, connections

P = ParamSpec("P")
T = TypeVar("T")
_here = threading.local()


class Reader:
    """Runs reads one after another. The connection is kept between reads and closed on an error.

    All that waits when a read begins is one pass: its reads may share what they find, see `once`. Django's
    shared thread for synchronous code would make pages wait for each other.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-reader")
        self._asked: deque[tuple[Callable[[], Any], Future[Any]]] = deque()

    async def run(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `read`, or what it raised."""
        work: Future[T] = Future()
        self._asked.append((partial(read, *args, **kwargs), work))
        self._thread.submit(self._pass)
        return await asyncio.wrap_future(work)

    async def close(self) -> None:
        """Gives the connection back; the next read opens another."""
        await asyncio.wrap_future(self._thread.submit(connections.close_all))

    def _pass(self) -> None:
        """Each `run` submits one; the first takes the work of all of them, and the others find none."""
        asked = [self._asked.popleft() for _ in range(len(self._asked))]
        with one_pass():
            for read, work in asked:
                if work.set_running_or_notify_cancel():
                    _answer(read, work)


def _answer(read: Callable[[], Any], work: Future[Any]) -> None:
    try:
        work.set_result(read())
    except Exception as problem:
        connections.close_all()
        work.set_exception(problem)


@contextmanager
def one_pass() -> Iterator[None]:
    """The reads of this thread within it may share what they find."""
    _here.found = {}
    try:
        yield
    finally:
        del _here.found


def once(key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, read once in each of the reader's passes, and each time outside of them.

    Everything of a pass was asked for before it began, so what it shares is as new as anybody waits for.
    """
    found: dict[Hashable, Any] | None = getattr(_here, "found", None)
    if found is None:
        return read()
    if key not in found:
        found[key] = read()
    return cast(T, found[key])


def trace_of(problem: Exception) -> Exception | None:
    """What to log beside the words: a database that is away needs no traceback, anything else does."""
    return None if isinstance(problem, Error) else problem
