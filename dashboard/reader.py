"""The hub's own database context: one thread with one connection, shared with nothing else."""

import asyncio
import threading
import time
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any, ParamSpec, TypeVar, cast

from django.db import Error, connections

P = ParamSpec("P")
T = TypeVar("T")
_here = threading.local()
# The longest that an answer waits for the others of its pass.
TOGETHER_SECONDS = 0.02


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
        work: Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((partial(read, *args, **kwargs), work))
        self._thread.submit(self._pass)
        return await work

    async def close(self) -> None:
        """Gives the connection back; the next read opens another."""
        await asyncio.wrap_future(self._thread.submit(connections.close_all))

    def _pass(self) -> None:
        """Each `run` submits one; the first takes the work of all of them, and the others find none."""
        asked = [self._asked.popleft() for _ in range(len(self._asked))]
        answers = _Answers()
        with one_pass():
            for read, work in asked:
                if not work.cancelled():
                    answers.add(_answered(read, work))
        answers.send()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one read found or raised, for who waits for it."""

    work: Future[Any]
    found: Any = None
    problem: Exception | None = None

    @property
    def loop(self) -> AbstractEventLoop:
        return self.work.get_loop()

    def give(self) -> None:
        """On the event loop. Who asked may have gone meanwhile."""
        if self.work.done():
            return
        if self.problem:
            self.work.set_exception(self.problem)
        else:
            self.work.set_result(self.found)


@dataclass(slots=True)
class _Answers:
    """Answers on their way to the event loop, many at a time: to wake it for each costs more than many reads
    do, and the two threads would take the interpreter from each other each time."""

    _held: list[_Answer] = field(default_factory=list)
    _sent_at: float = field(default_factory=time.monotonic)

    def add(self, answer: _Answer) -> None:
        self._held.append(answer)
        if time.monotonic() - self._sent_at >= TOGETHER_SECONDS:
            self.send()

    def send(self) -> None:
        for loop, some in groupby(self._held, lambda answer: answer.loop):
            # RuntimeError: the loop has been closed, and with it whoever asked.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_give, [*some])
        self._held, self._sent_at = [], time.monotonic()


def _give(answers: Iterable[_Answer]) -> None:
    for answer in answers:
        answer.give()


def _answered(read: Callable[[], Any], work: Future[Any]) -> _Answer:
    try:
        return _Answer(work, read())
    except Exception as problem:
        connections.close_all()
        return _Answer(work, problem=problem)


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
