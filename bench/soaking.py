"""Memory under full load: does a server that works for half an hour keep more and more?"""

import asyncio
import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.places import Place, databases, earshot
from bench.posting import Poster
from bench.results import Row, ratio_at_most, row, say
from bench.script import bodies, day, request
from bench.standing import floor_crowd
from tests.support.signing import KEY

FLAT = ratio_at_most(1.05)
SLICE = 5.0  # seconds of webhooks that are signed at once: a signature is good for five minutes


@dataclass(frozen=True)
class Load:
    """Webhooks a second, and who watches."""

    minutes: float = 30.0
    rate: float = 100.0
    viewers: int = 200


def measure(folder: Path, load: Load) -> list[Row]:
    """One row: the median of the last third beside that of the second, the first being for warming up."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", folder))("earshot")
        return asyncio.run(_measure(stack.enter_context(earshot(database, folder)), load))


async def _measure(place: Place, load: Load) -> list[Row]:
    crowd = floor_crowd(place, lambda payload, now: None)
    await crowd.open(load.viewers)
    lines, found, end = day("full", 100), [], time.monotonic() + 60 * load.minutes
    try:
        while time.monotonic() < end:
            made = [request(place.url, body, KEY) for body in bodies(lines, int(load.rate * SLICE))]
            await Poster(place.url).post(made, 8, 10 * SLICE, load.rate)
            found.append(place.memory / 1024)
            say(f"  {(end - time.monotonic()) / 60:.0f} minutes left: {found[-1]:.0f} MB")
        assert not crowd.lost, f"{crowd.lost} of {load.viewers} sockets were closed"
    finally:
        crowd.close()
    third = max(1, len(found) // 3)
    early, late = statistics.median(found[-2 * third : -third] or found), statistics.median(found[-third:])
    name = f"Memory under {load.rate:g}/s x {load.viewers} viewers, last third of {load.minutes:g} minutes"
    return [row(f"{name} beside the second", [late], "MB", [early], FLAT)]
