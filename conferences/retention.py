"""The timelines of conferences that ended long ago, and what was said and keyed in them; else they stay."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from conferences.models import Conference, Hand, Participant
from conferences.transitions import call_subject, subject
from telephony.models import Call, Fact

CHUNK = 50


def forget(before: datetime) -> int:
    """Delete the facts of conferences that ended before then, and what forgotten calls keyed. How many of the
    one or the other, up to `CHUNK`."""
    return max(_forget_conferences(before), _forget_keys(before))


def _forget_conferences(before: datetime) -> int:
    over = Conference.objects.filter(forgotten_at=None, ended_at__lt=before, first_seen_at__lt=before)
    with transaction.atomic():
        # In the projections' order: conferences by id, then facts.
        ids = sorted(over.order_by("ended_at").values_list("pk", flat=True)[:CHUNK])
        found = list(Conference.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        Fact.objects.filter(subject__in=[subject(conference.pk) for conference in found]).delete()
        Participant.objects.filter(conference__in=ids).update(
            label="", play_sent={}, speak_sent={}, keyed_digits=""
        )
        Hand.objects.filter(conference__in=ids).update(words="")
        Conference.objects.filter(pk__in=ids).update(play_sent={}, speak_sent={}, forgotten_at=timezone.now())
    return len(ids)


def _forget_keys(before: datetime) -> int:
    """A call that is forgotten is so with its digits, also in a conference that is not yet."""
    gone = Call.objects.filter(forgotten_at__isnull=False).values("call_control_id")
    about = Fact.objects.filter(subject__startswith=call_subject(""), leg__in=gone, at__lt=before)
    with transaction.atomic():
        legs = list(about.order_by("leg").values_list("leg", flat=True).distinct()[:CHUNK])
        Participant.objects.filter(call_control_id__in=legs).update(
            keyed_at=None, keyed_digits="", keyed_status=""
        )
        Fact.objects.filter(subject__in=map(call_subject, legs)).delete()
    return len(legs)
