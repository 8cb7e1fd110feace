"""The bridged calls' part in making everything again from the inbox."""

from collections.abc import Sequence

from bridged_calls import projection, transitions
from bridged_calls.models import BridgedCall, BridgedLeg
from telephony import stay_rows
from telephony.events import Event
from telephony.models import Call, Fact
from telephony.projection import Change
from telephony.rebuild import in_batches


class Bridges:
    """Calls, their legs and their facts. The stays of a forgotten leg stay as they are."""

    def clear(self) -> None:
        Fact.objects.filter(subject__startswith=transitions.subject("")).delete()

    def take(self, events: Sequence[Event]) -> None:
        told = [fact for event in events for fact in transitions.occurrences(event)]
        gone = stay_rows.forgotten(fact.leg for fact in told)
        stay_rows.remember([fact for fact in told if fact.leg not in gone])

    def settle(self) -> set[Change]:
        projection.lock()
        forgotten = Call.objects.filter(forgotten_at__isnull=False).values("call_control_id")
        rows = BridgedLeg.objects.exclude(call_control_id__in=forgotten)
        told = Fact.objects.filter(subject__startswith=transitions.subject(""), kind="bridged")
        wanted = {*rows.values_list("call_control_id", flat=True), *told.values_list("leg", flat=True)}
        keys = set(BridgedCall.objects.values_list("pk", flat=True))
        for some in in_batches(sorted(wanted), 100):
            keys |= projection.settle(some)
        return projection.changes(keys)
