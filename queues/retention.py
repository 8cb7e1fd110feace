"""What was told of callers long ago; their stays, and so every figure made of them, stay as they are."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from queues import takes_transitions
from queues.models import Take
from queues.transitions import subject
from telephony.models import Call, Fact

CHUNK = 500


def forget(before: datetime) -> int:
    """Delete the facts of forgotten calls, and of queues themselves, from before then. Up to `CHUNK`."""
    gone = Call.objects.filter(forgotten_at__isnull=False).values("call_control_id")
    about = Fact.objects.filter(subject__startswith=subject(""), at__lt=before)
    with transaction.atomic():
        rows = list(about.filter(Q(leg="") | Q(leg__in=gone)).values_list("pk", flat=True)[:CHUNK])
        Fact.objects.filter(pk__in=rows).delete()
        forget_takes(before)
    return len(rows)


def forget_takes(before: datetime) -> None:
    """Takes go whole: the log of commands tells of them."""
    over = Take.objects.exclude(state__in=Take.LIVE).filter(requested_at__lt=before)
    keys = sorted(over.values_list("pk", flat=True)[:CHUNK])
    Fact.objects.filter(subject__in=[takes_transitions.subject(str(key)) for key in keys]).delete()
    Take.objects.filter(pk__in=keys).delete()
