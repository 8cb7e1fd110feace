"""The live socket under Earshot's own server."""

import asyncio
import contextlib
import json
from collections import Counter
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


async def test_a_change_reaches_those_who_take_compressed_text_and_those_who_do_not(toy: ToySite) -> None:
    headers = {"cookie": f"sessionid={toy.sign_in()}"}
    address, origin = toy.url.replace("http", "ws") + "/ws/live", websockets.Origin(toy.url)
    async with (
        websockets.connect(address, origin=origin, additional_headers=headers) as short,
        websockets.connect(address, origin=origin, additional_headers=headers, compression=None) as plain,
    ):
        for socket in (short, plain):
            await socket.send(json.dumps({"watch": ["toy"]}))
            await next_with("snapshot", socket)
        assert [len(socket.protocol.extensions) for socket in (short, plain)] == [1, 0]
        await asyncio.to_thread(toy.change, "both", html="<b>Anna é</b>", fill="20000")
        texts = [await next_with("fragments", socket) for socket in (short, plain)]
        assert texts[0] == texts[1]
        assert len(texts[0]) > 20_000


async def next_with(what: str, socket: websockets.ClientConnection) -> str:
    """The next message that has this in it; a beat may come before."""
    async with asyncio.timeout(15):
        while f'"{what}"' not in (text := str(await socket.recv())):
            pass
    return text


MALFORMED = b"\x81\x02hi"  # a browser masks what it sends


async def test_nothing_of_a_socket_waits_for_the_garbage_collector(toy: ToySite) -> None:
    """It comes seldom, and until then a thousand who come and go would be tens of megabytes."""
    headers, address = {"cookie": f"sessionid={toy.sign_in()}"}, toy.url.replace("http", "ws") + "/ws/live"
    before = await asyncio.to_thread(toy.kept)

    async def left(**allowed: int) -> bool:
        return await asyncio.to_thread(toy.kept) <= before + Counter(allowed)

    async with contextlib.AsyncExitStack() as opened:
        sockets = [
            await opened.enter_async_context(
                websockets.connect(address, origin=websockets.Origin(toy.url), additional_headers=headers)
            )
            for _ in range(5)
        ]
        for socket in sockets:
            await socket.send('{"watch": ["toy"]}')
            await next_with("snapshot", socket)
        await eventually_async(lambda: left(Socket=5, Sitting=5, Patience=5), 20)  # not how it was asked for
        for socket in sockets[:3]:
            socket.transport.write(MALFORMED)
            await socket.wait_closed()
    await eventually_async(left, 20)


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
            await next_with("snapshot", socket)
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
