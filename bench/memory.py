"""Who does not read: a hundred browsers that are stuck, beside some that are not.

The stuck ones read nothing, take nothing compressed, and begin by asking for the whole floor some times, so
that what they are owed is more than the kernel keeps for them. Earshot must cut them, keep little for them,
and let the others wait no longer.
"""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.crowd import Crowd
from bench.latency import Took, Watched
from bench.places import Place, databases, earshot
from bench.posting import percentile
from bench.results import Row, at_most, row, say
from bench.standing import FLOOR, Standing, floor_crowd

RUN = "stuck"
ASK_EVERY, ASK_FOR = 0.2, 2.0  # seconds
CUT_WITHIN = 40.0
SPARE = 3  # descriptors that the server may have opened meanwhile for itself
GOAL_CUT, GOAL_MEMORY = at_most(15, "s"), at_most(200, "MB")


@dataclass(frozen=True)
class Stuck:
    """How many do not read, how many do, and what happens meanwhile."""

    stuck: int = 100
    others: int = 50
    conferences: int = 60
    rate: float = 20.0
    seconds: float = 4.0


def measure(folder: Path, asked: Stuck) -> list[Row]:
    """The rows, on PostgreSQL and daphne."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))("earshot")
        return asyncio.run(_measure(stack.enter_context(earshot(database, folder)), asked))


async def _measure(place: Place, asked: Stuck) -> list[Row]:
    standing = Standing(place, RUN, asked.conferences)
    await standing.open()
    watched = Watched(standing, asked.others)
    good, stuck = floor_crowd(place, watched.heard), floor_crowd(place, lambda payload, now: None, False)
    try:
        await good.open(asked.others)
        samples = int(asked.rate * asked.seconds)
        alone = await watched.change(samples, asked.rate)
        before, open_before = place.memory, place.descriptors
        await stuck.open(asked.stuck, reads=False)
        cutting = asyncio.create_task(_cut(place, stuck, open_before))
        beside = await watched.change(samples, asked.rate)
        after, most = await cutting
    finally:
        good.close()
        stuck.close()
        standing.close()
    return _rows(asked, after, (most - before) / 1024, alone, beside)


async def _cut(place: Place, stuck: Crowd, open_before: int) -> tuple[float, float]:
    """Seconds until the last of them was cut, and the most kilobytes that the server had meanwhile."""
    started, most = time.monotonic(), place.memory
    while place.descriptors > open_before + SPARE:
        if time.monotonic() - started > CUT_WITHIN:
            raise TimeoutError(f"{place.descriptors - open_before} who do not read are still there")
        if time.monotonic() - started < ASK_FOR:
            for watcher in stuck.watchers:
                watcher.say(FLOOR)
        most = max(most, place.memory)
        await asyncio.sleep(ASK_EVERY)
    return time.monotonic() - started, most


def _rows(asked: Stuck, seconds: float, megabytes: float, alone: Took, beside: Took) -> list[Row]:
    name = f"{asked.stuck} who do not read: {{}}"
    p99, p99_alone = percentile(beside.pushed, 99), percentile(alone.pushed, 99)
    say(f"  the others' p99 was {p99_alone:.0f} ms alone and {p99:.0f} ms beside them")
    return [
        row(name.format("all of them cut after"), [seconds], "s", goal=GOAL_CUT),
        row(name.format("memory meanwhile"), [max(0.0, megabytes)], "MB", goal=GOAL_MEMORY),
        row(name.format("p99 of the others, beside theirs alone"), [p99], "ms", [p99_alone]),
    ]
