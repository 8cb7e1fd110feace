"""The page of agents: who is on it for whom, what it says of each, its filters, what is pushed to it."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from agents import days
from agents.filters import PER_PAGE
from agents.live_roll import Agents
from agents.models import Seat
from conferences.models import Conference, Hand, Participant
from dashboard.boards import Audience
from dashboard.models import Agent, Team, User
from dashboard.pokes import poke
from queues.windows import midnight
from supervisor_site.admin import relabel
from supervisor_site.rebuild import rebuild
from telephony.models import Call
from tests.support.live_page import live_equals_reload
from tests.support.people import SALES, SELLING_AGENT, Cast, gather_cast
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, NOON, tell, told

PAGE = "/agents/"
PRIYA, OWEN = "+13125550147", SELLING_AGENT
OWENS = "v3:owen"


def rings(leg: str = AGENT, number: str = PRIYA, seconds: float = 0) -> bytes:
    about = {"from": "+18005550110", "to": number}
    return told("call.initiated", seconds, leg, direction="outgoing", **about)


def joins() -> list[bytes]:
    """Priya Nair talks with a caller in a conference."""
    return [
        rings(),
        told("call.initiated", 1, CALLER, direction="incoming", **{"from": "+14155550142", "to": "+1800"}),
        told("conference.participant.joined", 2, CALLER),
        told("conference.participant.joined", 3, AGENT),
        told("read.conference", 4, conference={"name": "Claims 3307"}),
    ]


def answer(user: User, query: str = "") -> str:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client.get(PAGE + query).content.decode()


def row(html: str, name: str) -> str:
    """The row of the agent of this name."""
    found = [part for part in html.split("<tr ")[1:] if f'<b title="{name}"' in part]
    return found[0].partition("</tr>")[0] if found else ""


def state_of(html: str, name: str) -> str:
    return row(html, name).partition('data-state="')[2].partition('"')[0]


# --- who is on it --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_directory_is_seen_by_whom_the_floor_is_and_by_team(cast: Cast) -> None:
    assert 'href="/agents/"' in answer(cast.supervisor)
    both = answer(cast.supervisor)
    assert row(both, "Priya Nair") and row(both, "Owen Hartley")
    sales = answer(cast.seller)
    assert row(sales, "Owen Hartley") and "Priya" not in sales and "Claims" not in sales
    for who in (cast.agent, cast.stranger):
        client = Client()
        client.force_login(who)
        assert client.get(PAGE).status_code == 403
        assert 'href="/agents/"' not in client.get("/queues/").content.decode()


@pytest.mark.django_db
def test_numbers_and_sip_addresses_are_masked_for_who_may_not_see_them(cast: Cast) -> None:
    Agent.objects.filter(number=OWEN).update(sip_address="sip:owen@sip.telnyx.com")
    assert "+1 312 ••• 0148" in row(answer(cast.supervisor), "Owen Hartley")
    assert "owen@" not in answer(cast.supervisor) and "5550148" not in answer(cast.supervisor)
    whole = row(answer(cast.admin), "Owen Hartley")
    assert "+1 312 555 0148" in whole and "sip:owen@sip.telnyx.com" in whole and "Sales, Agent" in whole


@pytest.mark.django_db
def test_an_empty_directory_says_how_it_is_filled(cast: Cast) -> None:
    Agent.objects.filter(number=OWEN).delete()
    assert "into your teams" in answer(cast.seller)
    Agent.objects.all().delete()
    assert "No agents yet" in answer(cast.supervisor)
    cast.seller.teams.clear()
    assert "You are in no team yet." in answer(cast.seller)


# --- what it says of each ------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.engines
def test_an_agent_is_free_rings_talks_is_held_and_is_free_again(cast: Cast) -> None:
    assert state_of(answer(cast.supervisor), "Priya Nair") == "free"
    tell([rings()])
    assert state_of(answer(cast.supervisor), "Priya Nair") == "ringing"
    tell(joins()[1:])
    html = row(answer(cast.supervisor), "Priya Nair")
    assert 'data-state="on a call"' in html and 'data-since="2026-11-23T12:00:03Z"' in html
    assert (
        f'href="/conferences/{CONFERENCE}/" title="Claims 3307">Claims 3307</a>' in html
        and "+1 415 ••• 0142" in html
    )
    tell([told("reply.hold", 9, conference_id=CONFERENCE, legs=[CALLER])])
    assert "caller held" in row(answer(cast.supervisor), "Priya Nair")
    tell([told("reply.hold", 10, conference_id=CONFERENCE, legs=[AGENT])])
    assert state_of(answer(cast.supervisor), "Priya Nair") == "on hold"
    tell([told("conference.participant.left", 40, AGENT)])
    html = row(answer(cast.supervisor), "Priya Nair")
    assert 'data-state="after-call"' in html and 'data-since="2026-11-23T12:00:40Z"' in html
    assert state_of(answer(cast.supervisor, "?state=after"), "Priya Nair") == "after-call"
    tell([told("call.hangup", 71, AGENT, hangup_cause="normal_clearing")])
    html = row(answer(cast.supervisor), "Priya Nair")
    assert 'data-state="free"' in html and 'data-since="2026-11-23T12:01:11Z"' in html


@pytest.mark.django_db
def test_a_bridged_call_is_a_call_without_whisper(cast: Cast) -> None:
    other = {"from": "+14155550142", "to": "+18005550110"}
    tell([rings(), told("call.initiated", 0, CALLER, direction="incoming", **other)])
    tell([told("call.bridged", 5, AGENT), told("call.bridged", 5, CALLER)])
    html = row(answer(cast.supervisor), "Priya Nair")
    assert 'data-state="on a call"' in html and "Call 0142" in html and "No conference" in html
    assert 'hx-post="/bridged-calls/' in html and "No whisper without a conference" in html
    tell([told("call.hangup", 9, CALLER, hangup_cause="normal_clearing")])
    assert state_of(answer(cast.supervisor), "Priya Nair") == "after-call"


@pytest.mark.django_db
def test_who_is_nowhere_has_a_last_place(cast: Cast) -> None:
    """Said of the conference that they were in last, as long as their legs are of the last day."""

    def where() -> str:
        return words_of(row(answer(cast.supervisor), "Priya Nair"), 'td class="g-where"')

    assert where() == "None"
    tell([*joins(), told("conference.participant.left", 40, AGENT)])
    assert where() == "None left Claims 3307"
    tell([told("conference.ended", 50, reason="all_left")])
    assert where() == "None Claims 3307 ended 12:00:50"
    tell([told("call.hangup", 71, AGENT, hangup_cause="normal_clearing")])
    assert where() == "None since Claims 3307"
    tell([rings("v3:again", seconds=90)])
    assert "last seen in Claims 3307" in where()  # once it is not known any more whether it rings
    other = {"from": "+14155550155", "to": "+18005550110"}
    tell([told("call.initiated", 91, "v3:other", direction="incoming", **other)])
    tell([told("call.bridged", 95, "v3:again"), told("call.bridged", 95, "v3:other")])
    tell([told("call.hangup", 99, leg, hangup_cause="normal_clearing") for leg in ("v3:other", "v3:again")])
    assert where() == "None since Call 0155"


def words_of(html: str, tag: str) -> str:
    """What stands in the first element of this tag, which has none of its kind in it."""
    inside = html.partition(f"<{tag}>")[2].partition(f"</{tag.partition(' ')[0]}>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", inside).split())


def comes(leg: str, number: str, seconds: float) -> bytes:
    about = {"from": number, "to": "+18005550110"}
    return told("call.initiated", seconds, leg, direction="incoming", **about)


@pytest.mark.django_db
@pytest.mark.engines
def test_whose_call_rings_is_said_as_far_as_telnyx_tells(cast: Cast) -> None:
    """Of a leg that was dialled Telnyx tells the session: the one caller in it is whose call rings."""
    priya = Agent.objects.get(number=PRIYA)

    def ringer(path: str = PAGE, who: User = cast.supervisor) -> str:
        client = Client()
        client.force_login(User.objects.get(pk=who.pk))
        html = client.get(path).content.decode()
        if path != PAGE:
            return words_of(html, 'p class="ringer"')
        return words_of(row(html, "Priya Nair"), 'span class="sub at-ok"')

    def says(words: str) -> bool:
        return ringer() == words and ringer(f"/agents/{priya.pk}/pane") == words

    tell([rings(seconds=60)])
    assert says("Caller not known")
    tell([comes(CALLER, "+14155550142", 1)])
    assert says("+1 415 ••• 0142") and ringer(who=cast.admin) == "+1 415 555 0142"
    tell([told("call.enqueued", 12, CALLER, queue=SALES)])
    assert says("+1 415 ••• 0142, waiting 0:00")  # drawn by the clock
    assert 'data-since="2026-11-23T12:00:12Z"' in row(answer(cast.supervisor), "Priya Nair")
    tell([told("call.dequeued", 61, CALLER, queue=SALES, reason="bridging-in-process", wait_time_secs=49)])
    assert says("+1 415 ••• 0142, waited 0:49")
    tell([comes("v3:two", "+14155550155", 63)])
    assert says("Caller not known")  # which of the two, nobody tells
    tell([told("call.hangup", 64, CALLER, hangup_cause="normal_clearing")])
    assert says("+1 415 ••• 0155")
    tell([told("call.answered", 66, AGENT)])
    assert says("")


@pytest.mark.django_db(transaction=True)
async def test_whose_call_rings_is_pushed_with_whatever_changes_it(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    session = await session_of_async(cast.supervisor)
    priya = (await Agent.objects.aget(number=PRIYA)).pk
    await sync_to_async(tell)([rings(seconds=60)])

    for path in (PAGE, f"/agents/{priya}/"):
        guard = partial(live_equals_reload, site, session, path)
        leg = f"v3:of{path}"
        await guard(tells(comes(leg, "+14155550142", 1)), until=lambda html: "+1 415 ••• 0142" in html)
        waits = told("call.enqueued", 12, leg, queue=SALES)
        await guard(tells(waits), until=lambda html: "0142, waiting" in html)
        found = told("read.queue", 70, name=f"read:{leg}", queue=SALES, left=[leg])
        await guard(tells(found), until=lambda html: "0142, waiting" not in html)
        gone = told("call.hangup", 75, leg, hangup_cause="normal_clearing")
        await guard(tells(gone), until=lambda html: "Caller not known" in html)


@pytest.mark.django_db
def test_a_whisper_from_here_reaches_this_agent_alone(cast: Cast) -> None:
    tell([*joins(), rings(OWENS, OWEN, 5), told("conference.participant.joined", 6, OWENS)])
    html = answer(cast.supervisor)
    for leg, name in ((AGENT, "Priya Nair"), (OWENS, "Owen Hartley")):
        stay = Participant.objects.get(call_control_id=leg).pk
        assert f"""hx-vals='{{"to": "{stay}"}}'""" in row(html, name)


@pytest.mark.django_db
def test_the_filters_are_the_addresss(cast: Cast) -> None:
    tell(joins())

    def names(query: str, who: User = cast.supervisor) -> list[str]:
        html = answer(who, query)
        return [name for name in ("Owen Hartley", "Priya Nair") if row(html, name)]

    assert names("?q=priya") == ["Priya Nair"]
    assert names("?team=Sales") == ["Owen Hartley"]
    assert names("?state=call") == ["Priya Nair"]
    assert names("?state=free") == ["Owen Hartley"]
    assert names("?q=0147") == ["Priya Nair"]
    # A part of any other place would tell a masked number digit by digit.
    assert names("?q=312555") == [] and names("?q=312555", cast.admin) == ["Owen Hartley", "Priya Nair"]
    assert "No agent matches “zz”, Sales, On hold" in answer(cast.supervisor, "?q=zz&team=Sales&state=hold")
    assert "There is no page 2" in answer(cast.supervisor, "?page=2")
    assert names("?state=nonsense&sort=longest") == ["Owen Hartley", "Priya Nair"]


@pytest.mark.django_db
def test_whose_hand_is_up_comes_first_then_who_is_longest_in_a_state(cast: Cast) -> None:
    tell([*joins(), rings(OWENS, OWEN)])

    def order(query: str) -> list[str]:
        return re.findall(r'<b title="([^"]*)"', answer(cast.supervisor, query))

    assert order("") == order("?sort=longest") == order("?sort=name") == ["Owen Hartley", "Priya Nair"]
    raise_hand()
    assert order("") == ["Priya Nair", "Owen Hartley"]
    assert order("?sort=longest") == order("?sort=name") == ["Owen Hartley", "Priya Nair"]


@pytest.mark.django_db
def test_a_long_directory_has_pages(cast: Cast) -> None:
    Agent.objects.bulk_create(Agent(name=f"Agent {number:03}") for number in range(PER_PAGE))
    assert f"1–{PER_PAGE} of {PER_PAGE + 2} on screen" in answer(cast.supervisor)
    assert row(answer(cast.supervisor, "?page=2"), "Priya Nair")


# --- what is pushed ------------------------------------------------------------------------------------
def tells(*bodies: bytes) -> Callable[[], None]:
    return partial(tell, bodies)


def raise_hand() -> None:
    stay = Participant.objects.get(call_control_id=AGENT)
    about = {"conference": stay.conference, "user": User.objects.get(name="Priya Nair"), "sent_to": 1}
    Hand.objects.create(stay=stay, user_name="Priya Nair", raised_at=stay.joined_at, **about)
    relabel()


@pytest.mark.django_db(transaction=True)
async def test_what_an_agent_does_is_pushed(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    guard = partial(live_equals_reload, site, await session_of_async(cast.supervisor), PAGE)

    def is_(state: str) -> Callable[[str], bool]:
        return lambda html: state_of(html, "Priya Nair") == state

    await guard(tells(rings()), until=is_("ringing"))
    await guard(partial(tell, joins()[1:]), until=lambda html: "Claims 3307" in html)
    held = told("reply.hold", 9, conference_id=CONFERENCE, legs=[CALLER])
    await guard(tells(held), until=lambda html: "caller held" in html)
    await guard(raise_hand, until=lambda html: "g-hand" in html)
    await guard(rebuild, until=lambda html: "caller held" in html)
    ended = told("conference.ended", 90, reason="all_left")
    await guard(tells(ended), until=lambda html: "Claims 3307 ended 12:01:30" in html)
    gone = told("call.hangup", 91, AGENT, hangup_cause="normal_clearing")
    await guard(tells(gone), until=is_("free"))
    renamed = told("read.conference", 92, conference={"name": "Claims 3308"})
    await guard(tells(renamed), until=lambda html: "since Claims 3308" in html)
    await guard(talk_today, until=lambda html: figure(html, "calls") == "1")
    assert figure(await site.get(PAGE, await session_of_async(cast.supervisor)), "hold") == "0:00"
    await guard(begin_a_new_day, until=lambda html: figure(html, "calls") == "1")


def figure(html: str, name: str) -> str:
    """One of Priya's figures of today."""
    return row(html, "Priya Nair").partition(f'g-{name}">')[2].partition("<")[0]


