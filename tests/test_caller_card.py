"""A caller's card: the number as the viewer may see it, the calls before, and nothing of another team's."""

import re
from collections.abc import Sequence

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dashboard.models import User
from queues.models import QueuedCall
from tests.support.people import SALES, SELLING_AGENT, Cast
from tests.support.story import tell, told

NUMBER, AGENTS = "+16175550188", "+13125550147"
OURS, OTHERS = "sales-conference", "claims-conference"


def came(leg: str, seconds: float, queue: str, number: str = NUMBER) -> list[bytes]:
    return [
        told("call.initiated", seconds, leg, direction="incoming", **{"from": number, "to": "+18005550140"}),
        told("call.enqueued", seconds + 1, leg, queue=queue, current_position=3),
    ]


def answered(leg: str, seconds: float, queue: str, conference_id: str) -> list[bytes]:
    return [
        told("call.dequeued", seconds, leg, queue=queue, reason="bridged", wait_time_secs=42),
        told("conference.created", seconds, conference_id=conference_id, name=f"The {conference_id}"),
        told("conference.participant.joined", seconds + 1, leg, conference_id=conference_id),
        told("call.hangup", seconds + 60, leg, hangup_cause="normal_clearing"),
    ]


def three_calls() -> list[bytes]:
    """Once to Sales and answered, once to Claims and answered, now in Sales."""
    first = [*came("v3:first", 0, SALES), *answered("v3:first", 43, SALES, OURS)]
    second = [*came("v3:second", 200, "Claims"), *answered("v3:second", 243, "Claims", OTHERS)]
    return [*first, *second, *came("v3:now", 400, SALES)]


def page_of(user: User, leg: str = "v3:now", suffix: str = "") -> str:
    stay = QueuedCall.objects.get(call_control_id=leg, left_at=None)
    client = Client()
    client.force_login(user)
    answer = client.get(f"/queues/{stay.queue_id}/{suffix.format(stay.pk)}")
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def card(user: User, leg: str = "v3:now") -> str:
    return page_of(user, leg, "calls/{}/card")


@pytest.mark.django_db
@pytest.mark.engines
def test_the_card_tells_of_the_calls_before(cast: Cast) -> None:
    tell(three_calls())
    html = card(cast.supervisor)
    assert "Here 2 times before" in html
    assert "Sales, answered after 0:42" in html and "Claims, answered after 0:42" in html
    assert f'href="/conferences/{OURS}/"' in html and f'href="/conferences/{OTHERS}/"' in html
    assert html.index(OTHERS) < html.index(OURS), "the newest first"


@pytest.mark.django_db
@pytest.mark.engines
def test_another_teams_calls_are_not_even_counted(cast: Cast) -> None:
    tell(three_calls())
    html = card(cast.seller)
    assert "Here 1 time before" in html and OURS in html
    assert OTHERS not in html and "Claims" not in html


@pytest.mark.django_db
def test_only_the_admin_sees_the_number(cast: Cast) -> None:
    tell(three_calls())
    assert "+1 617 ••• 0188" in page_of(cast.supervisor) and "555 0188" not in page_of(cast.supervisor)
    assert "+1 617 555 0188" in page_of(cast.admin)
    assert "came as number 3" in page_of(cast.supervisor)


@pytest.mark.django_db
def test_the_card_is_a_supervisors(cast: Cast) -> None:
    tell(three_calls())
    assert "caller-card" in page_of(cast.supervisor) and "caller-card" not in page_of(cast.agent)
    assert card(cast.agent) == "403"
    tell(came("v3:theirs", 500, "Claims"))
    assert card(cast.seller, "v3:theirs") == "404"


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["anonymous", "", AGENTS])
def test_who_is_many_people_or_an_agent_was_never_here(cast: Cast, number: str) -> None:
    tell([*came("v3:before", 0, SALES, number), *came("v3:now", 100, SALES, number)])
    html = card(cast.supervisor)
    assert "nobody can tell whether they came before" in html and SALES not in html


