"""A reconnect storm, and frames that no page of ours sends: `python -m bench.storm`.

The storm: thousands of open pages lose their server, which is killed and started again; each comes back as
the page does, after a pause that is partly chance and longer after each refusal. Meanwhile a page is fetched
every 200 ms. The frames: broken ones of every kind, from sockets that are closed for it and come again, while
some good pages watch a conference that changes.

Everything on this machine, bounded in count and time.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import httpx

from bench.crowd import Crowd, handshake
from bench.places import Place, databases, earshot
from bench.posting import address, percentile
from bench.results import Row, allow_many_sockets, at_most, folder, row, say, timed
from bench.standing import Standing, floor_crowd, signed_in

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0  # seconds, as in static/connection.js
ATTEMPT = 25.0  # seconds that a page waits for its first message; then it tries again
LIVE_WITHIN = 180.0
FETCH_EVERY = 0.2
OPEN_ATTACKERS, FRAMES_EACH, CLOSED_WITHIN = 20, 10, 30.0
CALM, HEARD_WITHIN = 2.0, 20.0  # seconds
GOAL_LIVE, GOAL_HTTP, GOAL_MEMORY = at_most(60, "s"), at_most(1000, "ms"), at_most(5, "MB")
GOAL_HEARD = at_most(1000, "ms")


@dataclass(frozen=True)
class Storm:
    """How many pages come back at once, and how many conferences each shows."""

    sockets: int = 2000
    conferences: int = 40


@dataclass
class Returning:
    """Pages on their way back, and how often the server told one to come again."""

    crowd: Crowd
    refused: Counter[str] = field(default_factory=Counter)

    async def all(self, count: int) -> float:
        """Seconds until each has been sent the floor."""
        began = time.perf_counter()
        async with asyncio.timeout(LIVE_WITHIN):
            await asyncio.gather(*(self._one() for _ in range(count)))
        return time.perf_counter() - began

    async def _one(self) -> None:
        longest = FIRST_PAUSE
        while True:
            await asyncio.sleep(random.uniform(0, longest))
            try:
                async with asyncio.timeout(ATTEMPT):
                    return await self.crowd.open(1)
            except OSError as problem:  # TimeoutError is one
                self.refused[str(problem)[:12] or "no answer"] += 1
                longest = min(LONGEST_PAUSE, 2 * longest)


async def reconnect(place: Place, storm: Storm) -> list[Row]:
    """The rows of a storm on a server that has just been started."""
    returning = Returning(floor_crowd(place, lambda payload, now: None))
    fetched: list[float] = []
    fetching = asyncio.create_task(_fetch(place, fetched))
    try:
        seconds = await returning.all(storm.sockets)
    finally:
        fetching.cancel()
        returning.crowd.close()
    say(f"  told to come again: {returning.refused.total()} times; {len(fetched)} pages fetched meanwhile")
    name = f"{storm.sockets:,} sockets come back at once: {{}}"
    return [
        row(name.format("all live again after"), [seconds], "s", goal=GOAL_LIVE),
        row(name.format("p99 of a page meanwhile"), [percentile(fetched, 99)], "ms", goal=GOAL_HTTP),
    ]


async def _fetch(place: Place, took: list[float]) -> None:
    """The list of queues, as somebody signed in, again and again."""
    cookies = {"sessionid": place.sessions["supervisor"]}
    async with httpx.AsyncClient(base_url=place.origin, cookies=cookies, timeout=60) as client:
        while True:
            began = time.perf_counter()
            (await client.get("/queues/")).raise_for_status()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(FETCH_EVERY)


# --- frames ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Frames:
    """How many malformed frames, and how often meanwhile a conference changes, in changes a second.

    `first`: so many come before them. daphne keeps a socket for a second after its end; what all that stand
    there at once take is taken once, however many come, and no leak.
    """

    count: int = 100_000
    rate: float = 5.0
    first: int = 5_000


def malformed(count: int) -> Iterator[bytes]:
    """One after another of each kind, the same at each run."""
    dice = random.Random(7)
    text, masked = b"\x81", bytes(4)
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: text + b"\x82" + masked + b"{]",
        lambda: text + b"\x81" + masked + b"\xff",
        lambda: text + b"\x02hi",
        lambda: b"\x82\x84" + masked + dice.randbytes(4),
        lambda: b"\xf1\x80" + masked,
        lambda: b"\x83\x80" + masked,
        lambda: text + b"\xff" + b"\x00\x00\x00\x01" + masked + masked,
        lambda: b"\x88\x81" + masked + b"x",
        lambda: b"\xc1\x84" + masked + dice.randbytes(4),
        lambda: text + b"\x8d" + masked + b'{"watch": [1]',
        lambda: dice.randbytes(12),
    )
    return (kind() for kind in islice(cycle(kinds), count))


async def frames(place: Place, asked: Frames) -> list[Row]:
    """The rows of malformed frames beside good pages, on PostgreSQL or SQLite."""
    standing = Standing(place, "frames", 2)
    await standing.open()
    heard: list[float] = []
    good = floor_crowd(place, lambda payload, now: heard.append(now) if b"frames-0" in payload else None)
    await good.open(5)
    try:
        untouched = place.memory
        await attack(place, asked.first)
        say(f"  memory after {asked.first:,} frames: {(place.memory - untouched) / 1024:.1f} MB")
        calm = await _change(standing, heard, asked.rate, until=asyncio.create_task(asyncio.sleep(CALM)))
        before, began = place.memory, time.perf_counter()
        attacking = asyncio.create_task(attack(place, asked.count))
        waited = await _change(standing, heard, asked.rate, until=attacking)
        seconds, grown = time.perf_counter() - began, (place.memory - before) / 1024
        await attacking
        assert not good.lost, f"{good.lost} good pages were cut"
    finally:
        good.close()
        standing.close()
    name = f"{asked.count:,} malformed frames: {{}}"
    return [
        row(name.format("taken"), [asked.count / seconds], "/s"),
        row(name.format("memory after them, beyond a first wave"), [max(0.0, grown)], "MB", goal=GOAL_MEMORY),
        row(
            name.format("p99 until a good page has a change (floor: before them)"),
            [percentile(waited, 99)],
            "ms",
            floors=[percentile(calm, 99)],
            goal=GOAL_HEARD,
        ),
    ]


async def _change(
    standing: Standing, heard: list[float], rate: float, until: "asyncio.Task[None]"
) -> list[float]:
    """Seconds until a good page heard of each change. Raises TimeoutError when none does within 20 s."""
    took: list[float] = []
    while not (until.done() and took):
        known, began = len(heard), time.perf_counter()
        async with asyncio.timeout(HEARD_WITHIN):
            await standing.change(0)
            while len(heard) == known:  # noqa: ASYNC110 (a list tells nobody)
                await asyncio.sleep(0.01)
        took.append(heard[known] - began)
        await asyncio.sleep(1 / rate)
    return took


async def attack(place: Place, count: int) -> None:
    """Signed-in sockets, some at once; each sends a few frames and is read until the server closes it."""
    waiting = malformed(count)

    async def work() -> None:
        while some := b"".join(islice(waiting, FRAMES_EACH)):
            await _send(place, some)

    await asyncio.gather(*(work() for _ in range(OPEN_ATTACKERS)))


async def _send(place: Place, frames: bytes) -> None:
    request = handshake("/ws/live", place.origin.partition("//")[2], signed_in(place))
    reader, writer = await asyncio.open_connection(*address(place.origin))
    async with asyncio.timeout(CLOSED_WITHIN):
        with suppress(ConnectionError):  # what came after the first frame is not read any more
            writer.write(request)
            await reader.readuntil(b"\r\n\r\n")
            writer.write(frames)
            while await reader.read(65536):
                pass
        writer.close()


# --- rows of `make bench-long` -----------------------------------------------------------------------------
def measure_storm(where: Path, storm: Storm) -> list[Row]:
    """On PostgreSQL: conferences are made, the server is started anew, and everybody comes."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", where))("earshot")
        with earshot(database, where) as first:
            asyncio.run(Standing(first, "storm", storm.conferences).open())
            sessions = first.sessions
        with earshot(database, where, sessions) as second:
            return asyncio.run(reconnect(second, storm))


def measure_frames(where: Path, asked: Frames) -> list[Row]:
    """On PostgreSQL; a traceback in the server's log is a failure."""
    with ExitStack() as stack:
        database = stack.enter_context(databases("PostgreSQL", where))("earshot")
        rows = asyncio.run(frames(stack.enter_context(earshot(database, where)), asked))
    told = "".join(log.read_text(errors="replace") for log in where.glob("*.log"))
    assert "Traceback" not in told, told[told.index("Traceback") :][:2000]
    return rows


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m bench.storm", description="Storm, and malformed frames.")
    reader.add_argument("--sockets", type=int, default=Storm.sockets, help="pages that come back (2000)")
    reader.add_argument("--frames", type=int, default=Frames.count, help="malformed frames (100000)")
    asked = reader.parse_args()
    allow_many_sockets()
    with folder() as one:
        timed("Reconnect storm", lambda: measure_storm(one, Storm(min(asked.sockets, 10_000))), 300)
    with folder() as one:
        timed("Malformed frames", lambda: measure_frames(one, Frames(min(asked.frames, 1_000_000))), 900)


if __name__ == "__main__":
    main()
