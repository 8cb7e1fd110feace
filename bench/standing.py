"""Standing conferences of two on a running Earshot, and webhooks that change one of them."""

import asyncio
import itertools
import json
from collections.abc import Iterator, Mapping

from bench.crowd import Crowd, Heard
from bench.places import Place
from bench.posting import Line as Connection
from bench.posting import Poster
from bench.script import Line, bodies, opening, request, talk
from tests.support.signing import KEY

FLOOR = json.dumps({"watch": ["floor"]})


class Standing:
    """So many conferences; `change` posts the next webhook of one, over the connection that is free."""

    def __init__(self, place: Place, run: str, count: int) -> None:
        self.place, self.run, self.count = place, run, count
        self._talks: list[Iterator[Line]] = [talk(run, number) for number in range(count)]
        self._poster = Poster(place.url)
        self._lines: asyncio.Queue[Connection] = asyncio.Queue()

    async def open(self, connections: int = 8) -> None:
        """Two people in each conference, everything projected."""
        for _ in range(connections):
            self._lines.put_nowait(await self._poster.line())
        lines = itertools.chain.from_iterable(opening(self.run, number) for number in range(self.count))
        waiting = iter(self._requests(lines))
        await asyncio.gather(*(self._deliver_all(waiting) for _ in range(connections)))
        await asyncio.to_thread(self.place.wait_until_projected)

    async def change(self, number: int) -> None:
        """Returns once it is acknowledged."""
        await self._deliver(self._requests(itertools.islice(self._talks[number], 1))[0])

    def row(self, number: int) -> str:
        """The id of its row on the floor."""
        return f"c-{self.run}-{number}"

    def number(self, row: str) -> int:
        """Which of them has the row with this id."""
        return int(row.rpartition("-")[2])

    def close(self) -> None:
        while not self._lines.empty():
            self._lines.get_nowait().close()

    async def _deliver_all(self, waiting: Iterator[bytes]) -> None:
        for whole in waiting:
            await self._deliver(whole)

    async def _deliver(self, whole: bytes) -> None:
        """As Telnyx: asked to come again, it comes again."""
        line = await self._lines.get()
        try:
            if not line.open:  # uvicorn ends what was quiet for 5 s
                line = await self._poster.line()
            while (status := await line.ask(whole)) != 200:
                assert status == 503, status
        finally:
            self._lines.put_nowait(line)

    def _requests(self, lines: Iterator[Line]) -> list[bytes]:
        return [request(self.place.url, body, KEY) for body in bodies(lines, 1_000_000)]


def floor_crowd(place: Place, heard: Heard, compressed: bool = True) -> Crowd:
    """Browsers of a supervisor that watch the floor."""
    address = place.origin.replace("http", "ws", 1) + "/ws/live"
    return Crowd(address, heard, FLOOR, signed_in(place), compressed)


def signed_in(place: Place) -> Mapping[str, str]:
    return {"Cookie": f"sessionid={place.sessions['supervisor']}", "Origin": place.origin}
