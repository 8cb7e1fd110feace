"""Time: the wall clock, a clock that tests turn by hand, and timers that can be frozen."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

log = logging.getLogger(__name__)

Action = Callable[[], None]


class Cancellable(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """What tells the time (seconds since 1970) and calls back after some seconds."""

    def now(self) -> float: ...

    def later(self, seconds: float, action: Action) -> Cancellable: ...


class SystemClock:
    """The machine's clock; callbacks run on the running event loop."""

    def now(self) -> float:
        return time.time()

    def later(self, seconds: float, action: Action) -> Cancellable:
        return asyncio.get_running_loop().call_later(seconds, action)


@dataclass(order=True)
class Timer:
    """One action to come, in the seconds of whoever holds it."""

    due: float
    turn: int
    action: Action = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class ManualClock:
    """A clock for tests: stands still until `advance`, which runs what falls due, each at its own second."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._turns = itertools.count()
        self._waiting: list[Timer] = []

    def now(self) -> float:
        return self._now

    def later(self, seconds: float, action: Action) -> Cancellable:
        timer = Timer(self._now + max(seconds, 0.0), next(self._turns), action)
        heapq.heappush(self._waiting, timer)
        return timer

    def advance(self, seconds: float) -> None:
        until = self._now + seconds
        while self._waiting and self._waiting[0].due <= until:
            timer = heapq.heappop(self._waiting)
            self._now = max(self._now, timer.due)
            if not timer.cancelled:
                timer.action()
        self._now = until


class Timers:
    """What will happen in the simulated world, in a time that stands still while the world is frozen.

    An action that sets a new timer counts from its own due time, not from when the loop got to it: the same
    seed gives the same schedule however busy the machine is.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turns = itertools.count()
        self._heap: list[Timer] = []
        self._alarm: Cancellable | None = None
        self._offset = -clock.now()
        self._frozen_at: float | None = None
        self._acting_at: float | None = None

    @property
    def running(self) -> bool:
        return self._frozen_at is None

    @property
    def now(self) -> float:
        if self._acting_at is not None:
            return self._acting_at
        return self._true_now()

    def after(self, seconds: float, action: Action) -> Timer:
        timer = Timer(self.now + max(seconds, 0.0), next(self._turns), action)
        heapq.heappush(self._heap, timer)
        self._arm()
        return timer

    def freeze(self) -> None:
        if self._frozen_at is None:
            self._frozen_at = self._true_now()
            self._disarm()

    def thaw(self) -> None:
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._clock.now()
            self._frozen_at = None
            self._arm()

    def _true_now(self) -> float:
        return self._clock.now() + self._offset if self._frozen_at is None else self._frozen_at

    def _arm(self) -> None:
        if self._frozen_at is not None or self._acting_at is not None:
            return
        self._disarm()
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        if self._heap:
            self._alarm = self._clock.later(max(self._heap[0].due - self._true_now(), 0.0), self._ring)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        self._alarm = None
        while self._heap and self._heap[0].due <= self._true_now() + 1e-6:
            timer = heapq.heappop(self._heap)
            if not timer.cancelled:
                self._act(timer)
        self._arm()

    def _act(self, timer: Timer) -> None:
        self._acting_at = timer.due
        try:
            timer.action()
        except Exception:
            # One actor that stumbles must not stop the whole morning.
            log.exception("An action of the script failed")
        finally:
            self._acting_at = None
