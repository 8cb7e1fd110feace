"""Who sees one team's affairs: its queues, its agents, their conferences, and nothing of the others'."""

from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from conferences.models import Conference
from dashboard import tokens
from dashboard.models import Agent, ApiToken, Command, Team, TeamQueue, User
from queues.models import Queue
from recordings.models import Recording, Voice
from supervisor_site.admin import relabel
from tests.support.live_page import live_equals_reload
from tests.support.people import SALES, SELLING_AGENT, Cast, gather_cast
from tests.support.sites import Closed, InProcess, session_of_async
from tests.support.story import tell, told

THEIRS, OTHER, QUEUED = "sales-conference", "claims-conference", "queued-conference"


def dialled(leg: str, number: str, at: float) -> bytes:
    return told("call.initiated", at, leg, direction="outgoing", **{"from": "+18005550110", "to": number})


def called(leg: str, number: str, at: float) -> bytes:
    return told("call.initiated", at, leg, direction="incoming", **{"from": number, "to": "+18005550140"})


def story() -> list[bytes]:
    """A conference with the team's agent, one with another's, one with a caller of the team's queue."""
    return [
        dialled("v3:owen", SELLING_AGENT, 0),
        dialled("v3:priya", "+13125550147", 1),
        called("v3:one", "+16175550101", 2),
        called("v3:two", "+16175550102", 3),
        told("call.enqueued", 4, "v3:two", queue=SALES),
        called("v3:three", "+16175550103", 5),
        told("call.enqueued", 6, "v3:three", queue="Claims"),
        told("conference.participant.joined", 7, "v3:owen", conference_id=THEIRS),
        told("conference.participant.joined", 8, "v3:priya", conference_id=OTHER),
        told("conference.participant.joined", 9, "v3:one", conference_id=OTHER),
        told("call.enqueued", 10, "v3:four", queue=SALES),
        told("call.dequeued", 11, "v3:four", queue=SALES, reason="bridged"),
        told("conference.participant.joined", 12, "v3:four", conference_id=QUEUED),
    ]


@pytest.fixture
def busy(cast: Cast) -> Iterator[Cast]:
    tell(story())
    yield cast


