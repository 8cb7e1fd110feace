"""Bridged calls whatever order their webhooks come in, doubled, halved or late: the same calls."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from bridged_calls import transitions
from bridged_calls.models import BridgedCall, BridgedLeg
from bridged_calls.retention import forget as forget_facts
from supervision.models import Supervision
from supervisor_site.rebuild import rebuild
from telephony import marks
from telephony.models import Call, Fact
from tests.support.people import Cast
from tests.support.story import AGENT, CALLER, at, forget, tell, tell_at_once, told

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

THIRD, FOURTH = "v3:third", "v3:fourth"
Calls = list[tuple[Any, ...]]


def bridged(seconds: float, leg: str, session: str = "session", **more: Any) -> bytes:
    """`call.bridged` of one leg, as Telnyx sends it for each of the two."""
    body = told("call.bridged", seconds, leg, **more)
    return body.replace(b'"session"', f'"{session}"'.encode())


def hung_up(seconds: float, leg: str) -> bytes:
    return told("call.hangup", seconds, leg, hangup_cause="normal_clearing")


def calls() -> Calls:
    """Who talks or talked with whom, what tells it, from when until when, and why not any more."""
    found = []
    for call in BridgedCall.objects.prefetch_related("legs"):
        legs = sorted((leg.call_control_id, leg.opened_by, str(leg.held_at)) for leg in call.legs.all())
        ends = (call.started_at, call.ended_at, call.end_because, call.ended_by)
        found.append((tuple(legs), call.paired_by, *map(str, ends)))
    return sorted(found)


def blank() -> None:
    BridgedLeg.objects.all().delete()
    BridgedCall.objects.all().delete()
    forget()


def outcomes(bodies: Sequence[bytes], most: int = 20) -> list[Calls]:
    """The calls after each order (of the many, some), every other time in one batch, events repeated."""
    orders = list(permutations(bodies))
    found = []
    for number, order in enumerate(random.Random(3).sample(orders, min(most, len(orders)))):
        blank()
        tell([*order, *order[:2]]) if number % 2 else tell_at_once([*order, order[-1]])
        assert not BridgedLeg.objects.filter(call=None).exists()
        found.append(calls())
    return found


def pairs(found: Calls) -> set[frozenset[str]]:
    return {frozenset(leg for leg, *_ in call[0]) for call in found}


TALK = [bridged(5, AGENT), bridged(5.01, CALLER)]
STORIES: dict[str, tuple[list[bytes], set[frozenset[str]]]] = {
    "one session": (TALK, {frozenset({AGENT, CALLER})}),
    "two sessions at one moment": (
        [bridged(5, AGENT, "one"), bridged(5.2, CALLER, "two")],
        {frozenset({AGENT, CALLER})},
    ),
    "only one webhook came": ([TALK[0]], {frozenset({AGENT})}),
    "a third at the same moment": (
        [bridged(5, AGENT, "one"), bridged(5.2, CALLER, "two"), bridged(5.3, THIRD, "three")],
        {frozenset({AGENT}), frozenset({CALLER}), frozenset({THIRD})},
    ),
    "two calls at one moment": (
        [*TALK, bridged(5.1, THIRD, "other"), bridged(5.11, FOURTH, "other")],
        {frozenset({AGENT, CALLER}), frozenset({THIRD, FOURTH})},
    ),
    "a third explains itself later": (
        [
            bridged(5, AGENT, "one"),
            bridged(5.2, CALLER, "two"),
            bridged(5.3, THIRD, "three"),
            bridged(6.9, FOURTH, "three"),
        ],
        {frozenset({AGENT, CALLER}), frozenset({THIRD, FOURTH})},
    ),
    "hung up": ([*TALK, hung_up(30, CALLER), hung_up(30.1, AGENT)], {frozenset({AGENT, CALLER})}),
    "bridged with another": (
        [*TALK, bridged(20, CALLER), bridged(20.01, THIRD), hung_up(20.02, AGENT)],
        {frozenset({AGENT, CALLER}), frozenset({CALLER, THIRD})},
    ),
    "into a conference": (
        [*TALK, told("conference.participant.joined", 12, CALLER), hung_up(11.9, AGENT)],
        {frozenset({AGENT, CALLER})},
    ),
    "into a queue": ([*TALK, told("call.enqueued", 12, CALLER, queue="Sales")], {frozenset({AGENT, CALLER})}),
    "held by a telephone": (
        [*TALK, told("call.hold", 8, AGENT), told("call.unhold", 9, AGENT), told("call.hold", 10, CALLER)],
        {frozenset({AGENT, CALLER})},
    ),
    "gone, as a read found": (
        [*TALK, told("read.bridged", 40, gone={CALLER: at(33).isoformat()})],
        {frozenset({AGENT, CALLER})},
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_every_order_ends_in_the_same_calls(story: str) -> None:
    bodies, expected = STORIES[story]
    found = outcomes(bodies)
    assert all(one == found[0] for one in found)
    assert pairs(found[0]) == expected
    live = BridgedCall.objects.live().count()
    assert live == {"bridged with another": 1}.get(story, len(expected) if not _is_over(story) else 0)


def _is_over(story: str) -> bool:
    return story in {"hung up", "into a conference", "into a queue", "gone, as a read found"}


@pytest.mark.parametrize("story", STORIES)
def test_rebuild_makes_the_same_rows(story: str) -> None:
    tell_at_once(STORIES[story][0])
    truth, numbers = calls(), set(BridgedCall.objects.values_list("pk", flat=True))
    rebuild()
    assert (calls(), set(BridgedCall.objects.values_list("pk", flat=True))) == (truth, numbers)
    BridgedLeg.objects.update(left_at=timezone.now(), held_at=None, session="wrong")
    BridgedCall.objects.update(ended_at=timezone.now(), paired_by="")
    rebuild()
    assert calls() == truth


def test_what_led_one_away_is_why_it_ended() -> None:
    tell(STORIES["into a conference"][0])
    call = BridgedCall.objects.get()
    assert (call.end_because, call.ended_by, call.ended_at) == ("conference", CALLER, at(11.9))


def test_a_later_hang_up_dates_what_a_read_found() -> None:
    tell([*STORIES["gone, as a read found"][0], hung_up(32, CALLER)])
    assert BridgedCall.objects.get().ended_at == at(32)


def test_a_supervisors_own_leg_is_no_side_of_a_call() -> None:
    mark = marks.write(marks.Mark("5f0c1f6e-5d7e-4a39-9e06-6c3a8d2b7a11", 1))
    tell([*TALK, bridged(6, "v3:ear", client_state=mark)])
    assert pairs(calls()) == {frozenset({AGENT, CALLER})}


def test_versions_grow_with_what_is_shown() -> None:
    tell(TALK)
    before = BridgedCall.objects.get().version
    tell([told("call.initiated", 1, CALLER, direction="incoming", **{"from": "+16175550188"})])
    assert BridgedCall.objects.get().version > before


def test_what_was_told_is_forgotten_and_the_rows_stay() -> None:
    tell([*STORIES["hung up"][0]])
    truth = calls()
    Call.objects.update(forgotten_at=timezone.now())
    assert forget_facts(at(3600)) > 0
    assert not Fact.objects.filter(subject__startswith=transitions.subject("")).exists()
    rebuild()
    assert calls() == truth


# --- who listens to it -----------------------------------------------------------------------------------
EAR = "v3:ear"
NUMBER = UUID("5f0c1f6e-5d7e-4a39-9e06-6c3a8d2b7a12")
MARK = {"client_state": marks.write(marks.Mark(str(NUMBER), 1, "", "monitor"))}
REPLY = told(
    "reply.listen",
    6,
    name="reply:dial",
    answer={"call_control_id": EAR},
    options={"supervisor_role": "monitor"},
    legs=[],
    supervision=str(NUMBER),
)
INITIATED = told("call.initiated", 6.2, EAR, direction="outgoing", to="+13125559001", **MARK)
ANSWERED = told("call.answered", 9, EAR, **MARK)
EAR_GONE = told("call.hangup", 20, EAR, hangup_cause="normal_clearing", **MARK)
BARGED = told(
    "reply.to-barge",
    15,
    name="reply:barge",
    legs=[EAR],
    options={"supervisor_role": "barge"},
    supervision=str(NUMBER),
)
LEAVING = told("reply.leave", 19.5, name="reply:leave", legs=[EAR], supervision=str(NUMBER))


@pytest.fixture
def asked(cast: Cast) -> Iterator[None]:
    """The press; what came of it is told by each test."""
    Supervision.objects.create(
        id=NUMBER,
        root=NUMBER,
        user=cast.supervisor,
        user_name="Dana Whitfield",
        conference_name="Call 0188",
        bridged_leg=AGENT,
        bridged_stay=f"call.bridged-{AGENT}-5",
        phone="+13125559001",
        asked_role="monitor",
        role="monitor",
        requested_at=datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC),
    )
    yield
    Supervision.objects.all().delete()


def record() -> dict[str, Any]:
    hidden = {"version", "requested_at", "user_id"}
    row = Supervision.objects.values().get()
    heard = [(one["role"], one["leg"]) for call in BridgedCall.objects.all() for one in call.supervisors]
    return {name: value for name, value in row.items() if name not in hidden} | {"heard": heard}


def records(bodies: Sequence[bytes]) -> list[dict[str, Any]]:
    found = []
    orders = random.Random(5).sample(list(permutations(bodies)), 14)
    for number, order in enumerate(orders):
        blank()
        steps = ("role", "accepted", "calling", "answered", "connected", "ended")
        Supervision.objects.update(
            state="requested",
            reason="",
            leg="",
            role="monitor",
            proofs={},
            **{f"{s}_at": None for s in steps},
        )
        tell([*order, *order[:2]]) if number % 2 else tell_at_once([*order, order[-1]])
        found.append(record())
    return found


HEARD: dict[str, tuple[list[bytes], str, str, str, bool]] = {
    "listening": ([REPLY, INITIATED, ANSWERED], "connected", "", "monitor", True),
    "the reply lost": ([INITIATED, ANSWERED, hung_up(40, THIRD)], "connected", "", "monitor", True),
    "barged in": ([REPLY, ANSWERED, BARGED], "connected", "", "barge", True),
    "left": ([INITIATED, ANSWERED, LEAVING, EAR_GONE], "ended", "left", "monitor", False),
    "the phone hung up": ([INITIATED, ANSWERED, EAR_GONE], "ended", "hung up", "monitor", False),
    "the call ended": ([INITIATED, ANSWERED, hung_up(15, CALLER)], "ended", "call ended", "monitor", False),
    "the call ended first": (
        [REPLY, INITIATED, hung_up(8, CALLER)],
        "failed",
        "call ended",
        "monitor",
        False,
    ),
    "bridged with another": (
        [INITIATED, ANSWERED, bridged(15, CALLER), bridged(15.01, THIRD)],
        "ended",
        "call ended",
        "monitor",
        False,
    ),
}


@pytest.mark.parametrize("story", HEARD)
def test_every_order_ends_in_one_record(asked: None, story: str) -> None:
    bodies, state, reason, role, there = HEARD[story]
    found = records([*TALK, *bodies])
    assert all(one == found[0] for one in found)
    assert (found[0]["state"], found[0]["reason"], found[0]["role"]) == (state, reason, role)
    assert found[0]["heard"] == ([(role, EAR)] if there else [])
    assert found[0]["leg"] == EAR
    rebuild()
    assert record() == found[0]


def test_each_step_names_the_event_that_proved_it(asked: None) -> None:
    tell([*TALK, REPLY, INITIATED, ANSWERED, hung_up(15, CALLER)])
    assert record()["proofs"] == {
        "accepted": "reply:dial",
        "calling": f"call.initiated-{EAR}-6.2",
        "answered": f"call.answered-{EAR}-9",
        "connected": f"call.answered-{EAR}-9",
        "ended": f"call.hangup-{CALLER}-15",
    }
