"""An agent's own page: what is on it, what is pushed to it, and to nobody else."""

from collections.abc import Callable
from functools import partial

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from conferences.models import Conference, Participant
from dashboard.models import Agent, Command, Team, TeamQueue, User
from queues.windows import midnight
from supervisor_site.admin import relabel
from supervisor_site.rebuild import rebuild
from tests.support.live_page import live_equals_reload
from tests.support.people import SALES, Cast, gather_cast
from tests.support.sites import Closed, InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, NOON, at, tell, told

PAGE = "/my-calls/"
NUMBERS = {"from": "+18005550110", "to": "+13125550147"}
OTHER_AGENT, OTHERS = "v3:owen", "another-conference"


def rings() -> bytes:
    return told("call.initiated", 0, AGENT, direction="outgoing", **NUMBERS)


def joins() -> list[bytes]:
    """The agent's and a caller's legs meet in a conference; another agent has one of their own."""
    return [
        rings(),
        told("call.initiated", 1, CALLER, direction="incoming", **{"from": "+14155550142", "to": "+1800"}),
        told("call.enqueued", 1.5, CALLER, queue="Claims"),
        told("conference.participant.joined", 2, CALLER),
        told("conference.participant.joined", 3, AGENT),
        told("call.initiated", 4, OTHER_AGENT, direction="outgoing", **{"from": "+1", "to": "+13125550148"}),
        told("conference.participant.joined", 5, OTHER_AGENT, conference_id=OTHERS),
    ]


def window_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User) -> str:
    return window_of(User.objects.get(pk=user.pk)).get(PAGE).content.decode()


def supervise(cast: Cast, role: str, whisper_to: tuple[str, ...] = ()) -> None:
    """A supervisor's leg is in the conference with this role, as our own commands and Telnyx tell it."""
    from telephony import marks

    mark = marks.Mark("5b0f6f0e-1111-4222-8333-944445555666", cast.supervisor.pk, CONFERENCE, role)
    told_ = {"direction": "outgoing", "from": "+1", "to": "+13125559001", "client_state": marks.write(mark)}
    options = {"supervisor_role": role, "whisper_call_control_ids": list(whisper_to)}
    tell(
        [
            told("call.initiated", 6, "v3:dana", **told_),
            told("conference.participant.joined", 7, "v3:dana"),
            told("reply.role", 8, conference_id=CONFERENCE, legs=["v3:dana"], options=options),
        ]
    )


# --- what is on it -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_is_the_home_of_an_agent_and_of_nobody_else(cast: Cast) -> None:
    assert window_of(cast.agent).get("/").headers["Location"] == PAGE
    assert window_of(cast.supervisor).get("/").headers["Location"] == "/floor/"
    assert window_of(cast.supervisor).get(PAGE).status_code == 403
    assert window_of(cast.stranger).get(PAGE).status_code == 403


@pytest.mark.django_db
@pytest.mark.engines
def test_the_call_before_an_agent_is_theirs_alone(cast: Cast) -> None:
    tell(joins())
    html = page(cast.agent)
    assert f'id="mine-call-{CONFERENCE}"' in html and OTHERS not in html
    assert "+1 415 ••• 0142" in html and "4155550142" not in html
    for word in ("Mute me", "Hold caller", "Pause recording", "Digits", "To queue", "Leave"):
        assert word in html
    assert "Nothing is recorded." in html


@pytest.mark.django_db
def test_without_a_call_they_are_free_since_the_last(cast: Cast) -> None:
    assert "You are free." in page(cast.agent)
    tell([*joins(), told("call.hangup", 71, AGENT, hangup_cause="normal_clearing")])
    assert 'You are free since <time datetime="2026-11-23T12:01:11Z">' in page(cast.agent)
    assert "mine-call-" not in page(cast.agent)


