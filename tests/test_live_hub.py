"""The hub: one read and one rendering for everybody who sees the same."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from conferences.models import Conference
from dashboard.boards import Personal
from dashboard.live import Audience, Change, Fragment, Hub
from dashboard.place import RESERVE
from dashboard.roles import Action
from dashboard.viewers import PEOPLE, Entrance, Viewer
from tests.support.people import Cast, gather_cast
from tests.support.sites import Closed, session_of_async
from tests.support.toy import ENDED, Page, ToyBoard, bump, page
from tests.support.waiting import eventually_async

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]
write = sync_to_async(bump)


@pytest.fixture
async def people() -> Cast:
    return await sync_to_async(gather_cast)()


@pytest.fixture
def board() -> ToyBoard:
    return ToyBoard()


@pytest.fixture
async def hub(board: ToyBoard) -> AsyncIterator[Hub]:
    yield Hub([board], every=60)


async def test_a_page_gets_the_whole_scope_and_then_what_changes(people: Cast, hub: Hub) -> None:
    await write("a", name="Sales 4412")
    async with page(hub, await session_of_async(people.supervisor)) as seen:
        await seen.watch("toy")
        snapshot = await seen.next()
        assert (snapshot["type"], snapshot["scope"]) == ("snapshot", "toy")
        assert [found["id"] for found in snapshot["fragments"]] == ["c-a"]
        assert "Sales 4412" in snapshot["fragments"][0]["html"]

        await write("b", name="Billing 4413")
        hub.hear([("conference", "b")])
        news = await seen.next()
        assert news["type"] == "fragments"
        assert [(found["id"], found["list"], found["version"]) for found in news["fragments"]] == [
            ("c-b", "conferences", 1)
        ]

        await write("a", status=ENDED)
        hub.hear([("conference", "a")])
        news = await seen.next()
        assert news["fragments"] == [{"id": "c-a", "list": "conferences", "version": 2, "html": None}]
        assert seen.names() == {"c-b": 1}


async def test_who_come_together_are_looked_up_together(people: Cast, hub: Hub) -> None:
    asked: list[Collection[str]] = []

    def viewers(keys: Collection[str]) -> Mapping[str, Viewer]:
        asked.append(keys)
        return PEOPLE.viewers(keys)

    sessions = [await session_of_async(person) for person in (people.supervisor, people.admin)]
    entrance = Entrance(PEOPLE.cookie, viewers, PEOPLE.closed_with)
    keys = [*sessions * 50, "nobody"]
    sittings = await asyncio.gather(*(hub.admit(key, entrance) for key in keys))
    assert [sitting and sitting.key for sitting in sittings] == [*sessions * 50, None]
    assert len(asked) < 10 and set().union(*asked) == set(keys)
    for sitting in sittings:
        if sitting:
            await hub.leave(sitting)
    assert await hub.admit("nobody", entrance) is None


async def test_it_is_rendered_once_for_each_audience_however_many_watch(
    people: Cast, hub: Hub, board: ToyBoard
) -> None:
    await write("a")
    async with AsyncExitStack() as stack:
        sessions = [await session_of_async(person) for person in (people.supervisor, people.colleague)]
        admin = await session_of_async(people.admin)
        seen = [
            await stack.enter_async_context(page(hub, session, "toy"))
            for session in [*sessions * 10, admin, admin]
        ]
        assert hub.counts.sockets == 22
        board.rendered.clear()
        await write("a", name="Claims 1")
        hub.hear([("conference", "a")])
        texts = {str(await one.next()) for one in seen}
        assert len(texts) == 1
        # Two audiences: both supervisors are one, the admin has one more right.
        assert board.rendered == [("a", 2), ("a", 2)]
    await eventually_async(lambda: hub.counts.sockets == 0)


async def test_a_burst_is_read_at_once_and_then_ten_times_a_second(
    people: Cast, hub: Hub, board: ToyBoard
) -> None:
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        await asyncio.sleep(0.1)  # the round that made the snapshot is over
        board.asked.clear()
        clock = asyncio.get_running_loop().time
        began = clock()
        first = 0.0
        for _ in range(30):
            await write("a")
            hub.hear([("conference", "a")])
            first = first or clock()
            await asyncio.sleep(0.01)
        while seen.names().get("c-a") != 30:
            await seen.next("fragments")
        lasted = clock() - began
        assert 2 <= len(board.asked) <= lasted / 0.1 + 2
        assert seen.messages[1]["fragments"][0]["version"] < 10, (
            "the first change did not wait for the others"
        )


class OwnBoard(ToyBoard, Personal):
    """`own:<user>`: the same rows, for one person."""

    kind = "own"

    def touches(self, key: str, change: Change) -> bool:
        return True

    def _all(self, key: str) -> Any:
        return super()._all("")


async def test_the_steps_of_a_press_need_not_wait_for_each_other(people: Cast) -> None:
    """Each at once, though the time between two reads is far from over."""
    session = await session_of_async(people.supervisor)
    hub = Hub([OwnBoard()], gap=600, every=600)
    async with page(hub, session) as seen:
        await seen.watch(f"own:{people.supervisor.pk}")
        await seen.next("snapshot")
        for version in range(1, 1 + RESERVE):
            await write("a")
            hub.hear([("conference", "a")])
            await seen.next("fragments")
            assert seen.names() == {"c-a": version}


async def test_only_what_somebody_watches_is_read(people: Cast, hub: Hub, board: ToyBoard) -> None:
    hub.hear([("conference", "a")])
    await write("a")
    await write("b")
    async with page(hub, await session_of_async(people.supervisor), "toy:a") as seen:
        hub.hear([("conference", "b"), ("queue", "Sales")])
        await write("a")
        hub.hear([("conference", "a")])
        await seen.next("fragments")
        await seen.socket.send('{"unwatch": ["toy:a"]}')
        await seen.watch("toy:b")
        await seen.next("snapshot")
        hub.hear([("conference", "a")])
        await write("b")
        hub.hear([("conference", "b")])
        await seen.next("fragments")
    assert board.asked == ["snapshot a", "changed a", "snapshot b", "changed b"]


async def test_a_poke_without_news_sends_nothing(people: Cast, hub: Hub, board: ToyBoard) -> None:
    await write("a")
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        hub.hear([("conference", "a")])
        await eventually_async(lambda: "changed " in board.asked)
        await write("a")
        hub.hear([("conference", "a")])
        assert (await seen.next())["fragments"][0]["version"] == 2
        assert len(seen.messages) == 2


async def test_pokes_may_come_from_any_thread(people: Cast, hub: Hub) -> None:
    def change(number: int) -> None:
        bump(f"c{number}")
        hub.hear([("conference", f"c{number}")])

    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        await asyncio.gather(*(asyncio.to_thread(change, number) for number in range(8)))
        while len(seen.held) < 8:
            await seen.next("fragments")


async def test_the_reader_is_the_hubs_own_thread(people: Cast, hub: Hub, board: ToyBoard) -> None:
    async with page(hub, await session_of_async(people.supervisor), "toy"):
        assert {name.rpartition("_")[0] for name in board.threads} == {"live-reader"}


async def test_a_scope_asked_for_again_comes_whole(people: Cast, hub: Hub) -> None:
    await write("a")
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        await seen.watch("toy")
        assert (await seen.next())["type"] == "snapshot"


async def test_who_may_not_look_is_told_so(people: Cast, hub: Hub) -> None:
    async with page(hub, await session_of_async(people.agent)) as seen:
        await seen.watch("toy")
        with pytest.raises(Closed, match="4403"):
            await seen.next()


async def test_more_waiting_fragments_than_a_page_has_become_a_snapshot(
    people: Cast, hub: Hub, board: ToyBoard
) -> None:
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        many = [Conference(pk=f"c{number:03}", version=1) for number in range(501)]
        await Conference.objects.abulk_create(many)
        hub.hear([("conference", conference.pk) for conference in many])
        message = await seen.next()
        assert message["type"] == "snapshot"
        assert len(seen.held) == 501


class Failing(ToyBoard):
    failures = 1

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        if self.failures:
            self.failures -= 1
            raise OperationalError("The database went away")
        return super().snapshot(audience, key)


async def test_a_board_that_fails_is_asked_again(people: Cast) -> None:
    await write("a")
    async with page(Hub([Failing()], every=60), await session_of_async(people.supervisor), "toy") as seen:
        assert seen.names() == {"c-a": 1}


async def test_the_beat_says_what_the_database_has(people: Cast, board: ToyBoard) -> None:
    hub = Hub([board], every=0.2)
    await write("a")
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        beat = await seen.next("beat")
        assert beat["scopes"]["toy"]["count"] == 1
        assert beat["now"] > 1_700_000_000_000
        before = beat["scopes"]["toy"]["digest"]

        await write("a", name="Nobody was poked")
        await seen.next("fragments")
        assert seen.names() == {"c-a": 2}
        assert (await seen.next("beat"))["scopes"]["toy"]["digest"] != before


async def test_the_beat_takes_away_what_nobody_was_told_of(people: Cast, board: ToyBoard) -> None:
    hub = Hub([board], every=0.2)
    await write("a")
    await write("b")
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        await write("a", status=ENDED)
        await seen.next("fragments")
        assert seen.names() == {"c-b": 1}


async def test_a_socket_that_watches_nothing_hears_the_beat(people: Cast, board: ToyBoard) -> None:
    hub = Hub([board], every=0.1)
    async with page(hub, await session_of_async(people.agent)) as seen:
        assert (await seen.next())["scopes"] == {}


async def test_a_board_may_be_for_others(people: Cast) -> None:
    hub = Hub([ToyBoard(needs=Action.SEE_QUEUES)], every=60)
    await write("a")
    async with page(hub, await session_of_async(people.agent), "toy") as seen:
        assert "<button" not in str(seen.held)


async def test_many_pages_that_come_at_once_share_a_snapshot(people: Cast, hub: Hub, board: ToyBoard) -> None:
    await write("a")
    session = await session_of_async(people.supervisor)

    async def come(stack: AsyncExitStack) -> Page:
        return await stack.enter_async_context(page(hub, session, "toy"))

    async with AsyncExitStack() as stack:
        seen = await asyncio.gather(*(come(stack) for _ in range(30)))
        assert all(one.names() == {"c-a": 1} for one in seen)
        assert len(board.rendered) < 10
