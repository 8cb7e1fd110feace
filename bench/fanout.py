"""How many deliveries to sockets one second of a processor makes, and what an idle socket keeps in memory.

One change is sent, everybody has received it, the next is sent. Earshot's change is a webhook, so that its
figure holds the door, the projection, the render and the beats as well; the others pass on a text of the same
size that a socket of their own sends them. All are measured in turns, with the same crowd on each.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.crowd import Crowd
from bench.places import Place, daphne, databases, earshot, hub
from bench.results import Goal, Row, ratio_at_least, ratio_at_most, row, say
from bench.standing import Standing, floor_crowd
from tests.support.services import Redis

RUN = "fanout"
SIZES = (1000, 3000)
ROW = f'{{"type":"fragments","scope":"floor","fragments":[{{"id": "c-{RUN}-'.encode()
TEXT = "x"
RECEIVED_WITHIN = 30.0
OURS, BARE, LIBRARY = "Earshot", "a bare hub on daphne", "websockets.broadcast()"
STOCK = "stock Channels over Redis"
GOALS: dict[str, Goal | None] = {BARE: ratio_at_least(0.9), LIBRARY: None, STOCK: ratio_at_least(8)}
LIGHT = ratio_at_most(1.5)


class Lost(Exception):
    """Not everybody received a change."""


@dataclass(frozen=True)
class Crowds:
    """For how long each server delivers to its sockets in a round, and how many conferences change."""

    rounds: int = 2
    seconds: float = 1.0
    conferences: int = 5


class Subject:
    """One server with its crowd. `change` sends one change; a frame counts if it begins with `mark`."""

    def __init__(self, name: str, place: Place, mark: bytes, change: Callable[[], Awaitable[None]]) -> None:
        self.name, self.place = name, place
        self.got = self.size = 0
        self.per_second: list[float] = []
        self.idle = 0.0  # kilobytes of one socket
        self._mark, self._change = mark, change
        self._target, self._reached = 0, asyncio.Event()
        self.crowd: Crowd

    def heard(self, payload: bytes, now: float) -> None:
        if payload.startswith(self._mark):
            self.got, self.size = self.got + 1, len(payload)
            if self.got >= self._target:
                self._reached.set()

    async def gather(self, sockets: int) -> None:
        """Open the crowd; one socket before, so that what only the first needs is not counted."""
        await self.crowd.open(1)
        before = self.place.memory
        await self.crowd.open(sockets - 1)
        self.idle = (self.place.memory - before) / max(1, sockets - 1)

    async def deliver(self, seconds: float) -> None:
        """Change after change; notes the deliveries per second of the server's processor time."""
        cpu, got, end = self.place.cpu, self.got, time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._target = self.got + len(self.crowd.watchers)
            self._reached.clear()
            await self._change()
            await self._received()
        self.per_second.append((self.got - got) / max(0.01, self.place.cpu - cpu))

    async def _received(self) -> None:
        try:
            await asyncio.wait_for(self._reached.wait(), RECEIVED_WITHIN)
        except TimeoutError:
            lacking = f"{self._target - self.got} of {len(self.crowd.watchers)}"
            raise Lost(f"{self.name} left {lacking} without a change, {self.crowd.lost} closed") from None


def measure(size: int, folder: Path, crowds: Crowds) -> list[Row]:
    """The rows of so many sockets on each server, on PostgreSQL."""
    with ExitStack() as stack:
        return asyncio.run(_measure(_places(stack, folder), crowds, size))


def _places(stack: ExitStack, folder: Path) -> dict[str, Place]:
    database = stack.enter_context(databases("PostgreSQL", folder))("earshot")
    redis = stack.enter_context(Redis())
    library = [sys.executable, "-m", "bench.floor_broadcast"]
    return {
        OURS: stack.enter_context(earshot(database, folder)),
        BARE: stack.enter_context(hub(daphne("bench.floor_hub:application"), folder)),
        LIBRARY: stack.enter_context(hub(library, folder)),
        STOCK: stack.enter_context(
            hub(daphne("bench.floor_channels:application"), folder, FLOOR_REDIS_URL=redis.url)
        ),
    }


async def _measure(places: dict[str, Place], crowds: Crowds, size: int) -> list[Row]:
    ours = await _ours(places[OURS], crowds.conferences)
    subjects = [ours]
    try:
        await ours.gather(size)
        await ours.deliver(0.1)
        ours.per_second.clear()
        for name in (BARE, LIBRARY, STOCK):
            subjects.append(await _other(name, places[name], ours.size))
            await subjects[-1].gather(size)
        for _ in range(crowds.rounds):
            for subject in subjects:
                await subject.deliver(crowds.seconds)
    finally:
        for subject in subjects:
            subject.crowd.close()
    return _rows(subjects, size)


async def _ours(place: Place, conferences: int) -> Subject:
    standing, numbers = Standing(place, RUN, conferences), count()
    await standing.open()
    subject = Subject(OURS, place, ROW, lambda: standing.change(next(numbers) % conferences))
    subject.crowd = floor_crowd(place, subject.heard)
    return subject


async def _other(name: str, place: Place, size: int) -> Subject:
    """A hub that passes on what its own one socket says."""
    speaker = Crowd(f"{place.url}say", lambda payload, now: None)
    await speaker.open(1)

    async def change() -> None:
        speaker.watchers[0].say(TEXT * size)

    subject = Subject(name, place, TEXT.encode(), change)
    subject.crowd = Crowd(place.url, subject.heard)
    return subject


def _rows(subjects: Sequence[Subject], size: int) -> list[Row]:
    ours, *others = subjects
    name = f"Deliveries per CPU-second, {size:,} sockets, {ours.size:,} bytes, beside {{}}"
    for subject in subjects:
        say(f"  {subject.name}: {[round(one) for one in subject.per_second]} per CPU-second")
    rows = [
        row(name.format(other.name), ours.per_second, "", other.per_second, GOALS[other.name])
        for other in others
    ]
    idle = f"Memory of an idle socket, of {size:,}"
    return [*rows, row(idle, [ours.idle], "kB", [others[0].idle], LIGHT)]
