"""A device without a person on the live pages: held to one scope, and gone as soon as it is taken away."""

import asyncio
from collections.abc import Collection, Mapping

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from pytest_django import Settings

from dashboard.boards import Audience, Personal
from dashboard.layer import GROUP
from dashboard.live import DOUBTED, Hub
from dashboard.roles import Action
from dashboard.viewers import Entrance, Viewer, device
from tests.support.people import Cast, gather_cast
from tests.support.services import Redis
from tests.support.sites import Closed, session_of_async
from tests.support.toy import Page, ToyBoard, bump, page
from tests.support.waiting import PATIENCE, eventually_async

pytestmark = pytest.mark.django_db(transaction=True)

KEY, OTHER_KEY = "the key of the first screen", "the key of the second"
write = sync_to_async(bump)


class Wall(ToyBoard):
    """`wall:<id>`: a row for one conference, for its own device and for who sees the floor."""

    kind = "wall"

    def allowed(self, audience: Audience, key: str) -> bool:
        return audience.only == f"wall:{key}" or super().allowed(audience, key)


class Own(Personal, ToyBoard):
    kind = "own"

    def allowed(self, audience: Audience, key: str) -> bool:
        return True


class Devices:
    """Two screens that are kept in memory."""

    def __init__(self) -> None:
        self.kept = {KEY: "wall:a", OTHER_KEY: "wall:b"}
        self.entrance = Entrance("screen", self.viewers, 4410)

    def viewers(self, keys: Collection[str]) -> Mapping[str, Viewer]:
        return {key: device(self.kept[key]) for key in keys if key in self.kept}


@pytest.fixture
def devices() -> Devices:
    return Devices()


@pytest.fixture
async def people() -> Cast:
    return await sync_to_async(gather_cast)()


def walls(every: float = 60) -> Hub:
    return Hub([Wall(), ToyBoard(), Own()], every=every)


async def closing_code(seen: Page) -> int:
    """Reads until the server closes; a snapshot in between is what must not have come."""
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(Closed) as closed:
            while True:
                await seen.next()
    return closed.value.code


async def test_a_device_sees_its_scope_and_what_changes_there(devices: Devices) -> None:
    await write("a", name="Sales 4412")
    await write("b", name="Billing 1846")
    hub = walls()
    async with page(hub, KEY, "wall:a", entrance=devices.entrance) as seen:
        assert seen.names() == {"c-a": 1}
        await write("b")
        await write("a")
        hub.hear([("conference", "b"), ("conference", "a")])
        await asyncio.wait_for(seen.next("fragments"), PATIENCE)
        assert seen.names() == {"c-a": 2}
        assert "Billing" not in str(seen.messages)


@pytest.mark.parametrize(
    "scope",
    ["wall:b", "wall:", "wall", "wall:a:b", "wall:A", " wall:a", "toy", "toy:a", "own", "own:None", "own:1"],
)
async def test_a_device_that_asks_for_anything_else_is_cut_off(devices: Devices, scope: str) -> None:
    for id in ("a", "b"):
        await write(id)
    async with page(walls(), KEY, entrance=devices.entrance) as seen:
        await seen.watch(scope)
        assert await closing_code(seen) == 1008
    assert seen.messages == []


async def test_its_own_scope_opens_no_other(devices: Devices) -> None:
    async with page(walls(), KEY, "wall:a", entrance=devices.entrance) as seen:
        await seen.watch("wall:a", "toy")
        assert await closing_code(seen) == 1008
        assert {message["scope"] for message in seen.messages} == {"wall:a"}


def test_a_device_has_no_right_and_no_team() -> None:
    audience = device("wall:a").audience
    assert (audience.actions, audience.teams, audience.full_numbers) == (frozenset(), frozenset(), False)
    assert not any(ToyBoard(needs).allowed(audience, "") for needs in Action)


async def test_each_entrance_knows_its_own_cookie_only(devices: Devices, people: Cast) -> None:
    session = await session_of_async(people.supervisor)
    async with page(walls(), session, entrance=devices.entrance) as seen:
        assert await closing_code(seen) == 4410
    async with page(walls(), KEY) as seen:
        assert await closing_code(seen) == 4401
    # The right value under the other entrance's name is no value at all.
    swapped = Entrance("sessionid", devices.viewers, 4410)
    async with page(walls(), session, entrance=swapped) as seen:
        assert await closing_code(seen) == 4410


@pytest.mark.parametrize("key", ["", "unknown", "x" * 500, "\x00"])
async def test_an_unknown_device_is_accepted_and_closed_with_4410(devices: Devices, key: str) -> None:
    async with page(walls(), key, entrance=devices.entrance) as seen:
        assert await closing_code(seen) == 4410


async def test_the_next_beat_closes_a_device_that_was_taken_away(devices: Devices) -> None:
    hub = walls(every=0.1)
    async with page(hub, KEY, "wall:a", entrance=devices.entrance) as seen:
        await seen.next("beat")
        del devices.kept[KEY]
        assert await closing_code(seen) == 4410


async def test_a_word_closes_it_at_once_and_nobody_else(devices: Devices, people: Cast) -> None:
    hub = walls()
    session = await session_of_async(people.supervisor)
    async with (
        page(hub, session, "toy") as person,
        page(hub, OTHER_KEY, "wall:b", entrance=devices.entrance) as other,
        page(hub, KEY, "wall:a", entrance=devices.entrance) as seen,
    ):
        del devices.kept[KEY]
        hub.hear([DOUBTED])
        assert await closing_code(seen) == 4410
        await write("b")
        hub.hear([("conference", "b")])
        for left in (person, other):
            await asyncio.wait_for(left.next("fragments"), PATIENCE)
            assert left.names() == {"c-b": 1}


async def test_a_device_that_is_given_another_scope_is_closed(devices: Devices) -> None:
    hub = walls()
    async with page(hub, KEY, "wall:a", entrance=devices.entrance) as seen:
        devices.kept[KEY] = "wall:b"
        hub.hear([DOUBTED])
        assert await closing_code(seen) == 4403


async def test_a_word_that_cannot_be_followed_up_is_followed_up_by_the_next(devices: Devices) -> None:
    hub = walls()

    def away(keys: Collection[str]) -> Mapping[str, Viewer]:
        failed.append(True)
        raise ConnectionError("the database is away")

    failed: list[bool] = []
    async with page(hub, KEY, "wall:a", entrance=devices.entrance) as seen:
        there, sitting = devices.entrance, next(iter(hub._sittings))
        sitting.entrance = Entrance(there.cookie, away, there.closed_with)
        hub.hear([DOUBTED])
        await eventually_async(lambda: bool(failed))
        sitting.entrance = there
        del devices.kept[KEY]
        hub.hear([DOUBTED])
        assert await closing_code(seen) == 4410


async def test_a_word_reaches_the_devices_of_every_process(
    devices: Devices, settings: Settings, redis_server: Redis
) -> None:
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    where = {"hosts": [redis_server.url], "prefix": "devices"}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": where}}
    message = {"type": "poke", "from": "another process", "changes": [list(DOUBTED)]}
    async with page(walls(), KEY, "wall:a", entrance=devices.entrance) as seen:
        del devices.kept[KEY]
        closed = asyncio.create_task(closing_code(seen))

        async def told_and_closed() -> bool:
            await get_channel_layer().group_send(GROUP, message)
            return closed.done()

        await eventually_async(told_and_closed)
        assert await closed == 4410
