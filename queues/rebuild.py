"""The queues' part in making everything again from the inbox.

A queue keeps its number, its settings and what Telnyx last said of it: of that the events may be gone.
"""

from collections.abc import Sequence

from django.utils import timezone

from queues import intervals, takes_projection, takes_transitions, transitions
from queues.models import Queue, QueuedCall, Take
from queues.projection import note_gaps, settle
from telephony import rows, stay_rows
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Call, Fact
from telephony.projection import Change
from telephony.rebuild import in_batches
from telephony.stay_rows import Place

# What a press wrote. The state stays until it is made anew: all of one agent's would be live at once.
OF_TAKES = {
    "queue_id",
    "call_control_id",
    "user_id",
    "agent_id",
    "agent_name",
    "address",
    "conference_name",
    "requested_at",
    "state",
}


class Queues:
    """Queues, queued calls, takes, their facts and figures. The stays of a forgotten call stay."""

    def clear(self) -> None:
        for about in (transitions.subject(""), takes_transitions.subject("")):
            Fact.objects.filter(subject__startswith=about).delete()
        rows.blank(Take.objects.all(), keep=OF_TAKES)

    def take(self, events: Sequence[Event]) -> None:
        note_gaps([event for event in events if event.type == transitions.GAP])
        told = _kept([fact for event in events for fact in transitions.occurrences(event)])
        found = rows.locked(Queue, "name", {fact.subject.partition(":")[2] for fact in told})
        takes_projection.touched(events)
        stay_rows.remember(told)
        for fact in told:
            transitions.fold(found[fact.subject.partition(":")[2]], [fact])
        rows.write(Queue, found.values())

    def settle(self) -> set[Change]:
        every = {queue.name: queue for queue in Queue.objects.all()}
        settle(every, set())
        for some in in_batches(sorted(_places()), 100):
            settle(
                {name: every[name] for name in {subject.partition(":")[2] for subject, _ in some}}, set(some)
            )
        for numbers in in_batches(sorted(Take.objects.values_list("pk", flat=True)), 100):
            takes_projection.settle(numbers)
        intervals.remake(timezone.now())
        return {("queue", name) for name in every}


def _kept(told: Sequence[Occurrence]) -> list[Occurrence]:
    gone = stay_rows.forgotten(fact.leg for fact in told if fact.leg)
    return [fact for fact in told if fact.leg not in gone]


def _places() -> set[Place]:
    """Who waits or waited, or should, in any queue."""
    forgotten = Call.objects.filter(forgotten_at__isnull=False).values("call_control_id")
    shown = QueuedCall.objects.exclude(call_control_id__in=forgotten)
    about = Fact.objects.filter(subject__startswith=transitions.subject("")).exclude(leg="")
    rows_of = shown.values_list("queue__name", "call_control_id")
    return {(transitions.subject(name), leg) for name, leg in rows_of} | set(
        about.values_list("subject", "leg")
    )