@pytest.mark.django_db
def test_a_leg_that_rings_and_a_call_without_a_conference(cast: Cast) -> None:
    tell([rings()])
    assert "Ringing" in page(cast.agent) and "At +1 312 555 0147." in page(cast.agent)
    tell([told("call.answered", 4, AGENT)])
    assert "It is in no conference" in page(cast.agent)


@pytest.mark.django_db
def test_a_caller_who_was_moved_and_the_longest_call_are_told_of_today(cast: Cast) -> None:
    moved = [
        told("call.enqueued", 60, CALLER, queue="Billing"),
        told("conference.participant.left", 60.2, CALLER),
        told("conference.participant.left", 65, AGENT),
    ]
    with time_machine.travel(at(3600), tick=False):
        tell([*joins(), *moved])
        html = page(cast.agent)
        assert "Moved to Billing" in html and "<dt>Longest</dt><dd>1:02</dd>" in html
        # Whether the next is longer is the browser's to say while it goes on.
        tell([told("conference.participant.joined", 100, AGENT, conference_id="next")])
        longest = page(cast.agent).partition("<dt>Longest</dt>")[2].partition("</dd>")[0]
        assert 'data-since="2026-11-23T12:01:40Z"' in longest and 'data-least="62"' in longest
        # Who came back to the call was not moved from it.
        tell([told("conference.participant.joined", 120, CALLER)])
        tell([told("conference.participant.left", 130, CALLER)])
        assert "Moved to Billing" not in page(cast.agent)


@pytest.mark.django_db
def test_who_is_in_no_directory_is_told_what_an_admin_must_do(cast: Cast) -> None:
    Agent.objects.filter(user=cast.agent).update(user=None)
    html = page(cast.agent)
    assert "Earshot does not know your phone yet." in html
    assert "An admin opens the directory (Admin, Agents)" in html


@pytest.mark.django_db
def test_their_queues_are_those_of_the_team_or_all_that_they_see(cast: Cast) -> None:
    tell([told("call.enqueued", 0, "v3:a", queue=SALES), told("call.enqueued", 1, "v3:b", queue="Claims")])
    assert SALES in page(cast.agent) and "Claims" in page(cast.agent)
    TeamQueue.objects.create(team=Team.objects.get(name="Claims"), queue_name="Claims")
    html = page(cast.agent).partition('data-list="my-queues"')[2]
    assert "Claims" in html and SALES not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("policy", "sign", "named"),
    [("named", "Supervised: Dana Whitfield is listening", True), ("plain", "Supervised,", False)],
)
def test_who_listens_is_told_by_the_teams_policy(cast: Cast, policy: str, sign: str, named: bool) -> None:
    Team.objects.update(tells_agents=policy)
    tell(joins())
    supervise(cast, "monitor")
    html = page(cast.agent)
    assert sign in html
    assert ("Dana" in html) is named


@pytest.mark.django_db
def test_of_a_listener_nothing_at_all_is_told_where_the_team_says_so(cast: Cast) -> None:
    Team.objects.update(tells_agents="nothing")
    tell(joins())
    before = page(cast.agent)
    supervise(cast, "monitor")
    after = page(cast.agent)
    assert "Dana" not in after and "Supervised" not in after
    assert "In the conference, 2" in before and "In the conference, 2" in after


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "sign"), [("whisper", "Dana Whitfield whispers"), ("barge", "Dana Whitfield has barged in")]
)
def test_who_can_be_heard_is_always_told(cast: Cast, role: str, sign: str) -> None:
    Team.objects.update(tells_agents="nothing")
    tell(joins())
    supervise(cast, role, (AGENT,) if role == "whisper" else ())
    assert f'data-tone="{role}"' in page(cast.agent)
    assert sign in page(cast.agent)


@pytest.mark.django_db
def test_a_leg_with_which_one_supervises_is_no_call_of_ones_own(cast: Cast) -> None:
    Agent.objects.filter(user=cast.agent).update(number="+13125559001")
    tell(joins())
    supervise(cast, "monitor")
    assert "mine-call-" not in page(cast.agent)


