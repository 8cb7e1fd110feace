"""Several processes: pokes travel through Redis, and nobody is wrong for long when Redis is away."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from dashboard.live import Hub
from dashboard.live import hub as the_hub
from dashboard.pokes import poke
from tests.support.environment import process_environment
from tests.support.people import gather_cast
from tests.support.services import Redis
from tests.support.sites import session_of_async
from tests.support.toy import Page, ToyBoard, bump, page
from tests.support.waiting import PATIENCE, eventually_async

pytestmark = pytest.mark.django_db(transaction=True)
write = sync_to_async(bump)


@pytest.fixture
async def session() -> str:
    people = await sync_to_async(gather_cast)()
    key: str = await session_of_async(people.supervisor)
    return key


def through(redis: Redis) -> dict[str, object]:
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [redis.url], "prefix": "test"}}}


@asynccontextmanager
async def another_process(redis: Redis) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = process_environment("sqlite://:memory:", REDIS_URL=redis.url, REDIS_PREFIX="test")
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "tests.support.poker"],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def poke_from(process: asyncio.subprocess.Process, id: str) -> None:
    assert process.stdin and process.stdout
    process.stdin.write(f"{id}\n".encode())
    await asyncio.wait_for(process.stdout.readline(), 60)  # the first answer waits for the start as well


async def test_a_poke_of_another_process_arrives(
    session: str, settings: Settings, redis_server: Redis
) -> None:
    settings.CHANNEL_LAYERS = through(redis_server)
    hub = Hub([ToyBoard()], every=60)
    async with another_process(redis_server) as process, page(hub, session, "toy") as seen:
        await write("a")
        await poke_from(process, "a")
        await asyncio.wait_for(seen.next("fragments"), PATIENCE)
        assert seen.names() == {"c-a": 1}


async def test_a_poke_of_our_own_process_is_read_once(
    session: str, settings: Settings, redis_server: Redis
) -> None:
    settings.CHANNEL_LAYERS = through(redis_server)
    board = ToyBoard()
    the_hub.install([board])
    async with another_process(redis_server) as process, page(the_hub, session, "toy") as seen:
        board.asked.clear()
        await write("a")
        await asyncio.to_thread(poke, [("conference", "a")])
        await asyncio.wait_for(seen.next("fragments"), PATIENCE)
        # Redis keeps the order, so our own echo has come before this.
        await write("b")
        await poke_from(process, "b")
        await asyncio.wait_for(seen.next("fragments"), PATIENCE)
        # On a busy machine a beat comes meanwhile, which asks for other things; one between a write and its
        # poke has found it already.
        assert sum(what.startswith("changed") for what in board.asked) <= 2


async def test_while_redis_is_away_the_beat_keeps_pages_right_and_then_pokes_arrive_again(
    session: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis() as redis:
        settings.CHANNEL_LAYERS = through(redis)
        beating, poked = Hub([ToyBoard()], every=0.3), Hub([ToyBoard()], every=60)
        async with (
            another_process(redis) as process,
            page(beating, session, "toy") as first,
            page(poked, session, "toy") as second,
        ):
            redis.process.kill()
            await write("a")
            await poke_from(process, "a")
            poke([("conference", "a")])
            await asyncio.wait_for(first.next("fragments"), PATIENCE)
            assert first.names() == {"c-a": 1}
            assert second.names() == {}

            redis.start_again()
            await eventually_async(lambda: push_arrives(process, second), within=20)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert 1 <= len(told) <= 4, [record.getMessage() for record in told]
    assert not [record for record in told if record.exc_info]


async def push_arrives(process: asyncio.subprocess.Process, seen: Page) -> bool:
    await write("a")
    await poke_from(process, "a")
    try:
        await asyncio.wait_for(seen.next("fragments"), 0.5)
    except TimeoutError:
        return False
    return True


async def test_a_start_without_redis_is_joined_when_redis_comes(session: str, settings: Settings) -> None:
    with Redis() as redis:
        redis.process.kill()
        settings.CHANNEL_LAYERS = through(redis)
        hub = Hub([ToyBoard()], every=60)
        async with page(hub, session, "toy") as seen:
            redis.start_again()
            async with another_process(redis) as process:
                await eventually_async(lambda: push_arrives(process, seen), within=20)


async def test_an_idle_socket_is_alive_after_20_seconds_on_both_layers(
    session: str, settings: Settings, redis_server: Redis
) -> None:
    """Longer than the 5 s after which redis-py 8 gives up a connection that is silent."""
    async with AsyncExitStack() as stack:
        alone = await stack.enter_async_context(
            page(in_memory := Hub([ToyBoard()], every=60), session, "toy")
        )
        settings.CHANNEL_LAYERS = through(redis_server)
        process = await stack.enter_async_context(another_process(redis_server))
        shared = await stack.enter_async_context(page(Hub([ToyBoard()], every=60), session, "toy"))

        await asyncio.gather(hold(alone, 20), hold(shared, 20))
        await write("a")
        in_memory.hear([("conference", "a")])
        await poke_from(process, "a")
        for seen in (alone, shared):
            await asyncio.wait_for(seen.next("fragments"), PATIENCE)


async def hold(seen: Page, seconds: float) -> None:
    """Only listens, as an idle page does; raises `Closed` if the server ends it."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                await seen.next()
    assert len(seen.messages) == 1
