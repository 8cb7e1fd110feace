"""The live socket under Earshot's own server."""

import asyncio
from collections.abc import Iterator

import pytest
import websockets

from tests.support.earshot import Prepared
from tests.support.toy_server import ToySite
from tests.support.waiting import eventually_async


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory, prepared: Prepared) -> Iterator[ToySite]:
    made = ToySite(tmp_path_factory.mktemp("toy"), prepared.database)
    yield made
    made.end()


async def test_a_reader_that_stops_reading_is_cut_and_holds_up_nobody(toy: ToySite) -> None:
    headers = {"cookie": f"sessionid={toy.sign_in()}"}
    address = toy.url.replace("http", "ws") + "/ws/live"
    origin = websockets.Origin(toy.url)
    async with (
        websockets.connect(address, origin=origin, additional_headers=headers, max_size=None) as stalled,
        websockets.connect(address, origin=origin, additional_headers=headers, max_size=None) as good,
    ):
        for socket in (stalled, good):
            await socket.send('{"watch": ["toy"]}')
            assert '"snapshot"' in str(await socket.recv())
        stalled.transport.pause_reading()

        async def read() -> None:
            async for _ in good:
                pass

        reading = asyncio.create_task(read())

        async def fill() -> bool:
            for number in range(4):
                await asyncio.to_thread(toy.change, f"c{number}", fill="1000000")
            return (await asyncio.to_thread(toy.counts))["cut"] == 1

        await eventually_async(fill, within=20)
        await eventually_async(lambda: toy.counts()["sockets"] == 1)
        assert not reading.done()
        reading.cancel()
