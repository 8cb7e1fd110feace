"""Who may have a live socket, and how soon it closes when that ends."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from dashboard.live import Hub
from dashboard.roles import ALL_TEAMS
from dashboard.socket import LiveSocket, same_origin
from dashboard.viewers import viewers
from tests.support.people import Cast, gather_cast
from tests.support.sites import Closed, InProcess, session_of, session_of_async
from tests.support.toy import Page, ToyBoard, page

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def people() -> Cast:
    return await sync_to_async(gather_cast)()


async def closing_code(seen: Page) -> int:
    """Reads until the server closes."""
    with pytest.raises(Closed) as closed:
        while True:
            await seen.next()
    return closed.value.code


def sign_out(people: Cast) -> None:
    Session.objects.all().delete()


def expire(people: Cast) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def deactivate(people: Cast) -> None:
    people.supervisor.is_active = False
    people.supervisor.save()


def change_password(people: Cast) -> None:
    people.supervisor.set_password("another horse, another battery")
    people.supervisor.save()


def take_role(people: Cast) -> None:
    people.supervisor.groups.clear()


def give_role(people: Cast) -> None:
    people.supervisor.groups.add(Group.objects.get(name="admin"))


def see_less(people: Cast) -> None:
    people.supervisor.groups.remove(Group.objects.get(name=ALL_TEAMS))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (see_less, 4403),
        (sign_out, 4401),
        (expire, 4401),
        (deactivate, 4401),
        (change_password, 4401),
        (take_role, 4403),
        (give_role, 4403),
    ],
)
async def test_the_next_beat_closes_a_socket_whose_rights_ended(
    people: Cast, act: Callable[[Cast], None], code: int
) -> None:
    hub = Hub([ToyBoard()], every=0.1)
    async with page(hub, await session_of_async(people.supervisor), "toy") as seen:
        await seen.next("beat")
        await sync_to_async(act)(people)
        assert await closing_code(seen) == code


async def test_who_comes_in_while_others_are_checked_stays(people: Cast) -> None:
    hub = Hub([ToyBoard()], every=0.001)
    async with AsyncExitStack() as opened:
        pages = []
        for _ in range(20):
            session = await session_of_async(people.supervisor)
            pages.append(await opened.enter_async_context(page(hub, session, "toy")))
        for seen in pages:
            await seen.next("beat")


async def test_others_stay(people: Cast) -> None:
    hub = Hub([ToyBoard()], every=0.1)
    colleague = await session_of_async(people.colleague)
    async with (
        page(hub, colleague, "toy") as other,
        page(hub, await session_of_async(people.supervisor), "toy") as seen,
    ):
        await sync_to_async(take_role)(people)
        assert await closing_code(seen) == 4403
        await other.next("beat")
        await other.next("beat")


@pytest.mark.parametrize("session", ["", "nobody's", "x" * 500, "\x00"])
async def test_without_a_session_it_is_accepted_and_closed_with_4401(people: Cast, session: str) -> None:
    async with page(Hub([ToyBoard()]), session) as seen:
        assert await closing_code(seen) == 4401


async def test_all_sockets_are_rechecked_with_four_queries(people: Cast) -> None:
    def queries() -> int:
        keys = {session_of(person) for person in people}
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(viewers(keys)) == len(keys)
        return len(captured)

    assert await sync_to_async(queries)() == 4


async def test_a_session_of_another_secret_is_nobodys(people: Cast, settings: Settings) -> None:
    session = await session_of_async(people.supervisor)
    settings.SECRET_KEY = "another secret, as after a leak of the old one 0123456789"
    async with page(Hub([ToyBoard()]), session) as seen:
        assert await closing_code(seen) == 4401


async def test_a_page_of_another_site_is_accepted_and_closed_with_4403(people: Cast) -> None:
    class Elsewhere(InProcess):
        host = "elsewhere.example"

    async with Elsewhere(LiveSocket(Hub())).live(await session_of_async(people.supervisor)) as socket:
        # The helper speaks to `testserver` with the origin of its own host.
        assert await closing_code(Page(socket)) == 4403


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("http://testserver", "testserver", True),
        ("http://testserver:80", "testserver", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", True),
        ("http://TESTSERVER", "testserver", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", False),
        ("https://testserver", "testserver", False),
        ("http://localhost:8000", "127.0.0.1:8000", False),
        ("http://testserver.evil.example", "testserver", False),
        ("http://evil.example", "evil.example", False),
        ("null", "testserver", False),
        ("", "testserver", False),
        ("file://testserver", "testserver", False),
        ("http://testserver:port", "testserver", False),
        ("http://[::1", "testserver", False),
        ("http://testserver", "", False),
        ("https://floor.example", "testserver", True),
        ("https://floor.example:443", "testserver", True),
        ("http://floor.example", "testserver", False),
        ("https://floor.example:8443", "testserver", False),
    ],
)
def test_an_origin_is_compared_whole(origin: str, host: str, allowed: bool, settings: Settings) -> None:
    settings.TRUSTED_ORIGINS = ["https://floor.example"]
    assert same_origin({"origin": origin, "host": host}) is allowed


def test_behind_https_our_own_origin_is_https(settings: Settings) -> None:
    settings.HTTPS = True
    assert same_origin({"origin": "https://testserver", "host": "testserver"})
    assert not same_origin({"origin": "http://testserver", "host": "testserver"})
