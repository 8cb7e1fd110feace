"""The hub's own database context: one thread with one connection, shared with nothing else."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error, connections

P = ParamSpec("P")
T = TypeVar("T")


class Reader:
    """Runs reads one after another. The connection is kept between reads and closed on an error.

    Django's shared thread for synchronous code would make pages wait for each other.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-reader")

    async def run(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `read`, or what it raised."""
        work = self._thread.submit(self._read, lambda: read(*args, **kwargs))
        return await asyncio.wrap_future(work)

    async def close(self) -> None:
        """Gives the connection back; the next read opens another."""
        await asyncio.wrap_future(self._thread.submit(connections.close_all))

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except Exception:
            connections.close_all()
            raise


def trace_of(problem: Exception) -> Exception | None:
    """What to log beside the words: a database that is away needs no traceback, anything else does."""
    return None if isinstance(problem, Error) else problem
