"""Fold events into test calls, after `supervision.projection`, which has remembered the facts about them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard import attempts
from dashboard.models import Command
from supervision import transitions, words
from supervision.models import PhoneTest, turn
from supervision.projection import lines_of, number_of
from supervision.transitions import Line, subject
from telephony.events import Event
from telephony.models import Fact
from telephony.projection import Change
from telephony.statements import Select

_OF_LEGS = {"call.initiated", "call.answered", "call.hangup"}
State = PhoneTest.State

_ABOUT = Select(PhoneTest, "id IN {} OR leg IN {}", "id")


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction."""
    told = [fact for event in events for fact in transitions.occurrences(event)]
    named = {number for fact in told if (number := number_of(fact.subject))}
    legs = {str(event.payload.get("call_control_id", "")) for event in events if event.type in _OF_LEGS}
    if not (named or legs):
        return set()
    return settle(_ABOUT.firsts(named, legs - {""}))


def settle(numbers: Iterable[UUID]) -> set[Change]:
    """Make these records what the facts say. Returns for which supervisors something changed."""
    if not (numbers := set(numbers)):
        return set()
    rows = list(PhoneTest.objects.filter(pk__in=numbers).order_by("pk").select_for_update())
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(subject__in=[subject(str(row.pk)) for row in rows]):
        facts[fact.subject.partition(":")[2]].append(fact)
    for row in rows:
        row.leg = transitions.leg_of(facts[str(row.pk)]) or row.leg
    lines = lines_of({row.leg for row in rows if row.leg})
    for row in rows:
        _write(row, transitions.phone_test(facts[str(row.pk)], lines.get(row.leg, Line())))
    turn({row.user_id for row in rows})
    return {("supervision", str(row.user_id)) for row in rows}


def _write(row: PhoneTest, fields: dict[str, Any]) -> None:
    before = row.state
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    undecided = attempts.undecided([row.subject])
    if row.answered_at:
        attempts.proven(list(undecided.filter(action="test-call")), f"call.answered of {row.phone[-4:]}")
    if row.ended_at:
        attempts.proven(list(undecided.filter(action="end-test")), "call.hangup")
    if row.state == State.FAILED and before != row.state:
        _fail(row)


def _fail(row: PhoneTest) -> None:
    """The press was accepted, and yet nobody answered: the log says why."""
    pressed = Command.objects.filter(subject=row.subject, action="test-call")
    pressed.exclude(state__in=[Command.State.REFUSED, Command.State.FAILED]).update(
        state=Command.State.FAILED,
        reason=words.cause(row.reason)[:400],
        settled_at=Coalesce("settled_at", timezone.now()),
        next_try_at=None,
    )
