"""From a webhook to the socket of an open page: how long until the change it tells of is pushed.

A supervisor's websocket watches the floor. Each webhook changes one of many standing conferences, each of
which has one change under way at most, so that a push of its row can only be that change.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import websockets

from bench.places import Place, databases, earshot
from bench.posting import Line as Connection
from bench.posting import Poster, percentile
from bench.results import Row, row, say
from bench.script import Line, bodies, opening, request, talk
from tests.support.signing import KEY

RUN = "watched"
PUSHED_WITHIN = 10.0


@dataclass(frozen=True)
class Watch:
    """How many changes are watched at each rate, among how many conferences."""

    samples: int = 60
    rates: tuple[float, ...] = (4.0, 40.0)
    conferences: int = 60


def measure(engine: str, folder: Path, watch: Watch) -> list[Row]:
    """The rows of one engine."""
    with ExitStack() as stack:
        database, _ = stack.enter_context(databases(engine, folder))
        place = stack.enter_context(earshot(database, folder))
        return asyncio.run(_measure(engine, place, watch))


async def _measure(engine: str, place: Place, watch: Watch) -> list[Row]:
    rows = []
    floor = Standing(place, watch.conferences)
    await floor.open()
    async with _socket(place) as socket:
        await socket.send(json.dumps({"watch": ["floor"]}))
        listening = asyncio.create_task(floor.listen(socket))
        await floor.settled()
        for rate in watch.rates:
            took = await floor.change(watch.samples, rate)
            p50, p99 = percentile(took, 50), percentile(took, 99)
            say(f"  {rate:g}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(took)} changes")
            name = f"Webhook to socket {{}}, {rate:g}/s among {watch.conferences} conferences, {engine}"
            rows += [row(name.format("p50"), [p50], "ms"), row(name.format("p99"), [p99], "ms")]
        listening.cancel()
    return rows


def _socket(place: Place) -> Any:
    origin = place.url.partition("/webhooks")[0]
    headers = {"cookie": f"sessionid={place.sessions['supervisor']}", "origin": origin}
    return websockets.connect(
        origin.replace("http", "ws", 1) + "/ws/live", additional_headers=headers, max_size=None
    )


class Standing:
    """The conferences that change, and the changes whose push is waited for."""

    def __init__(self, place: Place, conferences: int) -> None:
        self._place, self._count = place, conferences
        self._talks: list[Iterator[Line]] = [talk(RUN, number) for number in range(conferences)]
        self._free: asyncio.Queue[int] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._snapshot = asyncio.Event()

    async def open(self) -> None:
        """Two people in each conference, everything projected."""
        lines = itertools.chain.from_iterable(opening(RUN, number) for number in range(self._count))
        line = await Poster(self._place.url).line()
        for whole in _requests(self._place.url, lines):
            await _deliver(line, whole)
        line.close()
        await asyncio.to_thread(self._place.wait_until_projected)

    async def listen(self, socket: Any) -> None:
        async for text in socket:
            now, message = time.perf_counter(), json.loads(text)
            for fragment in message.get("fragments", ()):
                waiting = self._waiting.get(fragment["id"])
                if waiting and not waiting.done():
                    waiting.set_result(now)
            if message["type"] == "snapshot":
                self._snapshot.set()

    async def settled(self) -> None:
        await asyncio.wait_for(self._snapshot.wait(), PUSHED_WITHIN)
        for number in range(self._count):
            self._free.put_nowait(number)

    async def change(self, samples: int, rate: float) -> list[float]:
        """Seconds from each webhook's moment, `rate` of them a second, to the push of its row."""
        line = await Poster(self._place.url).line()
        started, under_way = time.perf_counter(), []
        for sample in range(samples):
            number = await self._free.get()
            await asyncio.sleep(max(0.0, started + sample / rate - time.perf_counter()))
            whole = _requests(self._place.url, itertools.islice(self._talks[number], 1))[0]
            under_way.append(asyncio.create_task(self._one(number)))
            await asyncio.sleep(0)
            await _deliver(line, whole)
        line.close()
        return list(await asyncio.gather(*under_way))

    async def _one(self, number: int) -> float:
        key, since = f"c-{RUN}-{number}", time.perf_counter()
        self._waiting[key] = asyncio.get_running_loop().create_future()
        pushed = await asyncio.wait_for(self._waiting[key], PUSHED_WITHIN)
        del self._waiting[key]
        self._free.put_nowait(number)
        return pushed - since


async def _deliver(line: Connection, whole: bytes) -> None:
    """As Telnyx: asked to come again, it comes again."""
    while (status := await line.ask(whole)) != 200:
        assert status == 503, status


def _requests(url: str, lines: Iterator[Line]) -> list[bytes]:
    return [request(url, body, KEY) for body in bodies(lines, 1_000_000)]
