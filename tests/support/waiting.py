"""Waiting for something to become true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
PAUSE = 0.03
PATIENCE = 30.0  # long, since it costs nothing where the check holds and other tests share the cores


def eventually(check: Callable[[], T], within: float = PATIENCE) -> T:
    """Calls `check` until it returns something true; returns that.

    An AssertionError counts as "not yet". After `within` seconds the last one is raised, or one that says
    what `check` last returned.
    """
    deadline = time.monotonic() + within
    while True:
        late = time.monotonic() > deadline
        try:
            if found := check():
                return found
            if late:
                raise AssertionError(f"not true within {within} s; last: {found!r}")
        except AssertionError:
            if late:
                raise
        time.sleep(PAUSE)


@overload
async def eventually_async(check: Callable[[], Awaitable[T]], within: float = PATIENCE) -> T: ...
@overload
async def eventually_async(check: Callable[[], T], within: float = PATIENCE) -> T: ...
async def eventually_async(check: Callable[[], Any], within: float = PATIENCE) -> Any:
    """The same for async tests; `check` may be a coroutine function."""
    deadline = time.monotonic() + within
    while True:
        late = time.monotonic() > deadline
        try:
            answer = check()
            found = await answer if inspect.isawaitable(answer) else answer
            if found:
                return found
            if late:
                raise AssertionError(f"not true within {within} s; last: {found!r}")
        except AssertionError:
            if late:
                raise
        await asyncio.sleep(PAUSE)
