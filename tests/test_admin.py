"""The admin: for the role admin only, read-only where facts are told, without a query for each row."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bridged_calls.models import BridgedCall, BridgedLeg
from conferences.models import Conference, Participant
from dashboard import tokens
from dashboard.models import Agent, ApiToken, Command, Team, TeamQueue, User
from queues.models import Queue, QueuedCall
from recordings.models import Recording, Voice
from supervision.models import Supervision
from supervisor_site import measures
from supervisor_site.models import Vital
from telephony.models import Call, Fact, InboxEvent, TelnyxStatus
from tests.support.people import PASSWORD, Cast
from tests.support.signing_in import admin_address as address
from tests.support.signing_in import enter, signed_in, window_of
from wallboards.models import Device, Wallboard

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
READ_ONLY: list[type[Model]] = [
    InboxEvent,
    Fact,
    Call,
    TelnyxStatus,
    Conference,
    Participant,
    QueuedCall,
    Recording,
    Command,
    ApiToken,
    Supervision,
    Device,
    BridgedCall,
]
EDITABLE: list[type[Model]] = [User, Team, Agent, Queue]


@pytest.fixture
def desk(cast: Cast) -> Client:
    """Somebody with the role admin, signed in."""
    return window_of(cast.admin)


def make_rows(number: int) -> None:
    """`number` more rows of everything."""
    start = InboxEvent.objects.count()
    user = User.objects.get(name="Dana Whitfield")
    for n in range(start, start + number):
        leg = f"v3:leg-{n}"
        InboxEvent.objects.create(
            event_id=f"e-{n}", source="webhook", event_type="call.hangup", body=b"{}", received_at=NOW
        )
        Fact.objects.create(
            event=f"e-{n}", subject="conference:c", leg=leg, kind="joined", at=NOW, rank=1, source="webhook"
        )
        call = BridgedCall.objects.create(started_at=NOW)
        BridgedLeg.objects.create(call=call, call_control_id=leg, opened_by=f"e-{n}", bridged_at=NOW)
        Supervision.objects.create(
            root=UUID(int=n),
            user=user,
            user_name=user.name,
            conference_id=f"c-{n}",
            conference_name=f"Sales {n}",
            asked_role="monitor",
            role="monitor",
            state="ended",
            requested_at=NOW,
        )
        Call.objects.create(call_control_id=leg, from_number=f"+1617555{n:04}", direction="incoming")
        TelnyxStatus.objects.create(reachable=True)
        conference = Conference.objects.create(id=f"c-{n}", name=f"Sales {n}")
        Participant.objects.create(
            conference=conference, call_control_id=leg, opened_by=f"e-{n}", joined_at=NOW
        )
        queue = Queue.objects.create(name=f"Queue {n}")
        QueuedCall.objects.create(queue=queue, call_control_id=leg, opened_by=f"e-{n}", enqueued_at=NOW)
        recording = Recording.objects.create(recording_id=f"r-{n}", name=f"Sales {n}", at=NOW)
        Voice.objects.create(recording=recording, leg=leg)
        team = Team.objects.create(name=f"Team {n}")
        TeamQueue.objects.create(team=team, queue_name=f"Queue {n}")
        tokens.create(f"token {n}", teams=[team.name])
        press(user, f"subject:{n}")
        person = User.objects.create_user(f"person{n}@earshot.example", name=f"Person {n}")
        wall = Wallboard.objects.create(name=f"Wall {n}")
        Device.objects.create(
            wallboard=wall, name=f"Screen {n}", link_hash=leg, made_by=user, made_at=NOW, expires_at=NOW
        )
        person.groups.add(Group.objects.get_or_create(name="agent")[0])
        person.teams.add(team)
        Agent.objects.create(name=f"Agent {n}", number=f"+1312555{n:04}", user=person, team=team)


def press(user: User, subject: str) -> Command:
    return Command.objects.create(
        user=user,
        user_name=user.name,
        action="mute",
        family="mute",
        subject=subject,
        subject_name="Sales 1",
        created_at=timezone.now(),
    )


# --- who ---------------------------------------------------------------------------------------------------
def test_only_the_role_admin_opens_it(cast: Cast) -> None:
    for person in cast:
        client = window_of(person)
        status = client.get("/admin/", follow=True).status_code
        assert status == (200 if person == cast.admin else 403), person.name


def test_stored_permissions_do_not_open_it(cast: Cast) -> None:
    cast.supervisor.user_permissions.set(Permission.objects.all())
    client = window_of(cast.supervisor)
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(address(User)).status_code == 302


def test_a_superuser_has_the_role(db: None) -> None:
    root = User.objects.create_superuser("root@earshot.example", PASSWORD, name="Root")
    assert window_of(root).get(address(User)).status_code == 200


def test_somebody_who_lost_the_role_is_out(cast: Cast, desk: Client) -> None:
    assert desk.get(address(User)).status_code == 200
    cast.admin.groups.clear()
    assert desk.get(address(User), follow=True).status_code == 403


def test_its_sign_in_is_the_ordinary_page_with_its_limits(cast: Cast) -> None:
    cache.clear()
    client = Client()
    asked = client.get(address(InboxEvent))
    assert asked["location"].startswith("/admin/login/")
    sent = client.get(asked["location"])
    assert sent["location"] == f"/accounts/login/?next={address(InboxEvent)}"
    given = {"username": cast.admin.email, "password": PASSWORD}
    assert client.post("/admin/login/", given)["location"].startswith("/accounts/login/")
    assert not signed_in(client)
    for _ in range(6):
        enter(client, cast.admin.email, "wrong")
    assert client.post("/admin/login/", given).status_code == 302
    enter(client, cast.admin.email, PASSWORD)
    assert not signed_in(client)


# --- what --------------------------------------------------------------------------------------------------
def test_these_pages_and_no_others() -> None:
    assert set(admin.site._registry) == {*READ_ONLY, *EDITABLE}


@pytest.mark.parametrize("model", READ_ONLY, ids=lambda model: model.__name__)
def test_records_are_shown_and_never_edited(desk: Client, model: type[Model]) -> None:
    make_rows(1)
    row = model._default_manager.all()[0]
    before = model._default_manager.values().get(pk=row.pk)
    page = desk.get(address(model, "change", row.pk))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert desk.get(address(model, "add")).status_code == 403
    assert desk.post(address(model, "change", row.pk), {}).status_code == 403
    assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    desk.post(address(model), chosen)
    assert model._default_manager.values().get(pk=row.pk) == before


@pytest.mark.parametrize("model", READ_ONLY + EDITABLE, ids=lambda model: model.__name__)
def test_a_list_asks_as_often_for_many_rows_as_for_few(desk: Client, model: type[Model]) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(address(model)).status_code == 200
        return len(queries)

    make_rows(2)
    few = asked()
    make_rows(8)
    assert asked() == few
    assert few < 15


@pytest.mark.parametrize("model", READ_ONLY + EDITABLE, ids=lambda model: model.__name__)
def test_every_list_can_be_searched(desk: Client, model: type[Model]) -> None:
    make_rows(1)
    assert desk.get(address(model), {"q": "Sales"}).status_code == 200


def test_a_conference_shows_who_was_in_it(desk: Client) -> None:
    make_rows(1)
    assert b"v3:leg-0" in desk.get(address(Conference, "change", "c-0")).content


# --- people ------------------------------------------------------------------------------------------------
def test_an_account_is_made_with_a_role_and_gets_in(cast: Cast, desk: Client) -> None:
    cache.clear()
    role = Group.objects.get(name="supervisor")
    given = {
        "email": "New.Person@Earshot.example",
        "name": "New Person",
        "groups": [role.pk],
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    assert desk.post(address(User, "add"), given).status_code == 302
    made = User.objects.get(name="New Person")
    assert made.email == "new.person@earshot.example"
    assert [group.name for group in made.groups.all()] == ["supervisor"]
    client = Client()
    enter(client, "new.person@earshot.example", PASSWORD)
    assert signed_in(client)


def test_an_address_is_used_once_whatever_its_case(cast: Cast, desk: Client) -> None:
    given = {"name": "Double", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    answer = desk.post(address(User, "add"), given | {"email": cast.agent.email.upper()})
    assert answer.status_code == 200 and b"already exists" in answer.content
    assert not User.objects.filter(name="Double").exists()


def test_a_role_is_changed_and_an_account_switched_off_but_never_deleted(cast: Cast, desk: Client) -> None:
    role = Group.objects.get(name="supervisor")
    given = {"email": cast.agent.email, "name": cast.agent.name, "groups": [role.pk]}
    assert desk.post(address(User, "change", cast.agent.pk), given).status_code == 302
    changed = User.objects.get(pk=cast.agent.pk)
    assert not changed.is_active and [group.name for group in changed.groups.all()] == ["supervisor"]
    assert desk.post(address(User, "delete", cast.agent.pk), {"post": "yes"}).status_code == 403


def test_a_password_is_given_anew(cast: Cast, desk: Client) -> None:
    cache.clear()
    new = "quite another battery"
    path = f"/admin/dashboard/user/{cast.agent.pk}/password/"
    given = {"usable_password": "true", "password1": new, "password2": new}
    assert desk.post(path, given).status_code == 302
    client = Client()
    enter(client, cast.agent.email, new)
    assert signed_in(client)


def test_sign_in_is_unlocked(cast: Cast, desk: Client) -> None:
    cache.clear()
    client = Client()
    for _ in range(6):
        enter(client, cast.agent.email, "wrong")
    desk.post(address(User), {"action": "unlock", "_selected_action": [cast.agent.pk]})
    enter(client, cast.agent.email, PASSWORD)
    assert signed_in(client)


def test_a_lost_second_factor_is_removed(cast: Cast, desk: Client) -> None:
    TOTP.activate(cast.agent, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    TOTP.activate(cast.supervisor, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    desk.post(address(User), {"action": "remove_second_factor", "_selected_action": [cast.agent.pk]})
    assert [row.user for row in Authenticator.objects.all()] == [cast.supervisor]


def test_tokens_are_revoked_and_their_hashes_not_shown(cast: Cast, desk: Client) -> None:
    tokens.create("wallboard")
    row = ApiToken.objects.get()
    assert row.token_hash not in desk.get(address(ApiToken, "change", row.pk)).content.decode()
    desk.post(address(ApiToken), {"action": "revoke", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.revoked_at is not None and timezone.now() - row.revoked_at < timedelta(minutes=1)


# --- settings that pages show ------------------------------------------------------------------------------
def test_a_queues_settings_are_edited_and_nothing_else(cast: Cast, desk: Client) -> None:
    queue = Queue.objects.create(name="Billing", max_size=50, version=7)
    given = {
        "wait_target_seconds": 60,
        "service_level_percent": 90,
        "risk_percent": 75,
        "waiting_limit": 4,
        "abandoned_limit_percent": 3,
        "short_abandon_seconds": 6,
        "max_size": 50,
        "name": "Other",
        "version": 1,
    }
    assert desk.post(address(Queue, "change", queue.pk), given).status_code == 302
    kept = Queue.objects.get()
    assert (kept.wait_target_seconds, kept.service_level_percent, kept.waiting_limit) == (60, 90, 4)
    assert (kept.name, kept.max_size, kept.version) == ("Billing", 50, 8)
    assert desk.post(address(Queue, "delete", queue.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("what", ["add", "change", "delete", "delete many"])
def test_a_change_of_the_directory_redraws_what_is_live(cast: Cast, desk: Client, what: str) -> None:
    agent = Agent.objects.get(name="Priya Nair")
    Conference.objects.create(id="live", version=3)
    Conference.objects.create(id="over", status="completed", version=3)
    Queue.objects.create(name="Billing", version=5)
    given = {"name": "Priya N. Nair", "title": "Agent", "number": "+13125550199"}
    paths = {
        "add": (address(Agent, "add"), given),
        "change": (address(Agent, "change", agent.pk), given),
        "delete": (address(Agent, "delete", agent.pk), {"post": "yes"}),
        "delete many": (
            address(Agent),
            {"action": "delete_selected", "_selected_action": [agent.pk], "post": "yes"},
        ),
    }
    path, data = paths[what]
    assert desk.post(path, data).status_code == 302
    assert dict(Conference.objects.values_list("id", "version")) == {"live": 4, "over": 3}
    assert Queue.objects.get().version == 6


# --- what every page of it says -----------------------------------------------------------------------
def clock_is_off(seconds: float) -> None:
    now = timezone.now()
    told = {"serves": True, "worked": now.timestamp(), "telnyx": {"clock_offset": seconds}}
    Vital.objects.update_or_create(process="a", defaults={"started_at": now, "beat_at": now, "figures": told})
    measures.measure()


@pytest.mark.parametrize("path", ["/admin/", "/admin/dashboard/user/", "/admin/dashboard/user/add/"])
def test_a_clock_that_is_off_is_said(desk: Client, path: str) -> None:
    def said() -> str:
        return desk.get(path).content.decode()

    assert "clock" not in said()
    clock_is_off(-30)
    assert "clock" not in said()
    clock_is_off(-42)
    assert "clock is not Telnyx’s: Off by 42 s. Webhooks are refused from 5:00 on." in said()
    clock_is_off(301)
    assert "Off by 301 s. Every webhook is refused" in said()


def test_its_pages_have_an_icon(desk: Client) -> None:
    for path in ("/admin/", "/admin/dashboard/user/add/", "/admin/set-up/"):
        assert '<link rel="icon" href="/static/favicon' in desk.get(path).content.decode(), path