def window_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- pages -------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.engines
def test_the_floor_has_the_teams_conferences_and_queues(busy: Cast) -> None:
    html = window_of(busy.seller).get("/floor/").content.decode()
    assert f'id="c-{THEIRS}"' in html and f'id="c-{QUEUED}"' in html
    assert OTHER not in html and "Priya Nair" not in html
    numbers = dict(Queue.objects.values_list("name", "pk"))
    assert f'id="q-{numbers[SALES]}"' in html and f'id="q-{numbers["Claims"]}"' not in html
    assert OTHER in window_of(busy.supervisor).get("/floor/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["/conferences/{}/", "/floor/pane/{}/", "/conferences/{}/timeline/"])
def test_another_teams_conference_is_not_there(busy: Cast, place: str) -> None:
    window = window_of(busy.seller)
    assert window.get(place.format(THEIRS)).status_code == 200
    assert window.get(place.format(OTHER)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("button", ["end", "mute-everyone", "supervise/listen", "record"])
def test_nothing_can_be_pressed_on_another_teams_conference(busy: Cast, button: str) -> None:
    answer = window_of(busy.seller).post(f"/conferences/{OTHER}/{button}")
    assert answer.status_code == 404, answer.content
    assert not Command.objects.exists()


@pytest.mark.django_db
def test_another_teams_queue_is_not_there(busy: Cast) -> None:
    window = window_of(busy.seller)
    numbers = dict(Queue.objects.values_list("name", "pk"))
    assert window.get(f"/queues/{numbers[SALES]}/").status_code == 200
    assert window.get(f"/queues/{numbers['Claims']}/").status_code == 404
    assert window.post(f"/queues/{numbers['Claims']}/resize", {"max_size": 5}).status_code == 404
    assert "Claims" not in window.get("/queues/").content.decode()


@pytest.mark.django_db
def test_recordings_are_those_of_the_teams_queues_and_agents(busy: Cast) -> None:
    ours = Recording.objects.create(recording_id="r1", name="Sales 1", queue=SALES)
    heard = Recording.objects.create(recording_id="r2", name="Sales 2")
    Voice.objects.create(recording=heard, leg="v3:owen", number=SELLING_AGENT)
    other = Recording.objects.create(recording_id="r3", name="Claims 1", queue="Claims")
    window = window_of(busy.seller)
    html = window.get("/recordings/").content.decode()
    assert [f'id="rec-{one.pk}"' in html for one in (ours, heard, other)] == [True, True, False]
    assert window.post(f"/recordings/{other.pk}/play").status_code == 404
    assert "Claims 1" not in b"".join(window.get("/recordings/list.csv")).decode()


@pytest.mark.django_db
def test_who_is_in_no_team_is_told_so(busy: Cast) -> None:
    busy.seller.teams.clear()
    for page in ("/floor/", "/queues/"):
        html = window_of(User.objects.get(pk=busy.seller.pk)).get(page).content.decode()
        assert "You are in no team yet." in html
        assert THEIRS not in html


@pytest.mark.django_db
def test_an_agent_sees_the_queues_of_their_own_team(busy: Cast) -> None:
    busy.agent.groups.remove(Group.objects.get(name="all teams"))
    Agent.objects.filter(user=busy.agent).update(team=Team.objects.get(name="Sales"))
    html = window_of(User.objects.get(pk=busy.agent.pk)).get("/queues/").content.decode()
    assert SALES in html and "Claims" not in html


# --- programs ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_token_reads_its_teams(busy: Cast) -> None:
    call_command("create_api_token", "sales-program", team=["Sales"])
    token = tokens.create("sales-two", teams=["Sales"])
    told = Client().get("/api/floor", headers={"Authorization": f"Bearer {token}"}).json()
    assert {one["id"] for one in told["conferences"]} == {THEIRS, QUEUED}
    assert [one["name"] for one in told["queues"]] == [SALES]
    assert ApiToken.objects.get(name="sales-program").scope == ApiToken.objects.get(name="sales-two").scope


@pytest.mark.django_db
def test_a_token_of_no_known_team_is_not_made(cast: Cast) -> None:
    with pytest.raises(CommandError, match=r"There is no team 'Selas'; there are Claims, Sales\."):
        call_command("create_api_token", "sales-program", team=["Selas"])
    assert not ApiToken.objects.exists()


# --- live --------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
async def test_a_floor_gains_and_loses_what_comes_into_a_team_and_goes(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)(story())
    session = await session_of_async(cast.seller)

    def come() -> None:
        tell([told("conference.participant.joined", 20, "v3:owen", conference_id=OTHER)])

    await live_equals_reload(site, session, "/floor/", come, until=lambda html: OTHER in html)

    def go() -> None:
        TeamQueue.objects.all().delete()
        relabel()

    def gone(html: str) -> bool:
        return QUEUED not in html

    await live_equals_reload(site, session, "/floor/", go, until=gone)
    await live_equals_reload(site, session, "/floor/", _give_back, until=lambda html: QUEUED in html)


def _give_back() -> None:
    TeamQueue.objects.create(team=Team.objects.get(name="Sales"), queue_name=SALES)
    relabel()


@pytest.mark.django_db(transaction=True)
async def test_nothing_of_another_team_is_pushed(site: InProcess) -> None:
    """The next thing that this socket hears is its own team's."""
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)(story())
    async with site.live(await session_of_async(cast.seller)) as socket:
        await socket.send('{"watch": ["floor"]}')
        while '"snapshot"' not in await socket.receive():
            pass
        other = told("conference.participant.left", 30, "v3:one", conference_id=OTHER)
        await sync_to_async(tell)([other])
        await sync_to_async(tell)([told("conference.participant.left", 31, "v3:owen", conference_id=THEIRS)])
        heard = ""
        while f"c-{THEIRS}" not in heard:
            heard = await socket.receive()
            assert OTHER not in heard


@pytest.mark.django_db(transaction=True)
async def test_the_page_of_another_teams_conference_cannot_be_watched(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)(story())
    session = await session_of_async(cast.seller)
    for scope in (f"conference:{OTHER}", f"supervise:{cast.seller.pk}:{OTHER}"):
        async with site.live(session) as socket:
            await socket.send(f'{{"watch": ["{scope}"]}}')
            with pytest.raises(Closed) as closed:
                while True:
                    await socket.receive()
            assert closed.value.code == 4403


# --- the admin's pages -------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_admin_makes_a_team_and_open_pages_follow(busy: Cast) -> None:
    before = Conference.objects.get(pk=OTHER).version
    window = window_of(busy.admin)
    form = window.get("/admin/dashboard/team/add/").content.decode()
    assert "Known: Claims, Sales." in form
    inline = {"queues-TOTAL_FORMS": 1, "queues-INITIAL_FORMS": 0, "queues-0-queue_name": "Claims"}
    posted = {"name": "Claims desk", "tells_agents": "named", **inline}
    assert window.post("/admin/dashboard/team/add/", posted).status_code == 302
    assert Team.objects.get(name="Claims desk").queues.get().queue_name == "Claims"
    assert Conference.objects.get(pk=OTHER).version == before + 1
    assert "1 queue, 0 agents, 0 people" in window.get("/admin/dashboard/team/").content.decode()


@pytest.mark.django_db
def test_an_admin_is_warned_of_somebody_who_sees_nothing(busy: Cast) -> None:
    window = window_of(busy.admin)
    supervisor = Group.objects.get(name="supervisor")
    posted = {"email": "new@earshot.example", "name": "New Person", "groups": [supervisor.pk]}
    secret = {
        "usable_password": "true",
        "password1": "a long horse battery",
        "password2": "a long horse battery",
    }
    answer = window.post("/admin/dashboard/user/add/", {**posted, **secret}, follow=True)
    assert "New Person is in no team" in answer.content.decode()
    listed = window.get("/admin/dashboard/user/").content.decode()
    assert "all teams" in listed and "nothing" in listed and ">Sales<" in listed


# --- dismissing --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_failed_command_is_put_away_only_by_who_sees_its_place(busy: Cast) -> None:
    failed = {
        "state": Command.State.FAILED,
        "action": "mute",
        "family": "mute",
        "user_name": "Dana Whitfield",
    }
    when = {"created_at": "2026-11-23T12:00:00Z", "settled_at": "2026-11-23T12:00:01Z"}
    places = {
        f"conference:{OTHER}": 404,
        f"conference:{THEIRS}": 204,
        "queue:Claims": 404,
        f"queue:{SALES}": 204,
    }
    before = Queue.objects.get(name=SALES).version
    for about, status in places.items():
        command = Command.objects.create(subject=about, **failed, **when)
        assert window_of(busy.seller).post(f"/commands/{command.pk}/dismiss").status_code == status
        command.refresh_from_db()
        assert (command.dismissed_at is not None) == (status == 204)
    assert Queue.objects.get(name=SALES).version == before + 1
