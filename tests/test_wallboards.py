"""Wallboards: who sees and makes which, what they show, and that a screen follows every change."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from dashboard.models import Agent, Command, Team, TeamQueue, User
from dashboard.pokes import poke
from queues.models import Queue
from supervisor_site.admin import relabel
from supervisor_site.webhooks import project_now
from telephony import status
from telephony.events import identity
from telephony.projection import Arrival, store
from tests.support.events import event
from tests.support.live_page import live_equals_reload
from tests.support.people import SALES, Cast
from tests.support.sites import Closed, InProcess, session_of_async
from tests.support.story import NOON
from wallboards.models import Row, Wallboard

CLAIMS = "Claims"


def tell(kind: str, ago: float, leg: str, **payload: Any) -> None:
    """One event of a caller, so many seconds ago."""
    at = timezone.now() - timedelta(seconds=ago)
    body = event(kind, at=at, event_id=f"{kind}-{leg}", call_control_id=leg, **payload)
    store([Arrival(f"{kind}-{leg}", "webhook", identity(body)[1], body, timezone.now())])
    project_now()


def waits(queue: str, ago: float, number: str = "+16175550188", leg: str = "v3:waiting") -> None:
    tell("call.initiated", ago, leg, direction="incoming", **{"from": number, "to": "+18005550110"})
    tell("call.enqueued", ago, leg, queue=queue)


@pytest.fixture
def queues(db: None) -> list[Queue]:
    return [Queue.objects.create(name=name, waiting_limit=1) for name in (CLAIMS, SALES)]


def board(*queues: Queue, **fields: Any) -> Wallboard:
    made = Wallboard.objects.create(**{"name": "Front desk", "metrics": ["waiting", "longest"]} | fields)
    Row.objects.bulk_create(
        Row(wallboard=made, queue=queue, place=place) for place, queue in enumerate(queues)
    )
    return made


def posted(*queues: Queue, **other: Any) -> dict[str, Any]:
    look = {"name": "Front desk", "layout": "rows", "theme": "dark", "metrics": ["waiting", "service"]}
    return look | {"queues": [queue.pk for queue in queues]} | other


def window(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return str(answer.content.decode())


# --- who sees which ------------------------------------------------------------------------------------
def test_agents_see_the_boards_of_their_queues_and_only_their_rows(cast: Cast, queues: list[Queue]) -> None:
    claims, sales = queues
    both, other = board(claims, sales), board(sales, name="Sales floor")
    cast.agent.groups.remove(*cast.agent.groups.filter(name="all teams"))
    TeamQueue.objects.create(team=Team.objects.get(name="Claims"), queue_name=CLAIMS)
    agent = window(User.objects.get(pk=cast.agent.pk))
    listed = html(agent.get("/wallboards/"))
    assert "Front desk" in listed
    assert "Sales floor" not in listed
    assert "New wallboard" not in listed
    assert '<td class="board-queues">Claims</td>' in listed
    wall = html(agent.get(f"/wallboards/{both.pk}/"))
    assert f">{CLAIMS}</b>" in wall
    assert f">{SALES}</b>" not in wall
    assert agent.get(f"/wallboards/{other.pk}/").status_code == 404
    assert agent.get(f"/wallboards/{both.pk}/edit/").status_code == 403
    assert agent.post("/wallboards/new/", posted(claims)).status_code == 403
    assert agent.post(f"/wallboards/{both.pk}/delete").status_code == 403


def test_a_stranger_sees_none(cast: Cast, queues: list[Queue]) -> None:
    made = board(*queues)
    stranger = window(cast.stranger)
    assert stranger.get("/wallboards/").status_code == 403
    assert stranger.get(f"/wallboards/{made.pk}/").status_code == 404
    assert Client().get(f"/wallboards/{made.pk}/").status_code == 302


def test_nobody_changes_a_board_of_which_they_see_only_a_part(cast: Cast, queues: list[Queue]) -> None:
    _, sales = queues
    both, own = board(*queues), board(sales, name="Sales floor")
    seller = window(cast.seller)
    assert seller.get(f"/wallboards/{both.pk}/edit/")["Location"] == f"/wallboards/{both.pk}/"
    assert seller.post(f"/wallboards/{both.pk}/edit/", posted(sales, seen="1")).status_code == 404
    assert seller.post(f"/wallboards/{both.pk}/delete").status_code == 404
    assert seller.get(f"/wallboards/{own.pk}/edit/").status_code == 200
    assert seller.post("/wallboards/new/", posted(*queues, name="Other")).status_code == 400


# --- what they show --------------------------------------------------------------------------------------
def test_a_number_is_never_told_but_its_last_four_digits(cast: Cast, queues: list[Queue]) -> None:
    waits(CLAIMS, 30)
    made = board(queues[0], layout="large", shows_callers=True)
    for person in (cast.admin, cast.agent):
        wall = html(window(person).get(f"/wallboards/{made.pk}/"))
        assert "•• 0188" in wall
        assert "617" not in wall
    Wallboard.objects.update(shows_callers=False)
    assert "0188" not in html(window(cast.admin).get(f"/wallboards/{made.pk}/"))


def figures(text: str) -> dict[str, str]:
    """The words of each figure by its key."""
    cells = re.findall(r'<section class="wall-figure"[^>]*id="wall-\d+-(\w+)">(.*?)</section>', text, re.S)
    return {key: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for key, cell in cells}


@time_machine.travel(NOON, tick=False)
def test_the_figures_are_those_of_the_queue(cast: Cast) -> None:
    queue = Queue.objects.create(name=CLAIMS, waiting_limit=1)
    for place, reason in enumerate(["bridged", "bridged", "hangup"]):
        tell("call.enqueued", 60, f"v3:{place}", queue=CLAIMS)
        tell("call.dequeued", 30, f"v3:{place}", queue=CLAIMS, reason=reason)
    waits(CLAIMS, 20, leg="v3:a")
    waits(CLAIMS, 10, leg="v3:b")
    every = ["waiting", "longest", "service", "average", "abandoned", "answered"]
    made = board(queue, layout="large", metrics=every)
    shown = figures(html(window(cast.supervisor).get(f"/wallboards/{made.pk}/")))
    assert list(shown) == every
    assert shown["waiting"] == "Waiting 2 over by 1 target up to 1"
    assert shown["longest"] == "Longest wait 0:00 target 2:00"
    assert shown["service"] == "Service level 67% 13 points below target 80% in 2:00"
    assert shown["average"] == "Average wait 0:00 of 2 waiting"
    assert shown["abandoned"] == "Abandoned 33.3% 28.3 points above limit 5%, 1 today"
    assert shown["answered"] == "Answered 2 today 2 in the last hour"


def test_of_nobody_there_is_no_figure(cast: Cast, queues: list[Queue]) -> None:
    made = board(queues[0], layout="large", metrics=["longest", "service", "average", "abandoned"])
    shown = figures(html(window(cast.supervisor).get(f"/wallboards/{made.pk}/")))
    assert shown["longest"] == "Longest wait – nobody waits target 2:00"
    assert shown["service"] == "Service level – nobody served today target 80% in 2:00"
    assert shown["average"] == "Average wait – nobody waits"
    assert shown["abandoned"] == "Abandoned – nobody served today limit 5%, 0 today"


# --- the editor ------------------------------------------------------------------------------------------
def test_a_board_is_made_in_the_order_that_was_chosen(cast: Cast, queues: list[Queue]) -> None:
    claims, sales = queues
    answer = window(cast.supervisor).post(
        "/wallboards/new/", posted(sales, claims, metrics=["service", "waiting"])
    )
    made = Wallboard.objects.get()
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/wallboards/{made.pk}/edit/")
    assert made.queues == [sales, claims]
    assert made.metrics == ["service", "waiting"]
    entry = Command.objects.get()
    assert (entry.user, entry.action, entry.subject_name) == (cast.supervisor, "make-wallboard", "Front desk")


def test_the_log_tells_it_to_who_works_in_the_same_team(cast: Cast, queues: list[Queue]) -> None:
    _, sales = queues
    window(cast.seller).post("/wallboards/new/", posted(sales, name="Sales floor"))
    window(cast.supervisor).post("/wallboards/new/", posted(*queues))
    told = html(window(cast.seller).get("/activity/?view=commands&days=week"))
    assert "Make wallboard" in told
    assert "Sales floor" in told
    assert "Front desk" not in told


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": " "}, "Name: Give the wallboard a name."),
    "no queue": ({"queues": []}, "Queues: Choose at least one."),
    "no metric": ({"metrics": []}, "Metrics: Choose at least one."),
    "two, large": ({"layout": "large"}, "Queues: One queue, large, shows one."),
    "five columns": (
        {"metrics": ["waiting", "longest", "service", "average", "abandoned"]},
        "Metrics: Up to 4 fit beside each other in rows.",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_hang_is_refused_in_words(cast: Cast, queues: list[Queue], wrong: str) -> None:
    other, words = WRONG[wrong]
    answer = window(cast.supervisor).post("/wallboards/new/", posted(*queues, **other))
    assert answer.status_code == 400
    assert words in answer.json()["text"]
    assert not Wallboard.objects.exists()


def test_two_boards_have_two_names_and_an_old_page_saves_nothing(cast: Cast, queues: list[Queue]) -> None:
    board(*queues)
    second = board(*queues, name="Second")
    people = window(cast.supervisor)
    taken = people.post(f"/wallboards/{second.pk}/edit/", posted(*queues, seen="1"))
    assert (taken.status_code, taken.json()["title"]) == (409, "There is a wallboard Front desk already.")
    fresh = posted(*queues, name="Second", seen="1")
    assert people.post(f"/wallboards/{second.pk}/edit/", fresh).status_code == 204
    old = people.post(f"/wallboards/{second.pk}/edit/", fresh)
    assert (old.status_code, old.json()["title"]) == (409, "This changed while you pressed.")


def test_the_preview_is_of_what_is_not_saved(cast: Cast, queues: list[Queue]) -> None:
    waits(CLAIMS, 30)
    people = window(cast.supervisor)
    wall = html(people.post("/wallboards/preview", posted(*queues, name="Not yet")))
    assert "Not yet" in wall
    assert "over by" not in wall
    assert (
        html(people.post("/wallboards/preview", posted(queues[0], state="empty"))).count("Nobody waiting")
        == 1
    )
    assert not Wallboard.objects.exists()


# --- live --------------------------------------------------------------------------------------------------
LIVE: dict[str, Callable[[Client, Wallboard, list[Queue]], object]] = {
    "a caller comes": lambda _, made, queues: waits(CLAIMS, 5, leg="v3:new"),
    "the order changes": lambda people, made, queues: people.post(
        f"/wallboards/{made.pk}/edit/", posted(*reversed(queues), seen=made.version)
    ),
    # Its version was greater than what remains: the sum must not become less.
    "a queue is taken off": lambda people, made, queues: people.post(
        f"/wallboards/{made.pk}/edit/", posted(queues[1], seen=made.version)
    ),
    "one is shown large": lambda people, made, queues: people.post(
        f"/wallboards/{made.pk}/edit/",
        posted(queues[0], layout="large", shows_callers="true", seen=made.version),
    ),
    "Telnyx is silent": lambda _, made, queues: poke(status.silent("no answer", timezone.now())),
    "the directory changes": lambda _, made, queues: (Agent.objects.update(name="Another"), relabel()),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", LIVE)
async def test_a_screen_follows(cast: Cast, site: InProcess, what: str) -> None:
    def prepared() -> tuple[Wallboard, list[Queue], Client]:
        made = [Queue.objects.create(name=name, version=40) for name in (CLAIMS, SALES)]
        waits(CLAIMS, 30)
        return board(*made), made, window(cast.supervisor)

    made, queues, people = await sync_to_async(prepared)()
    session = await session_of_async(cast.agent)
    await live_equals_reload(
        site, session, f"/wallboards/{made.pk}/", lambda: LIVE[what](people, made, queues) and None
    )


@pytest.mark.django_db(transaction=True)
async def test_a_screen_of_a_deleted_board_is_told(cast: Cast, site: InProcess) -> None:
    def prepared() -> tuple[Wallboard, Client]:
        return board(Queue.objects.create(name=CLAIMS)), window(cast.supervisor)

    made, people = await sync_to_async(prepared)()
    async with site.live(await session_of_async(cast.agent)) as socket:
        await socket.send(f'{{"watch": ["wallboard:{made.pk}"]}}')
        assert f'"wallboard-{made.pk}"' in await socket.receive()
        answer = await sync_to_async(people.post)(f"/wallboards/{made.pk}/delete")
        assert answer["HX-Redirect"] == "/wallboards/"
        with pytest.raises(Closed) as closed:
            while True:
                await socket.receive()
    assert closed.value.code == 4403
    assert await Command.objects.filter(action="delete-wallboard").acount() == 1


# --- the list, live ----------------------------------------------------------------------------------------
LISTED: dict[str, Callable[[Client, Wallboard, list[Queue]], object]] = {
    "one is made": lambda people, made, queues: people.post(
        "/wallboards/new/", posted(*queues, name="Second")
    ),
    "one is changed": lambda people, made, queues: people.post(
        f"/wallboards/{made.pk}/edit/", posted(*reversed(queues), theme="light", seen=made.version)
    ),
    "the last is deleted": lambda people, made, queues: people.post(f"/wallboards/{made.pk}/delete"),
    "a queue becomes a team's": lambda people, made, queues: (
        TeamQueue.objects.create(team=Team.objects.get(name="Sales"), queue_name=CLAIMS),
        relabel(),
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", LISTED)
async def test_the_list_follows(cast: Cast, site: InProcess, what: str) -> None:
    def prepared() -> tuple[Wallboard, list[Queue], Client]:
        made = [Queue.objects.create(name=name) for name in (CLAIMS, SALES)]
        return board(*made), made, window(cast.supervisor)

    made, queues, people = await sync_to_async(prepared)()
    session = await session_of_async(cast.seller)
    await live_equals_reload(
        site, session, "/wallboards/", lambda: LISTED[what](people, made, queues) and None
    )


@pytest.mark.django_db(transaction=True)
async def test_the_first_queue_lets_a_wallboard_be_made(cast: Cast, site: InProcess) -> None:
    session = await session_of_async(cast.supervisor)
    page = await live_equals_reload(site, session, "/wallboards/", lambda: waits(CLAIMS, 5))
    assert "/wallboards/new/" in page.fragments()["wallboard-list"]
