"""The recordings' part in making everything again from the inbox."""

from collections.abc import Sequence

from recordings import projection, transitions
from recordings.models import Recording
from telephony import rows
from telephony.events import Event
from telephony.models import Fact
from telephony.projection import Change
from telephony.rebuild import in_batches

# Who played it is told by the command log, not by events.
OURS = {"recording_id", "begun_by", "played_at", "played_by", "plays", "version", "first_seen_at"}


class Recordings:
    """Recordings, their voices and their facts. Settles after the conferences: it reads their facts."""

    def clear(self) -> None:
        Fact.objects.filter(subject__startswith=transitions.subject("")).delete()
        rows.blank(Recording.objects.filter(forgotten_at=None, recording_id__isnull=False), keep=OURS)

    def take(self, events: Sequence[Event]) -> None:
        told = [fact for event in events for fact in transitions.occurrences(event)]
        named = {fact.subject.partition(":")[2] for fact in told}
        gone = Recording.objects.filter(recording_id__in=named, forgotten_at__isnull=False)
        forgotten = set(gone.values_list("recording_id", flat=True))
        projection.fold([fact for fact in told if fact.subject.partition(":")[2] not in forgotten])

    def settle(self) -> set[Change]:
        kept = Recording.objects.filter(forgotten_at=None)
        named = {subject.partition(":")[2] for subject in _subjects(transitions.subject(""))}
        known = dict(kept.filter(recording_id__isnull=False).values_list("pk", "recording_id"))
        for some in in_batches([pk for pk, recording_id in known.items() if recording_id not in named]):
            Recording.objects.filter(pk__in=some).delete()
        conferences = set(kept.values_list("conference_id", flat=True)) | _begun()
        changes = {("recording", str(pk)) for pk in known}
        for batch in in_batches(sorted(conferences), 100):
            changes |= projection.settle(batch)
        return changes


def _subjects(start: str) -> set[str]:
    about = Fact.objects.filter(subject__startswith=start)
    return set(about.order_by().values_list("subject", flat=True).distinct())


def _begun() -> set[str]:
    begun = Fact.objects.filter(kind="recording_started").order_by().values_list("subject", flat=True)
    return {subject.partition(":")[2] for subject in begun.distinct()}
