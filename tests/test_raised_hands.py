"""A raised hand: from the agent's page to the supervisors' rows and back, who may answer, what is logged."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from conferences.models import Conference, Hand, Participant
from conferences.retention import forget
from dashboard.models import Agent, Command, Team, User
from supervisor_site.rebuild import rebuild
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast, gather_cast
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, at, tell, told

PAGE, AGENTS = "/my-calls/", "/agents/"
THERE = f"/conferences/{CONFERENCE}/"
RAISE, LOWER = f"{PAGE}{CONFERENCE}/raise-hand", f"{PAGE}{CONFERENCE}/lower-hand"
WHY = {"reason": "help", "words": "  Discount above\n my limit. "}


def joins() -> None:
    number = {"from": "+18005550110", "to": "+13125550147"}
    tell(
        [
            told("call.initiated", 0, AGENT, direction="outgoing", **number),
            told("conference.participant.joined", 2, CALLER),
            told("conference.participant.joined", 3, AGENT),
        ]
    )


def window_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, path: str, **posted: str) -> tuple[int, str]:
    answer = window_of(user).post(path, posted)
    return answer.status_code, answer.json()["title"] if answer.content else ""


def answered(user: User, act: str) -> tuple[int, str]:
    return post(user, f"{THERE}hands/{Hand.objects.latest('pk').pk}/{act}")


def done(user: User, path: str, **posted: str) -> None:
    assert post(user, path, **posted) == (204, "")


def text(user: User, path: str) -> str:
    return window_of(user).get(path).content.decode()


@pytest.fixture
def raised(cast: Cast) -> Hand:
    """The agent's hand is up, and two supervisors were signed in."""
    joins()
    window_of(cast.supervisor), window_of(cast.colleague)
    done(cast.agent, RAISE, **WHY)
    return Hand.objects.get()


def hands(html: str) -> str:
    """The band over the agents' page."""
    return html.partition('<ul data-list="hands">')[2].partition("</ul>")[0]


def log() -> list[tuple[str, str, str, str]]:
    entries = Command.objects.order_by("created_at")
    return [(one.user_name, one.action, one.target, one.state) for one in entries]


# --- raising -------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.engines
def test_it_is_stored_told_and_logged(cast: Cast, raised: Hand) -> None:
    assert (raised.user, raised.reason, raised.words, raised.sent_to) == (
        cast.agent,
        "help",
        "Discount above my limit.",
        2,
    )
    page = text(cast.agent, PAGE)
    assert "Hand raised" in page and ": I need help" in page and "“Discount above my limit.”" in page
    for step in ("Sent to 2 supervisors", "Seen by nobody", "Somebody comes"):
        assert step in page
    assert log() == [("Priya Nair", "raise-hand", "I need help", "done")]


@pytest.mark.django_db
def test_it_marks_the_row_and_the_page_for_supervisors(cast: Cast, raised: Hand) -> None:
    row = text(cast.supervisor, "/floor/").partition(f'id="c-{CONFERENCE}"')[2].partition("</tr>")[0]
    assert 'data-kind="hand"' in row and 'data-amber="0" data-red="120"' in row
    for place in (THERE, f"/floor/pane/{CONFERENCE}/"):
        band = text(cast.supervisor, place).partition('class="hand-band"')[2].partition("</section>")[0]
        assert "Priya Nair" in band and "I need help" in band and "“Discount above my limit.”" in band
        assert "Nobody has answered" in band and "I am coming" in band and "Lower" in band
    assert "raised a hand: I need help" in text(cast.supervisor, THERE)


@pytest.mark.django_db
def test_every_hand_is_over_the_agents_of_who_sees_its_conference_oldest_first(
    cast: Cast, raised: Hand
) -> None:
    band = hands(text(cast.supervisor, AGENTS))
    assert "Priya Nair" in band and "I need help" in band and "“Discount above my limit.”" in band
    assert "Nobody has answered" in band and f'href="{THERE}"' in band
    assert (
        f'hx-post="{THERE}supervise/listen"' in band and f"""hx-vals='{{"to": "{raised.stay_id}"}}'""" in band
    )
    for act in ("seen", "coming", "lower"):
        assert f'hx-post="{THERE}hands/{raised.pk}/{act}"' in band
    older = Hand.objects.create(**second_hand(cast, raised))
    assert re.findall(r'id="hand-(\d+)"', hands(text(cast.supervisor, AGENTS))) == [
        str(older.pk),
        str(raised.pk),
    ]
    assert not hands(text(cast.seller, AGENTS))


