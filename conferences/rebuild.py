"""The conferences' part in making everything again from the inbox."""

from collections import defaultdict
from collections.abc import Sequence

from conferences import transitions
from conferences.models import Conference, Participant
from conferences.projection import settle
from telephony import rows, stay_rows
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Fact
from telephony.projection import Change
from telephony.rebuild import in_batches
from telephony.stay_rows import Place

OURS = {"id", "version", "read_at", "end_read_at", "first_seen_at"}


class Conferences:
    """Conferences, participants and their facts."""

    def clear(self) -> None:
        Fact.objects.filter(subject__startswith=transitions.subject("")).delete()
        Fact.objects.filter(subject__startswith=transitions.call_subject("")).delete()
        rows.blank(Conference.objects.filter(forgotten_at=None), keep=OURS)

    def take(self, events: Sequence[Event]) -> None:
        every = [fact for event in events for fact in transitions.occurrences(event)]
        stay_rows.remember(_keyed(every))
        told = [fact for fact in every if not transitions.is_of_call(fact.subject)]
        named = {fact.subject.partition(":")[2] for fact in told}
        gone = Conference.objects.filter(pk__in=named, forgotten_at__isnull=False)
        found = rows.locked(Conference, "id", named - set(gone.values_list("pk", flat=True)))
        kept = [fact for fact in told if fact.subject.partition(":")[2] in found]
        stay_rows.remember(kept)
        for fact in kept:
            transitions.fold(found[fact.subject.partition(":")[2]], [fact])
        rows.write(Conference, found.values())

    def settle(self) -> set[Change]:
        told = {subject.partition(":")[2] for subject in _subjects()}
        kept = set(Conference.objects.filter(forgotten_at=None).values_list("pk", flat=True))
        for some in in_batches(sorted(kept - told)):
            Conference.objects.filter(pk__in=some).delete()
        for some in in_batches(sorted(kept & told), 100):
            settle(Conference.objects.in_bulk(some), _places(some))
        return {("conference", conference_id) for conference_id in kept}


def _keyed(every: Sequence[Occurrence]) -> list[Occurrence]:
    """What was keyed on telephones, but for the calls that are forgotten."""
    of_calls = [fact for fact in every if transitions.is_of_call(fact.subject)]
    gone = stay_rows.forgotten(fact.leg for fact in of_calls)
    return [fact for fact in of_calls if fact.leg not in gone]


def _subjects() -> set[str]:
    about = Fact.objects.filter(subject__startswith=transitions.subject(""))
    return set(about.order_by().values_list("subject", flat=True).distinct())


def _places(ids: Sequence[str]) -> set[Place]:
    """Who is or should be a participant of these conferences."""
    found: dict[str, set[str]] = defaultdict(set)
    for conference_id, leg in Participant.objects.filter(conference_id__in=ids).values_list(
        "conference_id", "call_control_id"
    ):
        found[transitions.subject(conference_id)].add(leg)
    about = Fact.objects.filter(subject__in=map(transitions.subject, ids)).exclude(leg="")
    for subject, leg in about.exclude(kind__in=["floor", "created"]).values_list("subject", "leg"):
        found[subject].add(leg)
    return {(subject, leg) for subject, legs in found.items() for leg in legs}
