"""From a webhook to the sockets of a thousand open pages: how long until everybody has its change.

Each webhook changes one of many standing conferences, each of which has one change under way at most, so that
a push of its row can only be that change. Times count from the moment a webhook was due, so that a server
that stalls is not asked more gently; one figure for each delivery to each socket.
"""

import asyncio
import json
import time
from array import array
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.places import Place, databases, earshot, earshot_on_uvicorn
from bench.posting import percentile
from bench.results import Goal, Row, at_most, row
from bench.standing import Standing, floor_crowd

RUN = "watched"
PUSHED_WITHIN = 20.0
FRAGMENTS = b'{"type":"fragments"'
SERVERS: dict[str, Callable[[str, Path], AbstractContextManager[Place]]] = {
    "daphne": earshot,
    "uvicorn": earshot_on_uvicorn,
}
FIRST = {"daphne": at_most(60, "ms"), "uvicorn": at_most(20, "ms")}
BUSY, PUSHED, ACKNOWLEDGED, LONGEST = 200.0, at_most(150, "ms"), at_most(80, "ms"), at_most(1500, "ms")


@dataclass(frozen=True)
class Watch:
    """How many sockets watch how many conferences, at which rates (changes a second), for how long; and how
    many changes come alone."""

    viewers: int = 1000
    conferences: int = 60
    rates: tuple[float, ...] = (50.0, BUSY)
    seconds: float = 4.0
    alone: int = 20
    settled: float = 1.0  # seconds after the last page came: a change would wait behind its snapshot


@dataclass
class Took:
    """Seconds of each delivery to a socket, and of each acknowledgement."""

    pushed: "array[float]" = field(default_factory=lambda: array("d"))
    acknowledged: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One message that the whole crowd gets: the conferences in it, and how many have it so far."""

    numbers: list[int]
    received: int = 0


def measure(server: str, folder: Path, watch: Watch) -> list[Row]:
    """The rows of one server, on PostgreSQL."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))("earshot")
        place = stack.enter_context(SERVERS[server](database, folder))
        return asyncio.run(_measure(server, place, watch))


async def _measure(server: str, place: Place, watch: Watch) -> list[Row]:
    standing = Standing(place, RUN, watch.conferences)
    await standing.open()
    watched = Watched(standing, watch.viewers)
    crowd = floor_crowd(place, watched.heard)
    try:
        await crowd.open(watch.viewers)
        await asyncio.sleep(watch.settled)
        alone = await watched.change(watch.alone, 2.0)
        rows = [_row("first change, p99", server, watch, alone.pushed, 99, FIRST[server])]
        for rate in watch.rates:
            took = await watched.change(int(rate * watch.seconds), rate)
            rows += _rows(f"{rate:g}/s", server, watch, took, rate == BUSY)
    finally:
        crowd.close()
        standing.close()
    return rows


def _rows(rate: str, server: str, watch: Watch, took: Took, judged: bool) -> list[Row]:
    longest = f"Acknowledgement at {rate} x {watch.viewers:,} viewers, longest, {server}"
    return [
        _row(f"{rate}, p50", server, watch, took.pushed, 50),
        _row(f"{rate}, p99", server, watch, took.pushed, 99, PUSHED if judged else None),
        row(
            f"Acknowledgement at {rate} x {watch.viewers:,} viewers, p99, {server}",
            [percentile(took.acknowledged, 99)],
            "ms",
            goal=ACKNOWLEDGED if judged else None,
        ),
        row(longest, [1000 * max(took.acknowledged)], "ms", goal=LONGEST),
    ]


def _row(
    what: str, server: str, watch: Watch, took: "array[float]", percent: float, goal: Goal | None = None
) -> Row:
    name = f"Webhook to socket x {watch.viewers:,} viewers, {what}, {server}"
    return row(name, [percentile(took, percent)], "ms", goal=goal)


class Watched:
    """The changes under way, and whether all `viewers` have them. `heard` is what each of them calls."""

    def __init__(self, standing: Standing, viewers: int) -> None:
        self._standing, self._viewers = standing, viewers
        self._numbers = {standing.row(number): number for number in range(standing.count)}
        self._free: asyncio.Queue[int] = asyncio.Queue()
        for number in range(standing.count):
            self._free.put_nowait(number)
        self._due: dict[int, float] = {}
        self._frames: dict[bytes, Frame] = {}
        self._took, self._pushed = Took(), asyncio.Event()

    def heard(self, payload: bytes, now: float) -> None:
        if not payload.startswith(FRAGMENTS):
            return
        frame = self._frames.get(payload)
        if frame is None:
            frame = self._frames[payload] = Frame(self._in(payload))
        self._took.pushed.extend([now - self._due[number] for number in frame.numbers])
        frame.received += 1
        if frame.received == self._viewers:
            for number in frame.numbers:
                del self._due[number]
                self._free.put_nowait(number)
            if not self._due:
                self._pushed.set()

    def _in(self, payload: bytes) -> list[int]:
        ids = (fragment["id"] for fragment in json.loads(payload)["fragments"])
        found = (self._numbers.get(one) for one in ids)
        return [number for number in found if number in self._due]

    async def change(self, samples: int, rate: float) -> Took:
        """So many changes, `rate` of them a second; returns once everybody has all of them."""
        self._took, self._frames = Took(), {}
        started = time.perf_counter()
        async with asyncio.TaskGroup() as under_way:
            for sample in range(samples):
                due = started + sample / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                async with asyncio.timeout(PUSHED_WITHIN):
                    number = await self._free.get()
                self._due[number] = due
                under_way.create_task(self._post(number, due))
        if self._due:
            self._pushed.clear()
            await asyncio.wait_for(self._pushed.wait(), PUSHED_WITHIN)
        return self._took

    async def _post(self, number: int, due: float) -> None:
        await self._standing.change(number)
        self._took.acknowledged.append(time.perf_counter() - due)