def talk_today() -> None:
    """Half of this day ago, whatever time it is."""
    now = timezone.now()
    since = (midnight(now) + (now - midnight(now)) / 2 - NOON).total_seconds()
    joined = told("conference.participant.joined", since, "v3:today", conference_id="today")
    tell([rings("v3:today", PRIYA, since), joined])


def begin_a_new_day() -> None:
    """As if it were of yesterday what the seats tell."""
    Seat.objects.update(day_from=NOON, calls=9)
    poke(days.tick())


@pytest.mark.django_db(transaction=True)
async def test_who_comes_into_a_view_or_leaves_it_is_pushed(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)([rings(OWENS, OWEN)])
    guard = partial(
        live_equals_reload, site, await session_of_async(cast.supervisor), f"{PAGE}?state=ringing"
    )
    await guard(tells(rings()), until=lambda html: bool(row(html, "Priya Nair")))
    gone = told("call.hangup", 9, OWENS, hangup_cause="normal_clearing")
    await guard(tells(gone), until=lambda html: not row(html, "Owen Hartley"))


@pytest.mark.django_db
def test_in_a_long_directory_a_change_costs_a_row_and_who_comes_in_for_it(cast: Cast) -> None:
    Agent.objects.bulk_create(Agent(name=f"Agent {number:03}") for number in range(PER_PAGE))
    Agent.objects.create(name="Agent X", number="+13125550199")
    rings_too = [rings(f"v3:{number}", number, place) for place, number in enumerate((OWEN, "+13125550199"))]
    tell([*joins(), *rings_too])
    board, audience = Agents(), Audience(cast.supervisor.actions, cast.supervisor.scope)
    first, second = (
        {one.id: one for one in board.snapshot(audience, key) if one.list == "agents"}
        for key in ("", "page=2")
    )
    assert (len(first), len(second)) == (PER_PAGE, 3)
    priya = f"agent-{Agent.objects.get(number=PRIYA).pk}"

    def drawn(key: str = "") -> tuple[list[str], list[str]]:
        """Whose rows are drawn anew, and who leaves the page."""
        change = ("agent", priya.partition("-")[2])
        told = [one for one in board.changed(audience, key, {change}) if one.list == "agents"]
        return [one.id for one in told if one.html], [one.id for one in told if one.html is None]

    tell([told("reply.mute", 20, conference_id=CONFERENCE, legs=[AGENT])])
    assert drawn() == ([priya], [])
    # Nobody knows since when she is free: the last of all, and the first of the next page comes in for her.
    Call.objects.filter(call_control_id=AGENT).delete()
    Participant.objects.filter(call_control_id=AGENT).delete()
    Seat.objects.filter(agent__number=PRIYA).update(version=99)
    comes, goes = drawn()
    assert goes == [priya] and len(comes) == 1 and comes[0] in second
    assert drawn("page=2") == ([priya], comes)
    assert drawn() == ([], []) and drawn("page=2") == ([priya], [])


def change_team(team: str) -> None:
    Agent.objects.filter(number=PRIYA).update(team=Team.objects.get(name=team), name="Priya Rao")
    relabel()


@pytest.mark.django_db(transaction=True)
async def test_a_change_of_the_directory_is_pushed_by_team(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(tell)([*joins(), told("call.enqueued", 20, "v3:q", queue=SALES)])
    guard = partial(live_equals_reload, site, await session_of_async(cast.seller), PAGE)
    await guard(partial(change_team, SALES), until=lambda html: bool(row(html, "Priya Rao")))
    await guard(partial(change_team, "Claims"), until=lambda html: "Priya" not in html)
    assert await Conference.objects.acount() == 1
