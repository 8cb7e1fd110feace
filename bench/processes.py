"""What an event costs when two web processes share the load, beside one: PostgreSQL and Redis behind both."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.places import Place, databases, earshot
from bench.posting import Poster
from bench.results import Row, ratio_at_most, row, say
from bench.script import bodies, day, request
from bench.standing import floor_crowd
from tests.support.prepared import prepare
from tests.support.services import Redis
from tests.support.signing import KEY

SAME = ratio_at_most(1.1)


@dataclass(frozen=True)
class Shared:
    """Webhooks a second over all processes, for how long, watched by how many sockets in all."""

    rate: float = 150.0
    seconds: float = 3.0
    rounds: int = 3
    viewers: int = 60


class Stack:
    """So many web processes on one database and one Redis of their own."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.crowds = [floor_crowd(place, lambda payload, now: None) for place in places]

    async def open(self, viewers: int) -> None:
        for crowd in self.crowds:
            await crowd.open(viewers // len(self.crowds))

    async def cost(self, run: str, shared: Shared) -> float:
        """Microseconds of processor time per webhook, all web processes together, once all is projected."""
        count = int(shared.rate * shared.seconds)
        before = sum(place.cpu for place in self.places)
        made = bodies(day(run, 40), count)
        each = len(self.places)
        sent = await asyncio.gather(
            *(self._post(place, made[number::each], shared) for number, place in enumerate(self.places))
        )
        assert sum(sent) == count, f"{count - sum(sent)} of {count} webhooks were not kept"
        await asyncio.to_thread(self.places[0].wait_until_projected)
        return 1e6 * (sum(place.cpu for place in self.places) - before) / count

    async def _post(self, place: Place, some: list[bytes], shared: Shared) -> int:
        requests = [request(place.url, body, KEY) for body in some]
        rate = shared.rate / len(self.places)
        done = await Poster(place.url).post(requests, 8, 60.0, rate)
        return done.statuses.get(200, 0)

    def close(self) -> None:
        for crowd in self.crowds:
            crowd.close()


def measure(folder: Path, shared: Shared) -> list[Row]:
    """One row: two processes beside one."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))
        stacks = [Stack(_places(stack, folder, database(f"of_{count}"), count)) for count in (1, 2)]
        return asyncio.run(_measure(stacks, shared))


def _places(stack: ExitStack, folder: Path, database: str, count: int) -> list[Place]:
    redis = stack.enter_context(Redis())
    sessions = prepare(database)
    return [
        stack.enter_context(earshot(database, folder, sessions, REDIS_URL=redis.url)) for _ in range(count)
    ]


async def _measure(stacks: Sequence[Stack], shared: Shared) -> list[Row]:
    costs: list[list[float]] = [[], []]
    try:
        for stack in stacks:
            await stack.open(shared.viewers)
            await stack.cost("warm", Shared(shared.rate, 0.5))
        for number in range(shared.rounds):
            for found, stack in zip(costs, stacks, strict=True):
                found.append(await stack.cost(f"round{number}", shared))
            say(f"  round {number}: one process {costs[0][-1]:.0f} µs, two {costs[1][-1]:.0f} µs per webhook")
    finally:
        for stack in stacks:
            stack.close()
    name = f"CPU per webhook, two web processes beside one, {shared.rate:g}/s, {shared.viewers} sockets"
    return [row(name, costs[1], "µs", costs[0], SAME)]
