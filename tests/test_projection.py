"""The frame of the projections: a poison event is nobody else's problem, and is tried again, then parked."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.db import OperationalError

from telephony.events import Event
from telephony.models import InboxEvent
from telephony.projection import MAX_ATTEMPTS, Arrival, Change, project, store
from tests.support.story import CALLER, told

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOOD = told("call.initiated", 1, CALLER, name="good", direction="incoming")
POISON = told("call.initiated", 2, CALLER, name="poison", direction="incoming")
State = InboxEvent.State


def refuses_poison(events: Sequence[Event]) -> set[Change]:
    if any(event.id == "poison" for event in events):
        raise ValueError("this one is poison")
    return {("seen", event.id) for event in events}


def put(*bodies: bytes) -> None:
    names = {GOOD: "good", POISON: "poison"}
    store([Arrival(names[body], "webhook", "call.initiated", body, NOW) for body in bodies])


def states() -> dict[str, str]:
    return dict(InboxEvent.objects.values_list("event_id", "state"))


def test_a_poison_event_marks_only_itself() -> None:
    put(POISON, GOOD)
    done = project([refuses_poison])
    assert (done.events, done.changes) == (2, {("seen", "good")})
    assert states() == {"poison": State.PENDING, "good": State.PROJECTED}
    poison = InboxEvent.objects.get(event_id="poison")
    assert (poison.attempts, poison.error) == (1, "ValueError: this one is poison")


def test_it_is_tried_again_with_back_off_and_then_parked() -> None:
    put(POISON)
    with time_machine.travel(NOW, tick=False) as clock:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert project([refuses_poison]).events == 1
            assert project([refuses_poison]).events == 0  # not due yet
            clock.shift(timedelta(seconds=2**attempt + 1))
    assert states() == {"poison": State.DEAD}


def finds_the_disk_full(events: Sequence[Event]) -> set[Change]:
    raise OperationalError("could not extend file") from psycopg.errors.DiskFull()


def test_a_full_disk_is_no_events_fault() -> None:
    put(POISON, GOOD)
    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(OperationalError):
            project([finds_the_disk_full])
    assert set(InboxEvent.objects.values_list("state", "attempts")) == {(State.PENDING, 0)}


def test_the_same_event_twice_is_one() -> None:
    put(GOOD)
    put(GOOD, GOOD)
    assert project([refuses_poison]).events == 1
    assert project([refuses_poison]).events == 0


def test_what_cannot_be_read_is_a_dead_letter_at_once() -> None:
    store([Arrival("broken", "webhook", "", b"{", NOW, dead_reason="Cannot be read: not JSON")])
    assert project([refuses_poison]).events == 0
    assert states() == {"broken": State.DEAD}


def test_a_full_batch_leaves_the_rest_for_the_next() -> None:
    arrivals = [
        Arrival(f"e{n}", "webhook", "call.initiated", told("call.initiated", n, CALLER, name=f"e{n}"), NOW)
        for n in range(5)
    ]
    store(arrivals)
    assert [project([refuses_poison], limit=3).events for _ in range(3)] == [3, 2, 0]