def second_hand(cast: Cast, hand: Hand) -> dict[str, Any]:
    """Of somebody else in the same conference, up for longer."""
    stay = Participant.objects.get(call_control_id=CALLER)
    before = hand.raised_at - timedelta(seconds=30)
    about = {"user": cast.stranger, "user_name": "Owen Hartley", "sent_to": 1, "raised_at": before}
    return {"conference": hand.conference, "stay": stay, **about}


@pytest.mark.django_db
def test_a_second_press_raises_no_second_hand(cast: Cast, raised: Hand) -> None:
    done(cast.agent, RAISE, reason="abusive")
    assert Hand.objects.get().reason == "help"
    assert len(log()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("posted", "title"),
    [({"reason": "bored"}, "Say why."), ({"reason": "help", "words": "x" * 121}, "Say it in fewer words.")],
)
def test_what_cannot_be_stored_is_refused(cast: Cast, posted: dict[str, str], title: str) -> None:
    joins()
    assert post(cast.agent, RAISE, **posted) == (400, title)
    assert not Hand.objects.exists() and not log()


@pytest.mark.django_db
def test_with_nobody_signed_in_it_is_not_raised_and_a_number_is_named(cast: Cast) -> None:
    joins()
    done(cast.agent, RAISE, **WHY)
    page = text(cast.agent, PAGE)
    assert "No supervisor of Claims is signed in." in page and "Ask somebody near you" in page
    Team.objects.filter(name="Claims").update(help_number="+13125550199")
    assert "Call +1 312 555 0199 instead." in text(cast.agent, PAGE)
    assert 'data-kind="hand"' not in text(cast.supervisor, "/floor/")
    assert log() == [("Priya Nair", "raise-hand", "I need help", "refused")]
    # Who signs in later is found by the next press.
    done(cast.agent, RAISE, **WHY)
    assert "Sent to 1 supervisor<" in text(cast.agent, PAGE)


@pytest.mark.django_db
def test_a_supervisor_of_another_team_does_not_count(cast: Cast) -> None:
    joins()
    window_of(cast.seller)
    done(cast.agent, RAISE, **WHY)
    assert Hand.objects.get().sent_to == 0
    Agent.objects.filter(user=cast.agent).update(team=Team.objects.get(name="Sales"))
    done(cast.agent, RAISE, **WHY)
    assert Hand.objects.latest("pk").sent_to == 1


# --- answering -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_first_who_sees_it_is_named(cast: Cast, raised: Hand) -> None:
    assert answered(cast.supervisor, "seen") == answered(cast.colleague, "seen") == (204, "")
    assert "Seen by Dana Whitfield" in text(cast.agent, PAGE)
    band = text(cast.colleague, THERE)
    assert f'data-supervisor="{cast.supervisor.pk}" data-name="Dana Whitfield" data-you="you"' in band
    assert "eye-catch" not in band
    assert log()[1:] == [("Dana Whitfield", "see-hand", "Priya Nair", "done")]


@pytest.mark.django_db
def test_who_comes_is_told_to_everybody_and_has_seen_it(cast: Cast, raised: Hand) -> None:
    assert answered(cast.colleague, "coming") == answered(cast.colleague, "coming") == (204, "")
    page = text(cast.agent, PAGE)
    assert "Luis Ortega is coming" in page and "Seen by Luis Ortega" in page
    assert "Luis Ortega is coming" in text(cast.supervisor, THERE)
    assert [entry[:3] for entry in log()[1:]] == [("Luis Ortega", "come-to-hand", "Priya Nair")]


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["agent", "supervisor"])
def test_both_sides_lower_it(cast: Cast, raised: Hand, by: str) -> None:
    who = getattr(cast, by)
    done(who, LOWER) if by == "agent" else answered(who, "lower")
    assert "Hand raised" not in text(cast.agent, PAGE)
    assert 'data-kind="hand"' not in text(cast.supervisor, "/floor/")
    assert log()[-1][:2] == (str(who), "lower-hand")
    assert answered(cast.colleague, "coming") == (409, "This hand is not raised any more.")
    assert answered(cast.colleague, "lower") == answered(cast.colleague, "seen") == (204, "")
    assert len(log()) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "expected"),
    [("seller", (404, "There is no such conference.")), ("agent", (403, "Your role may not do this."))],
)
def test_who_does_not_see_the_conference_cannot_answer(
    cast: Cast, raised: Hand, who: str, expected: tuple[int, str]
) -> None:
    for act in ("seen", "coming", "lower"):
        assert answered(getattr(cast, who), act) == expected
    assert len(log()) == 1


