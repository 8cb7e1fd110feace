"""Dead letters get another chance: after a fix, the projections see them as if they had just come."""

from collections.abc import Iterable

from django.db import transaction

from telephony.models import InboxEvent
from telephony.projection import arrive


def requeue(ids: Iterable[int]) -> int:
    """Dead letters (primary keys) wait for the projections again, which wake up. How many they were."""
    dead = InboxEvent.objects.filter(pk__in=ids, state=InboxEvent.State.DEAD)
    with transaction.atomic():
        count = dead.update(
            state=InboxEvent.State.PENDING, attempts=0, error="", next_attempt_at=None, projected_at=None
        )
        arrive([])
    return count
