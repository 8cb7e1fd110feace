"""The facts of supervisions that ended long ago. Who listened to whom stays known, as the log does."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from supervision.models import LIVE, PhoneTest, Supervision
from supervision.transitions import subject
from telephony.models import Fact

CHUNK = 500


def forget(before: datetime) -> int:
    """Delete the facts of supervisions that ended before then. How many, up to `CHUNK`.

    Before the conferences': a record without them would be made anew of half of what was told.
    """
    over = Supervision.objects.exclude(state__in=LIVE).filter(forgotten_at=None, requested_at__lt=before)
    with transaction.atomic():
        keys = sorted(over.filter(ended_at__lt=before).values_list("pk", flat=True)[:CHUNK])
        Fact.objects.filter(subject__in=[subject(str(key)) for key in keys]).delete()
        Supervision.objects.filter(pk__in=keys).update(forgotten_at=timezone.now())
        forget_tests(before)
    return len(keys)


def forget_tests(before: datetime) -> None:
    """Test calls go whole: the log of commands tells of them."""
    over = PhoneTest.objects.exclude(state__in=PhoneTest.LIVE).filter(requested_at__lt=before)
    keys = sorted(over.values_list("pk", flat=True)[:CHUNK])
    Fact.objects.filter(subject__in=[subject(str(key)) for key in keys]).delete()
    PhoneTest.objects.filter(pk__in=keys).delete()
