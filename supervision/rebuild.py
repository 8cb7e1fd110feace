"""The supervisions' part in making everything again from the inbox. What was asked for stays."""

from collections.abc import Sequence

from supervision import phone_tests_projection, projection, transitions
from supervision.models import PhoneTest, Supervision
from telephony import rows, stay_rows
from telephony.events import Event
from telephony.models import Fact
from telephony.projection import Change
from telephony.rebuild import in_batches

OURS = {
    "root",
    "user_id",
    "user_name",
    "conference_id",
    "conference_name",
    "number",
    "bridged_leg",
    "bridged_stay",
    "phone",
    "asked_role",
    "asked_to",
    "requested_at",
    "moved_at",
    "dismissed_at",
    "state",
    "version",
}
OURS_OF_TESTS = {"user_id", "phone", "requested_at", "state"}


class Supervisions:
    """Records, test calls, their facts. Settles after the calls and the conferences: it reads their facts."""

    def clear(self) -> None:
        # The state stays until it is made anew: all of one person's would be live at once.
        Fact.objects.filter(subject__startswith=transitions.subject("")).delete()
        rows.blank(Supervision.objects.filter(forgotten_at=None), keep=OURS)
        rows.blank(PhoneTest.objects.all(), keep=OURS_OF_TESTS)

    def take(self, events: Sequence[Event]) -> None:
        told = [fact for event in events for fact in transitions.occurrences(event)]
        named = {fact.subject.partition(":")[2] for fact in told}
        gone = Supervision.objects.filter(forgotten_at__isnull=False, pk__in=filter(_is_number, named))
        forgotten = {str(number) for number in gone.values_list("pk", flat=True)}
        stay_rows.remember([fact for fact in told if fact.subject.partition(":")[2] not in forgotten])

    def settle(self) -> set[Change]:
        kept = Supervision.objects.filter(forgotten_at=None).values_list("pk", flat=True)
        changes: set[Change] = set()
        for some in in_batches(sorted(kept), 100):
            changes |= projection.settle(some)
        for some in in_batches(sorted(PhoneTest.objects.values_list("pk", flat=True)), 100):
            changes |= phone_tests_projection.settle(some)
        return changes


def _is_number(text: str) -> bool:
    return projection.number_of(transitions.subject(text)) is not None
