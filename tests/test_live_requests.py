"""What a browser may ask of the live socket, and what happens to what it may not; and slow readers."""

import asyncio
import gc
import json
import logging
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from dashboard.live import Hub
from dashboard.socket import LiveSocket
from supervisor_site.asgi import application
from tests.support.people import gather_cast
from tests.support.sites import Closed, InProcessSocket, session_of_async
from tests.support.toy import ToyBoard, bump, page
from tests.support.waiting import eventually_async

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def session() -> str:
    people = await sync_to_async(gather_cast)()
    key: str = await session_of_async(people.supervisor)
    return key


@pytest.fixture
def hub() -> Hub:
    return Hub([ToyBoard()], every=60)


async def send_raw(socket: Any, **message: Any) -> None:
    await socket._to.put({"type": "websocket.receive", **message})


@pytest.mark.parametrize(
    "message",
    [
        {"text": ""},
        {"text": "watch"},
        {"text": "[" * 4000},
        {"text": "[]"},
        {"text": "null"},
        {"text": "1" * 4000},
        {"text": '{"watch": "toy"}'},
        {"text": '{"watch": [1]}'},
        {"text": '{"watch": [null]}'},
        {"text": '{"watch": {"toy": 1}}'},
        {"text": '{"mute": ["c1"]}'},
        {"text": '{"watch": ["something else"]}'},
        {"text": '{"watch": [""]}'},
        {"text": r'{"watch": ["toy:\u0000"]}'},
        {"text": r'{"watch": ["toy:\ud800"]}'},
        {"text": json.dumps({"watch": [f"toy:{number}" for number in range(21)]})},
        {"text": json.dumps({"watch": ["toy:" + "x" * 5000]})},
        {"bytes": b'{"watch": ["toy"]}'},
        {"bytes": b"\xff\x00", "text": None},
    ],
)
async def test_what_our_page_never_sends_closes_with_1008(
    hub: Hub, session: str, message: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with page(hub, session) as seen:
        await send_raw(seen.socket, **message)
        with pytest.raises(Closed, match="1008"):
            while True:
                await seen.next()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert hub.counts.sockets == 0


async def test_too_many_requests_close_with_1008(hub: Hub, session: str) -> None:
    async with page(hub, session) as seen:
        for _ in range(100):
            await seen.socket.send('{"unwatch": ["toy"]}')
        with pytest.raises(Closed, match="1008"):
            await seen.next()


async def test_twenty_scopes_may_be_watched_and_changed_for_others(hub: Hub, session: str) -> None:
    async with page(hub, session, *[f"toy:{number}" for number in range(20)]) as seen:
        await seen.socket.send('{"unwatch": ["toy:0", "toy:never"]}')
        await seen.watch("toy:20")
        assert (await seen.next("snapshot"))["scope"] == "toy:20"


class SlowReader(InProcessSocket):
    """A browser that stops reading: under uvicorn, `send` then waits."""

    def __init__(self, application: Any, headers: dict[str, str]) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        super().__init__(self._with_a_slow_send(application), headers)

    def _with_a_slow_send(self, application: Any) -> Any:
        async def served(scope: Any, receive: Any, send: Any) -> None:
            async def slow(message: Any) -> None:
                await self.reads.wait()
                await send(message)

            await application(scope, receive, slow)

        return served


def headers(session: str) -> dict[str, str]:
    return {"cookie": f"sessionid={session}", "origin": "http://testserver"}


async def test_a_browser_that_does_not_read_is_cut_and_holds_up_nobody(hub: Hub, session: str) -> None:
    slow = SlowReader(LiveSocket(hub, patience=0.3), headers(session))
    await slow.open()
    await slow.send('{"watch": ["toy"]}')
    await slow.receive()
    slow.reads.clear()
    async with page(hub, session, "toy") as good:
        for number in range(5):
            await sync_to_async(bump)("a")
            hub.hear([("conference", "a")])
            while good.names().get("c-a") != number + 1:
                await asyncio.wait_for(good.next("fragments"), 1)
        await eventually_async(lambda: hub.counts.cut == 1)
        await eventually_async(lambda: hub.counts.sockets == 1, within=3)
    await slow.close()


async def test_a_browser_that_reads_again_in_time_gets_the_newest_only(hub: Hub, session: str) -> None:
    slow = SlowReader(LiveSocket(hub), headers(session))
    await slow.open()
    await slow.send('{"watch": ["toy"]}')
    await slow.receive()
    slow.reads.clear()
    async with page(hub, session, "toy") as good:
        for number in range(4):
            await sync_to_async(bump)("a")
            hub.hear([("conference", "a")])
            while good.names().get("c-a") != number + 1:
                await good.next("fragments")
    slow.reads.set()
    got = [json.loads(await slow.receive()) for _ in range(2)]
    assert [found["fragments"][0]["version"] for found in got] == [1, 4]
    await slow.close()


async def test_what_a_page_asked_with_is_not_kept_while_it_stays(session: str) -> None:
    page = InProcessSocket(application, headers(session) | {"x-mark": "kept"})
    await page.open()
    await page.send('{"watch": ["floor"]}')
    async with asyncio.timeout(15):
        while '"snapshot"' not in await page.receive():
            pass
    assert not [one for one in gc.get_objects() if type(one) is dict and is_marked_scope(one)]
    await page.close()


def is_marked_scope(one: dict[Any, Any]) -> bool:
    return one.get("type") == "websocket" and (b"x-mark", b"kept") in one.get("headers", ())
