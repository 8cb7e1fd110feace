"""What was told of bridged legs long ago; their stays stay as they are."""

from datetime import datetime

from django.db import transaction

from bridged_calls.transitions import subject
from telephony.models import Call, Fact

CHUNK = 500


def forget(before: datetime) -> int:
    """Delete the facts of forgotten calls from before then. How many, up to `CHUNK`."""
    gone = Call.objects.filter(forgotten_at__isnull=False).values("call_control_id")
    about = Fact.objects.filter(subject__startswith=subject(""), at__lt=before, leg__in=gone)
    with transaction.atomic():
        rows = list(about.values_list("pk", flat=True)[:CHUNK])
        Fact.objects.filter(pk__in=rows).delete()
    return len(rows)
