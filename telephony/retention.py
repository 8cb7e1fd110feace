"""What is kept only so long: who called, and the events themselves. A chunk at a time, each committed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from telephony.models import Call, Fact, InboxEvent

CHUNK = 500


def forget_calls(before: datetime) -> int:
    """Take numbers, names and client states out of calls that ended before then. How many, up to `CHUNK`.

    One whose end nobody told counts from when it was first heard of: no call lasts for days.
    """
    over = Q(ended_at__lt=before) | Q(ended_at=None)
    found = Call.objects.filter(over, forgotten_at=None, first_seen_at__lt=before)
    with transaction.atomic():
        rows = list(found.order_by("first_seen_at").values_list("pk", flat=True)[:CHUNK])
        Call.objects.filter(pk__in=rows).update(
            from_number="", to_number="", caller_id_name="", client_state="", forgotten_at=timezone.now()
        )
    return len(rows)


def delete_events(before: datetime) -> int:
    """Delete projected events that came before then and that no fact is made of. How many, up to `CHUNK`.

    Dead letters stay until somebody has replayed them or put them aside; these go as long after that.
    """
    facts = Fact.objects.filter(event=OuterRef("event_id"))
    projected = Q(state=InboxEvent.State.PROJECTED, received_at__lt=before)
    aside = Q(state=InboxEvent.State.ASIDE, received_at__lt=before, aside_at__lt=before)
    done = InboxEvent.objects.filter(projected | aside)
    with transaction.atomic():
        rows = list(done.exclude(Exists(facts)).order_by("received_at").values_list("pk", flat=True)[:CHUNK])
        InboxEvent.objects.filter(pk__in=rows).delete()
    return len(rows)
