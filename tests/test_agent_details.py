"""One agent beside the list: what they do, what was pressed with them, what Telnyx says without news."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from agents.live_one import OneAgent
from bridged_calls.models import BridgedCall
from conferences.models import Hand
from dashboard.boards import Audience
from dashboard.models import Agent, Command, Team, User
from supervision.models import Supervision
from supervisor_site.admin import relabel
from supervisor_site.rebuild import rebuild
from supervisor_site.webhooks import project_now
from telephony.client import install
from telephony.models import Call, InboxEvent
from tests.support.answering import Answering
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast, gather_cast
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told
from tests.test_activity import LEG, listened, mark, pressed
from tests.test_agents_page import (
    OWEN,
    OWENS,
    PAGE,
    PRIYA,
    answer,
    joins,
    raise_hand,
    rings,
    row,
    state_of,
    tells,
)
from tests.test_my_calls import seconds_of_today, talk_today
from tests.test_raised_hands import done


def details(user: User, pk: int | None = None, form: str = "pane") -> str:
    """Of Priya Nair, unless another is named; "" where there are none."""
    client = Client()
    client.force_login(user)
    answer = client.get(f"{PAGE}{pk or priya()}/{form}")
    return answer.content.decode() if answer.status_code == 200 else ""


def priya() -> int:
    return Agent.objects.get(number=PRIYA).pk


def press(user: User, path: str) -> None:
    client = Client()
    client.force_login(user)
    assert client.post(f"/conferences/{CONFERENCE}/{path}").status_code == 204


@pytest.mark.django_db
def test_the_details_say_what_they_do_and_what_was_done_with_them(cast: Cast) -> None:
    assert "In no call." in details(cast.supervisor) and "Nothing was pressed" in details(cast.supervisor)
    tell(joins())
    raise_hand()
    hand = Hand.objects.get().pk
    press(cast.supervisor, f"hands/{hand}/coming")
    html = details(cast.supervisor)
    assert (
        "Claims 3307" in html and f'href="/conferences/{CONFERENCE}/"' in html and "+1 415 ••• 0142" in html
    )
    assert f'data-own-for="{CONFERENCE}"' in html and "On a call" in html
    assert (
        "Dana Whitfield is coming" in html
        and f'hx-post="/conferences/{CONFERENCE}/hands/{hand}/lower"' in html
    )
    latest = html.partition(">Latest<")[2]
    assert "comes to the raised hand of Priya Nair" in latest
    tell([told("call.hangup", 71, AGENT, hangup_cause="normal_clearing")])
    assert "comes to the raised hand" in details(cast.supervisor)
    assert "Priya Nair" in details(cast.supervisor, form="")


@pytest.mark.django_db
def test_what_was_done_with_somebody_else_is_not_among_it(cast: Cast) -> None:
    tell([*joins(), rings(OWENS, OWEN, 5), told("conference.participant.joined", 6, OWENS)])
    about = {"subject": f"conference:{CONFERENCE}", "created_at": at(20), "settled_at": at(21)}
    pressed = {"user": cast.supervisor, "user_name": "Dana Whitfield", "action": "mute", "family": "mute"}
    Command.objects.create(**about, **pressed, target="Priya Nair", legs=[AGENT], state="done")
    owen = Agent.objects.get(number=OWEN).pk
    assert "muted Priya Nair" in details(cast.supervisor)
    assert "muted Priya Nair" not in details(cast.supervisor, owen)


@pytest.mark.django_db
def test_what_was_pressed_on_a_bridged_call_is_among_it(cast: Cast) -> None:
    about = {"from": "+14155550142", "to": "+18005550110", "direction": "incoming"}
    tell([rings(), told("call.initiated", 0, CALLER, **about)])
    tell([told("call.bridged", 5, AGENT), told("call.bridged", 5, CALLER)])
    call = BridgedCall.objects.get()
    press = {"user": cast.supervisor, "user_name": "Dana Whitfield", "created_at": at(9), "settled_at": at(9)}
    end = {"action": "end", "family": "end", "target": "everyone", "state": "done"}
    Command.objects.create(**press, **end, subject=f"bridged:{call.pk}", legs=[AGENT, CALLER])
    assert "ended the call" in details(cast.supervisor).partition(">Latest<")[2]
    tell([told("call.hangup", 10, AGENT, hangup_cause="normal_clearing"), *joins()[1:]])
    assert "ended the call" in details(cast.supervisor).partition(">Latest<")[2]


@pytest.mark.django_db
def test_the_details_are_seen_by_whom_the_agent_is(cast: Cast) -> None:
    tell(joins())
    for form in ("", "pane"):
        assert not details(cast.seller, form=form) and not details(cast.agent, form=form)
        assert "Priya Nair" in details(cast.admin, form=form)
    assert "+1 312 ••• 0147" in details(cast.supervisor) and "5550147" not in details(cast.supervisor)
    assert "+1 312 555 0147" in details(cast.admin)


@pytest.mark.django_db
def test_who_leaves_the_readers_teams_leaves_the_open_details(cast: Cast) -> None:
    owen = Agent.objects.get(number=OWEN).pk
    board, audience = OneAgent(), Audience(cast.seller.actions, cast.seller.scope)
    [shown] = board.snapshot(audience, str(owen))
    Agent.objects.filter(pk=owen).update(team=Team.objects.get(name="Claims"))
    relabel()
    [gone] = board.changed(audience, str(owen), {("directory", "")})
    assert gone.id == shown.id and gone.html is None and gone.version > shown.version
    assert not board.snapshot(audience, str(owen)) and not board.versions(audience, str(owen))


@pytest.mark.django_db(transaction=True)
async def test_the_details_are_pushed(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    pk = await sync_to_async(priya)()
    session = await session_of_async(cast.supervisor)
    guard = partial(live_equals_reload, site, session, f"{PAGE}{pk}/")
    await guard(tells(rings()), until=lambda html: "Nobody has answered yet" in html)
    await guard(partial(tell, joins()[1:]), until=lambda html: "Claims 3307" in html)
    await guard(raise_hand, until=lambda html: "Nobody has answered<" in html)
    hand = await Hand.objects.aget()
    seen = partial(press, cast.colleague, f"hands/{hand.pk}/seen")
    await guard(seen, until=lambda html: "saw the raised hand of" in html)
    ended = told("conference.ended", 90, reason="all_left")
    await guard(tells(ended), until=lambda html: "Claims 3307" not in html)
    gone = told("call.hangup", 91, AGENT, hangup_cause="normal_clearing")
    await guard(tells(gone), until=lambda html: "In no call." in html)
    assert "No call yet today." in await site.get(f"{PAGE}{pk}/", session)
    await guard(talk_today, until=lambda html: 'class="talk now"' in html and "On a call, now" in html)
    over = told("call.hangup", seconds_of_today() + 1, "v3:today", hangup_cause="normal_clearing")
    await guard(tells(over), until=lambda html: 'class="talk"' in html and "As a table, 1 row<" in html)


def listen_today(user: User) -> None:
    """Somebody comes to the call of today to listen."""
    row = listened(user, "today", "Support 2283", leg=LEG)
    dialled = {"direction": "outgoing", "to": "+13125559001", "client_state": mark(row)}
    tell([told("call.initiated", seconds_of_today() + 0.1, LEG, **dialled)])
    tell([told("conference.participant.joined", seconds_of_today() + 0.1, LEG, conference_id="today")])


def whisper_today() -> None:
    row, since = Supervision.objects.get(), seconds_of_today() + 0.2
    options = {"supervisor_role": "whisper", "whisper_call_control_ids": ["v3:today"]}
    press = pressed(row, "to-whisper", since, since, detail={"options": options})
    said: dict[str, Any] = {
        "supervision": str(row.pk),
        "legs": [LEG],
        "conference_id": "today",
        "options": options,
    }
    tell([told("reply.to-whisper", since, name=f"reply:{press.pk}", **said)])


def leave_today() -> None:
    tell([told("conference.participant.left", seconds_of_today() + 0.3, LEG, conference_id="today")])


@pytest.mark.django_db(transaction=True)
async def test_who_supervises_and_a_raised_hand_are_drawn_on_the_day(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    pk = await sync_to_async(priya)()
    await sync_to_async(talk_today)()
    guard = partial(live_equals_reload, site, await session_of_async(cast.supervisor), f"{PAGE}{pk}/")
    await guard(
        partial(listen_today, cast.supervisor),
        until=lambda html: "Listened to by Dana Whitfield, now" in html,
    )
    await guard(whisper_today, until=lambda html: "Whispered to by Dana Whitfield, now" in html)
    await guard(
        leave_today, until=lambda html: 'class="ear-whisper"' in html and "Whitfield, now" not in html
    )
    raise_it = partial(done, cast.agent, "/my-calls/today/raise-hand", reason="help", words="")
    await guard(raise_it, until=lambda html: "hand-tick" in html and "Raised a hand: I need help" in html)


# --- Ask Telnyx ------------------------------------------------------------------------------------------
@pytest.fixture
def telnyx() -> Iterator[Answering]:
    """Answers about every leg with the body that it is given."""
    app = Answering(body={"data": {"is_alive": True, "start_time": at(0).isoformat()}})
    install(app.client())
    yield app
    install(None)


def ask(user: User) -> tuple[int, str]:
    client = Client()
    client.force_login(user)
    got = client.post(f"{PAGE}{priya()}/ask-telnyx")
    project_now()
    return got.status_code, got.json()["title"] if got.status_code >= 400 else got.content.decode()


@pytest.mark.django_db
@pytest.mark.engines
def test_what_telnyx_says_of_a_silent_leg_is_a_fact_like_any_other(cast: Cast, telnyx: Answering) -> None:
    tell([rings()])
    assert "Ask Telnyx" in row(answer(cast.supervisor), "Priya Nair")
    assert ask(cast.supervisor) == (200, "Telnyx: the call goes on since 12:00:00.")
    assert state_of(answer(cast.supervisor), "Priya Nair") == "ringing"
    telnyx.body = {"data": {"is_alive": False, "end_time": at(40).isoformat()}}
    assert ask(cast.supervisor) == (200, "Telnyx: the call ended at 12:00:40.")
    assert len(telnyx.asked) == 2 and InboxEvent.objects.filter(source="read").count() == 2
    assert state_of(answer(cast.supervisor), "Priya Nair") == "free"
    assert 'data-since="2026-11-23T12:00:40Z"' in row(answer(cast.supervisor), "Priya Nair")
    rebuild()
    assert Call.objects.get().ended_at == at(40)
    # A webhook that comes all the same knows better.
    tell([told("call.hangup", 39, AGENT, hangup_cause="no_answer")])
    assert Call.objects.get().ended_at == at(39)
    assert ask(cast.supervisor) == (409, "This changed while you pressed.")
    assert len(telnyx.asked) == 2


@pytest.mark.django_db
def test_a_leg_that_telnyx_has_forgotten_is_over(cast: Cast, telnyx: Answering) -> None:
    tell([rings()])
    telnyx.status = 404
    assert ask(cast.supervisor) == (200, "Telnyx does not know the call any more: it is over.")
    assert state_of(answer(cast.supervisor), "Priya Nair") == "free"


@pytest.mark.django_db
def test_a_telnyx_that_does_not_answer_changes_nothing(cast: Cast, telnyx: Answering) -> None:
    tell([rings()])
    telnyx.status = 401
    assert ask(cast.supervisor) == (502, "Telnyx does not say.")
    assert state_of(answer(cast.supervisor), "Priya Nair") == "ringing"
    assert not InboxEvent.objects.filter(source="read").exists()


@pytest.mark.django_db
def test_who_does_not_see_the_agent_asks_nothing(cast: Cast, telnyx: Answering) -> None:
    tell([rings()])
    for who in (cast.seller, cast.agent, cast.stranger):
        assert ask(who) == (404, "There is no such agent.")
    assert not telnyx.asked


@pytest.mark.django_db(transaction=True)
async def test_what_telnyx_said_is_pushed(site: InProcess, telnyx: Answering) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)([rings()])
    telnyx.body = {"data": {"is_alive": False, "end_time": at(40).isoformat()}}
    guard = partial(live_equals_reload, site, await session_of_async(cast.supervisor), PAGE)
    await guard(partial(ask, cast.supervisor), until=lambda html: state_of(html, "Priya Nair") == "free")