# --- what is pressed -----------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "button", ["mute", "leave", "pause", "raise-hand", "people/{}/hold", "people/{}/digits"]
)
def test_nothing_can_be_pressed_in_anothers_call(cast: Cast, button: str) -> None:
    tell(joins())
    owen = Participant.objects.get(call_control_id=OTHER_AGENT).pk
    answer = window_of(cast.agent).post(f"{PAGE}{OTHERS}/{button.format(owen)}", {"reason": "help"})
    assert (answer.status_code, answer.json()["title"]) == (404, "You are not in this call any more.")
    assert not Command.objects.exists()


@pytest.mark.django_db
def test_another_agent_in_the_same_call_cannot_be_held(cast: Cast) -> None:
    tell([*joins(), told("conference.participant.joined", 9, OTHER_AGENT)])
    owen = Participant.objects.get(call_control_id=OTHER_AGENT, conference=CONFERENCE).pk
    answer = window_of(cast.agent).post(f"{PAGE}{CONFERENCE}/people/{owen}/hold")
    assert (answer.status_code, answer.json()["title"]) == (403, "This is not a caller.")
    stranger = Participant.objects.get(call_control_id=OTHER_AGENT, conference=OTHERS).pk
    answer = window_of(cast.agent).post(f"{PAGE}{CONFERENCE}/people/{stranger}/hold")
    assert (answer.status_code, answer.json()["title"]) == (409, "The caller has left.")


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["supervisor", "admin", "stranger"])
def test_the_buttons_are_an_agents_alone(cast: Cast, who: str) -> None:
    tell(joins())
    answer = window_of(getattr(cast, who)).post(f"{PAGE}{CONFERENCE}/mute")
    assert (answer.status_code, answer.json()["title"]) == (403, "Your role may not do this.")


@pytest.mark.django_db
def test_the_floors_own_buttons_are_not_an_agents(cast: Cast) -> None:
    tell(joins())
    for button in ("mute-everyone", "end", "record", "hands/1/coming"):
        assert window_of(cast.agent).post(f"/conferences/{CONFERENCE}/{button}").status_code == 403


# --- what is pushed ------------------------------------------------------------------------------------
def tells(*bodies: bytes) -> Callable[[], None]:
    return partial(tell, bodies)


