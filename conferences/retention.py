"""The timelines of conferences that ended long ago; the conference and its people stay as they are."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conferences.models import Conference
from conferences.transitions import subject
from telephony.models import Fact

CHUNK = 50


def forget(before: datetime) -> int:
    """Delete the facts of conferences that ended before then. How many conferences, up to `CHUNK`."""
    over = Conference.objects.filter(forgotten_at=None, ended_at__lt=before, first_seen_at__lt=before)
    with transaction.atomic():
        # In the projections' order: conferences by id, then facts.
        ids = sorted(over.order_by("ended_at").values_list("pk", flat=True)[:CHUNK])
        found = list(Conference.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        Fact.objects.filter(subject__in=[subject(conference.pk) for conference in found]).delete()
        Conference.objects.filter(pk__in=ids).update(forgotten_at=timezone.now())
    return len(ids)