@pytest.mark.django_db
def test_what_came_after_is_not_before(cast: Cast) -> None:
    tell([*came("v3:now", 0, SALES), *came("v3:later", 100, SALES)])
    assert "Not here before" in card(cast.supervisor)
    assert "Here 1 time before" in card(cast.supervisor, "v3:later")


# --- to whom somebody who was answered went --------------------------------------------------------------
JOINED = [
    told("call.dequeued", 43, "v3:first", queue=SALES, reason="bridged", wait_time_secs=42),
    told("conference.participant.joined", 42.5, "v3:first", conference_id=OURS),
]
AGENT_THERE = [
    told("call.initiated", 43, "v3:owen", direction="outgoing", **{"from": "+1800", "to": SELLING_AGENT}),
    told("conference.participant.joined", 44, "v3:owen", conference_id=OURS),
]


def to_whom(user: User, leg: str = "v3:first") -> str:
    stay = QueuedCall.objects.filter(call_control_id=leg).earliest("enqueued_at")
    client = Client()
    client.force_login(user)
    answer = client.get(f"/queues/{stay.queue_id}/to-whom", {"calls": stay.pk})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


@pytest.mark.django_db
@pytest.mark.engines
@pytest.mark.parametrize("order", [JOINED, JOINED[::-1]])
def test_who_was_answered_went_to_a_conference_and_its_agent(cast: Cast, order: list[bytes]) -> None:
    tell([*came("v3:first", 0, SALES), order[0]])
    tell([order[1], *AGENT_THERE])
    html = to_whom(cast.supervisor)
    assert f'href="/conferences/{OURS}/"' in html and "Owen Hartley" in html
    assert "Owen Hartley" in to_whom(cast.seller) and to_whom(cast.agent) == "403"
    tell([told("conference.participant.left", 60, "v3:first", conference_id=OURS)])
    # What came after another wait is of that one.
    tell([told("call.enqueued", 61, "v3:first", queue="Claims"), *answered("v3:first", 90, "Claims", OTHERS)])
    assert OURS in to_whom(cast.supervisor) and OTHERS not in to_whom(cast.supervisor)


@pytest.mark.django_db
def test_who_was_bridged_went_to_that_call(cast: Cast) -> None:
    tell([*came("v3:first", 0, SALES), JOINED[0], AGENT_THERE[0]])
    assert "in no conference or call" in to_whom(cast.supervisor)
    tell([told("call.bridged", 44, "v3:first"), told("call.bridged", 44, "v3:owen")])
    html = to_whom(cast.supervisor)
    assert 'href="/bridged-calls/' in html and "Call 0188" in html and "Owen Hartley" in html


@pytest.mark.django_db
def test_of_another_teams_queue_nothing_is_told(cast: Cast) -> None:
    tell([*came("v3:first", 0, "Claims"), *answered("v3:first", 43, "Claims", OTHERS)])
    assert OTHERS in to_whom(cast.supervisor)
    assert to_whom(cast.seller) == "404"


@pytest.mark.django_db
def test_of_many_callers_it_is_asked_as_often_as_of_one(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tell([*came("v3:first", 0, SALES), *JOINED, *AGENT_THERE])
    for number in range(4):
        tell([*came(f"v3:{number}", 100, SALES), *answered(f"v3:{number}", 143, SALES, OURS)])
    tell([*came("v3:bridged", 200, SALES), told("call.bridged", 244, "v3:bridged")])
    stays = dict(QueuedCall.objects.values_list("pk", "call_control_id"))
    client = Client()
    client.force_login(cast.supervisor)
    for asked in (list(stays)[:1], list(stays)):
        with django_assert_max_num_queries(24):
            answer = client.get(f"/queues/{queue_of(asked)}/to-whom", {"calls": ",".join(map(str, asked))})
        html = answer.content.decode()
        assert re.findall(r'data-went-of="(\d+)"', html) == [str(pk) for pk in asked]
    assert html.count("Owen Hartley") == 5
    assert client.get(f"/queues/{queue_of(asked)}/to-whom?calls=x,").status_code == 200


def queue_of(stays: Sequence[int]) -> int:
    return QueuedCall.objects.filter(pk__in=stays).values_list("queue", flat=True)[0]