# --- lowered by itself ---------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.engines
@pytest.mark.parametrize(
    "end",
    [
        told("conference.participant.left", 60, AGENT),
        told("call.hangup", 60, AGENT, hangup_cause="normal_clearing"),
        told("conference.ended", 60, reason="all_left"),
    ],
)
def test_it_is_down_when_the_agent_leaves_or_the_conference_ends(
    cast: Cast, raised: Hand, end: bytes
) -> None:
    tell([end])
    assert not Hand.objects.up().exists()
    assert "hand-band" not in text(cast.supervisor, THERE)
    # Who comes back has no hand up.
    tell([told("conference.participant.joined", 80, AGENT)])
    assert not Hand.objects.up().exists()


@pytest.mark.django_db
def test_when_another_leaves_it_stays_up_and_a_rebuild_keeps_it(cast: Cast, raised: Hand) -> None:
    tell([told("conference.participant.left", 60, CALLER)])
    rebuild()
    assert Hand.objects.up().get() == raised


@pytest.mark.django_db
def test_own_words_are_forgotten_with_the_conference(cast: Cast, raised: Hand) -> None:
    tell([told("conference.ended", 60, reason="all_left")])
    Conference.objects.update(first_seen_at=at(0))
    forget(at(3600))
    raised.refresh_from_db()
    assert (raised.words, raised.reason) == ("", "help")


# --- live ----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
async def test_each_act_reaches_the_agents_page_the_floor_and_the_conferences_page(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(joins)()
    mine = partial(live_equals_reload, site, await session_of_async(cast.agent), PAGE)
    theirs = partial(live_equals_reload, site, await session_of_async(cast.supervisor))
    await mine(partial(done, cast.agent, RAISE, **WHY), until=lambda html: "Hand raised" in html)
    await theirs(THERE, partial(answered, cast.colleague, "seen"), until=lambda html: "Seen by" in html)
    await mine(partial(answered, cast.colleague, "coming"), until=lambda html: "is coming" in html)
    await theirs("/floor/", partial(done, cast.agent, LOWER), until=lambda html: '"hand"' not in html)
    await theirs("/floor/", partial(done, cast.agent, RAISE, **WHY), until=lambda html: '"hand"' in html)
    await theirs(THERE, partial(answered, cast.supervisor, "coming"), until=lambda html: "is coming" in html)
    await mine(partial(answered, cast.supervisor, "lower"), until=lambda html: "Hand raised" not in html)


@pytest.mark.django_db(transaction=True)
async def test_each_act_reaches_the_hands_over_the_agents_until_the_conference_ends(site: InProcess) -> None:
    cast = await sync_to_async(gather_cast)()
    await sync_to_async(joins)()
    session = await session_of_async(cast.supervisor)
    theirs = partial(live_equals_reload, site, session, AGENTS)

    def says(words: str) -> Callable[[str], bool]:
        return lambda html: words in hands(html)

    await theirs(partial(done, cast.agent, RAISE, **WHY), until=says("Nobody has answered"))
    await theirs(partial(answered, cast.colleague, "seen"), until=says("Seen by"))
    await theirs(partial(answered, cast.colleague, "coming"), until=says("Luis Ortega is coming"))
    await theirs(partial(answered, cast.supervisor, "lower"), until=lambda html: not hands(html))
    await theirs(partial(done, cast.agent, RAISE, **WHY), until=says("Nobody has answered"))
    end = told("conference.ended", 60, reason="all_left")
    await theirs(partial(tell, [end]), until=lambda html: not hands(html))
