"""Two hundred wallboards on one web process: what a waiting caller costs it, beside the same without a page.

Each wallboard is one of its own, with the same three queues in rows, so that nothing is shared but what the
server itself shares.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.crowd import Crowd
from bench.places import Place, databases, earshot
from bench.posting import Poster
from bench.results import Row, row, say
from bench.script import Line, bodies, call, request
from bench.standing import signed_in
from tests.support.signing import KEY

AT_ONCE = 20  # wallboards are opened
SEEN_WITHIN = 20.0  # seconds until a wallboard must have what changed
HANG = """
    INSERT INTO wallboards_wallboard (name, layout, theme, shows_callers, metrics, version)
    SELECT 'Wall ' || number, 'rows', 'dark', false, '["waiting", "longest", "service", "abandoned"]', 1
    FROM generate_series(1, %s) number;
"""
FILL = """
    INSERT INTO wallboards_row (wallboard_id, queue_id, place)
    SELECT board.id, queue.id, row_number() OVER (PARTITION BY board.id ORDER BY queue.name)
    FROM wallboards_wallboard board CROSS JOIN queues_queue queue;
"""


@dataclass(frozen=True)
class Walls:
    """How many wallboards, and how many callers of one round, one a second."""

    count: int = 200
    callers: int = 2
    rounds: int = 2


class Hall:
    """An Earshot whose wallboards hang: `costs` posts callers who begin to wait."""

    def __init__(self, place: Place, walls: int) -> None:
        self.place, self._walls = place, walls
        self._crowds: list[Crowd] = []
        self._last: dict[int, float] = {}
        self.took: list[float] = []
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        """Somebody has waited in each queue, so that the queues are there; then the wallboards are hung."""
        for _ in range(3):
            await self._wait_one()
        with psycopg.connect(self.place.database) as database:
            database.execute(HANG, [self._walls])
            database.execute(FILL)
            numbers = [pk for (pk,) in database.execute("SELECT id FROM wallboards_wallboard ORDER BY id")]
        for first in range(0, len(numbers), AT_ONCE):
            await asyncio.gather(*map(self._hang, numbers[first : first + AT_ONCE]))

    async def cost(self, callers: int) -> float:
        """Milliseconds of the web process's time for one caller, pushed to every wallboard."""
        before = self.place.cpu
        for _ in range(callers):
            began = time.perf_counter()
            acknowledged = await self._wait_one()
            await self._seen(acknowledged)
            if self._last:
                self.took.append(1000 * (max(self._last.values()) - acknowledged))
            await asyncio.sleep(max(0.0, began + 1 - time.perf_counter()))
        return 1000 * (self.place.cpu - before) / callers

    async def _hang(self, number: int) -> None:
        def heard(payload: bytes, now: float) -> None:
            if b'"fragments"' in payload and b'"snapshot"' not in payload:
                self._last[number] = now

        address = self.place.origin.replace("http", "ws", 1) + "/ws/live"
        greeting = json.dumps({"watch": [f"wallboard:{number}"]})
        crowd = Crowd(address, heard, greeting, signed_in(self.place))
        self._crowds.append(crowd)
        await crowd.open(1)
        self._last[number] = 0.0

    async def _wait_one(self) -> float:
        """When it was acknowledged that one more waits; all is projected then."""
        lines: Iterator[Line] = itertools.islice(call("walls", next(self._numbers)), 3)
        some = [request(self.place.url, body, KEY) for body in bodies(lines, 3)]
        done = await Poster(self.place.url).post(some, 1, 60.0, 0)
        acknowledged = time.perf_counter()
        assert done.statuses == {200: 3}, done.statuses
        await asyncio.to_thread(self.place.wait_until_projected)
        return acknowledged

    async def _seen(self, since: float) -> None:
        async with asyncio.timeout(SEEN_WITHIN):
            while any(last < since for last in self._last.values()):  # noqa: ASYNC110 (200 of them)
                await asyncio.sleep(0.02)

    def close(self) -> None:
        for crowd in self._crowds:
            crowd.close()


def measure(folder: Path, walls: Walls) -> list[Row]:
    """The rows, on PostgreSQL: the processor's time, and how late the last wallboard is."""
    with ExitStack() as stack:
        made = stack.enter_context(databases("PostgreSQL", folder))
        bare, hung = (
            Hall(stack.enter_context(earshot(made(name), folder)), count)
            for name, count in (("bare", 0), ("hung", walls.count))
        )
        return asyncio.run(_measure(bare, hung, walls))


async def _measure(bare: Hall, hung: Hall, walls: Walls) -> list[Row]:
    costs: list[list[float]] = [[], []]
    halls: Sequence[Hall] = (bare, hung)
    try:
        for hall in halls:
            await hall.open()
            await hall.cost(1)
        hung.took.clear()
        for number in range(walls.rounds):
            for found, hall in zip(costs, halls, strict=True):
                found.append(await hall.cost(walls.callers))
            say(f"  round {number}: {costs[0][-1]:.0f} ms without a page, {costs[1][-1]:.0f} ms with all")
    finally:
        for hall in halls:
            hall.close()
    name = f"{walls.count} wallboards: {{}}"
    return [
        row(name.format("CPU for a caller who begins to wait, beside no page"), costs[1], "ms", costs[0]),
        row(name.format("the caller is on the last of them after"), hung.took, "ms"),
    ]
