"""What was told of recordings long ago. A recording that Telnyx still has keeps its people and its name."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from recordings.models import Recording, Voice
from recordings.transitions import subject
from telephony.models import Fact

CHUNK = 500


def forget(before: datetime) -> int:
    """Delete the facts of recordings that ended before then. How many recordings, up to `CHUNK`.

    Before the conferences': whose facts are gone tells nothing of its recordings any more.
    """
    over = Recording.objects.filter(forgotten_at=None, ended_at__lt=before, first_seen_at__lt=before)
    with transaction.atomic():
        keys = sorted(over.order_by("ended_at").values_list("pk", flat=True)[:CHUNK])
        found = list(Recording.objects.filter(pk__in=keys).order_by("pk").select_for_update())
        about = [subject(recording.recording_id) for recording in found if recording.recording_id]
        Fact.objects.filter(subject__in=about).delete()
        Recording.objects.filter(pk__in=keys).update(forgotten_at=timezone.now())
    return len(keys)


def forget_people(before: datetime) -> int:
    """Take the numbers out of recordings deleted before then, or never saved. How many, up to `CHUNK`."""
    deleted = Voice.objects.filter(recording__deleted_at__lt=before)
    gone = Voice.objects.filter(recording__gone_at__lt=before)
    never = Voice.objects.filter(recording__recording_id=None, recording__ended_at__lt=before)
    with transaction.atomic():
        keys = list((deleted | gone | never).exclude(number="").values_list("pk", flat=True)[:CHUNK])
        Voice.objects.filter(pk__in=keys).update(number="")
    return len(keys)
