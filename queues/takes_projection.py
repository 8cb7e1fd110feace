"""Fold events into takes, within the queues' projection: it has locked the queues that they are in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard import attempts
from dashboard.models import Command
from queues import takes_transitions
from queues.models import Take
from queues.takes_transitions import Told, subject
from queues.transitions import subject as of_queue
from telephony import stay_rows
from telephony.events import Event
from telephony.models import Call, Fact
from telephony.statements import Select

_OF_LEGS = {"call.initiated", "call.answered", "call.hangup"}
State = Take.State

_ABOUT = Select(Take, "queues_take.id IN {} OR leg IN {}", "pk", "queue__name")


def touched(events: Sequence[Event]) -> Mapping[UUID, str]:
    """Remember the facts about takes. Returns the takes that these events are about, with their queues."""
    told = [fact for event in events for fact in takes_transitions.occurrences(event)]
    stay_rows.remember(told)
    named = {number for fact in told if (number := number_of(fact.subject))}
    legs = {str(event.payload.get("call_control_id", "")) for event in events if event.type in _OF_LEGS}
    if not (named or legs):
        return {}
    return dict(_ABOUT.tuples(named, legs - {""}))


def number_of(about: str) -> UUID | None:
    """The take that a fact is about; None for a mark that is not a number of ours."""
    try:
        return UUID(about.partition(":")[2])
    except ValueError:
        return None


def settle(numbers: Iterable[UUID]) -> None:
    """Make these records what the facts say."""
    rows = list(Take.objects.filter(pk__in=set(numbers)).order_by("pk").select_for_update())
    if not rows:
        return
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(subject__in=[subject(str(row.pk)) for row in rows]):
        facts[fact.subject.partition(":")[2]].append(fact)
    for row in rows:
        row.leg = takes_transitions.leg_of(facts[str(row.pk)]) or row.leg
    calls = Call.objects.filter(call_control_id__in={row.leg for row in rows if row.leg})
    lines = {call.call_control_id: call for call in calls}
    for row in rows:
        _write(row, _told(facts[str(row.pk)], lines.get(row.leg)))


def _told(own: Sequence[Fact], call: Call | None) -> Told:
    if call is None:
        return Told(own)
    return Told(own, call.answered_at, call.ended_at, call.hangup_cause)


def _write(row: Take, told: Told) -> None:
    before = row.state, row.reason
    for name, value in takes_transitions.record(told).items():
        setattr(row, name, value)
    row.save()
    if row.state == State.JOINED:
        _prove(row)
    if row.leg and told.ended_at:
        undecided = attempts.undecided([of_queue(row.queue.name)])
        attempts.proven(list(undecided.filter(action="let-go", legs=[row.leg])), "call.hangup")
    # Anew with another reason: a hang-up may be told before the reply to the press that caused it.
    if row.state in {State.FAILED, State.CANCELLED} and before != (row.state, row.reason):
        _fail(row)


def _prove(row: Take) -> None:
    """The press is done. A hang-up that came before the news that both are there may have called it failed:
    that is taken back."""
    of_row = {"action": "call-agent", "detail__take": str(row.pk)}
    called_failed = Command.objects.filter(state=Command.State.FAILED, **of_row)
    taken_back = list(called_failed)
    called_failed.update(reason="", dismissed_at=None)
    undecided = attempts.undecided([of_queue(row.queue.name)]).filter(**of_row)
    attempts.proven([*undecided, *taken_back], "reply.bring-in")


def _fail(row: Take) -> None:
    """The press was accepted, and yet the two did not come together: the log says why."""
    pressed = Command.objects.filter(action="call-agent", detail__take=str(row.pk))
    # Who cancelled knows.
    dismissed = {"dismissed_at": timezone.now()} if row.state == State.CANCELLED else {}
    pressed.exclude(state=Command.State.REFUSED).update(
        state=Command.State.FAILED,
        reason=takes_transitions.words(row.reason, row.agent_name)[:400],
        settled_at=Coalesce("settled_at", timezone.now()),
        next_try_at=None,
        **dismissed,
    )
