"""Dead letters: seen by the projections as if they had just come, or put aside with a reason."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from telephony.models import InboxEvent
from telephony.projection import arrive


def requeue(ids: Iterable[int]) -> int:
    """Dead letters (primary keys), those put aside as well, wait for the projections again, which wake up.

    Returns how many they were.
    """
    dead = InboxEvent.objects.filter(pk__in=ids, state__in=(InboxEvent.State.DEAD, InboxEvent.State.ASIDE))
    with transaction.atomic():
        count = dead.update(
            state=InboxEvent.State.PENDING,
            attempts=0,
            error="",
            next_attempt_at=None,
            projected_at=None,
            aside_at=None,
            aside_by="",
            aside_reason="",
        )
        arrive([])
    return count


def put_aside(pk: int, by: str, reason: str) -> bool:
    """A dead letter is kept and no trouble any more. False: it is not dead (any more)."""
    dead = InboxEvent.objects.filter(pk=pk, state=InboxEvent.State.DEAD)
    now = timezone.now()
    return bool(
        dead.update(state=InboxEvent.State.ASIDE, aside_at=now, aside_by=by[:100], aside_reason=reason[:200])
    )