@pytest.mark.django_db(transaction=True)
async def test_a_call_comes_changes_and_goes_on_the_open_page(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    session = await session_of_async(cast.agent)
    guard = partial(live_equals_reload, site, session, PAGE)
    await guard(tells(rings()), until=lambda html: "Ringing" in html)
    await guard(partial(tell, joins()[1:]), until=lambda html: "Hold caller" in html)
    held = told("reply.hold", 9, conference_id=CONFERENCE, legs=[CALLER])
    await guard(tells(held), until=lambda html: "Resume caller" in html)
    muted = told("reply.mute", 10, conference_id=CONFERENCE, legs=[AGENT])
    await guard(tells(muted), until=lambda html: "You are muted" in html)
    await guard(sync(supervise, cast, "monitor"), until=lambda html: "Supervised," in html)
    await guard(sync(set_policy, "named"), until=lambda html: "Dana Whitfield is listening" in html)
    await guard(tells(told("call.enqueued", 20, "v3:q", queue=SALES)), until=lambda html: SALES in html)
    await guard(rebuild, until=lambda html: "Resume caller" in html)
    ended = told("conference.ended", 90, reason="all_left")
    await guard(tells(ended), until=lambda html: "mine-call-" not in html)
    gone = told("call.hangup", 91, AGENT, hangup_cause="normal_clearing")
    await guard(tells(gone), until=lambda html: "You are free since" in html)
    assert "No call yet today." in await site.get(PAGE, await session_of_async(cast.agent))
    await guard(talk_today, until=lambda html: "On now" in html and "Support 2283" in html)
    await guard(move_today, until=lambda html: "Moved to Billing" in html)


def seconds_of_today() -> float:
    """Half of this day ago, whatever time it is."""
    now = timezone.now()
    return (midnight(now) + (now - midnight(now)) / 2 - NOON).total_seconds()


def talk_today() -> None:
    since = seconds_of_today()
    about = {"direction": "outgoing", "from": "+18005550110", "to": "+13125550147"}
    tell([told("call.initiated", since, "v3:today", **about)])
    tell([told("conference.participant.joined", since, "v3:today", conference_id="today")])
    named = told("read.conference", since, conference_id="today", conference={"name": "Support 2283"})
    tell([named])


def move_today() -> None:
    """A caller comes to that call and goes to a queue, then the agent hangs up."""
    since = seconds_of_today()
    about = {"direction": "incoming", "from": "+14155550142", "to": "+18005550110"}
    tell([told("call.initiated", since, "v3:moved", **about)])
    tell([told("conference.participant.joined", since + 0.01, "v3:moved", conference_id="today")])
    tell([told("call.enqueued", since + 0.02, "v3:moved", queue="Billing")])
    tell([told("conference.participant.left", since + 0.03, "v3:moved", conference_id="today")])
    tell([told("call.hangup", since + 0.04, "v3:today", hangup_cause="normal_clearing")])


def sync(act: Callable[..., None], *given: object) -> Callable[[], None]:
    return partial(act, *given)


def set_policy(policy: str) -> None:
    Team.objects.update(tells_agents=policy)
    relabel()


def enter(user: User, number: str | None) -> None:
    Agent.objects.filter(user=user).update(user=None)
    if number:
        Agent.objects.filter(number=number).update(user=user)
    relabel()


@pytest.mark.django_db(transaction=True)
async def test_a_change_of_the_directory_reaches_the_open_page(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)(joins())
    guard = partial(live_equals_reload, site, await session_of_async(cast.agent), PAGE)
    await guard(sync(enter, cast.agent, None), until=lambda html: "does not know your phone" in html)
    # Whose legs they are is the directory's to say, from one moment to the next.
    await guard(sync(enter, cast.agent, "+13125550148"), until=lambda html: OTHERS in html)
    await guard(sync(enter, cast.agent, "+13125550147"), until=lambda html: CONFERENCE in html)


@pytest.mark.django_db(transaction=True)
async def test_another_persons_page_cannot_be_watched(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    for who, code in ((cast.admin, 1008), (cast.supervisor, 1008)):
        assert await closing_code(site, who, f"mine:{cast.agent.pk}") == code
    assert await closing_code(site, cast.supervisor, f"mine:{cast.supervisor.pk}") == 4403


async def closing_code(site: InProcess, who: User, scope: str) -> int:
    async with site.live(await session_of_async(who)) as socket:
        await socket.send(f'{{"watch": ["{scope}"]}}')
        with pytest.raises(Closed) as closed:
            while True:
                await socket.receive()
        return closed.value.code


@pytest.mark.django_db(transaction=True)
async def test_who_is_no_agent_any_more_loses_the_page(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    session = await session_of_async(cast.agent)
    async with site.live(session) as socket:
        await socket.send(f'{{"watch": ["mine:{cast.agent.pk}"]}}')
        await socket.receive()
        await sync_to_async(cast.agent.groups.remove)(await Group.objects.aget(name="agent"))
        with pytest.raises(Closed) as closed:
            while True:
                await socket.receive()
        assert closed.value.code == 4403


@pytest.mark.django_db
def test_a_change_of_anothers_conference_does_not_touch_the_page(cast: Cast) -> None:
    from agents.live import Mine
    from dashboard.boards import Audience

    tell(joins())
    board, key = Mine(), str(cast.agent.pk)
    board.snapshot(Audience(cast.agent.actions, cast.agent.scope), key)
    assert board.touches(key, ("conference", CONFERENCE))
    assert not board.touches(key, ("conference", OTHERS))
    assert Conference.objects.count() == 2
