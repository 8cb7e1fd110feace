"""How far what we thought was from what Telnyx says: what reads found to be otherwise, counted by kind."""

from collections import Counter
from datetime import datetime

from django.db.models import Count

from telephony.models import Fact, InboxEvent

# Names, sizes and what Telnyx keeps are only ever told by reads: news, not drift.
_REPAIRED = {
    "joined": "joined",
    "left": "left",
    "muted": "muted",
    "unmuted": "muted",
    "held": "held",
    "resumed": "held",
    "ended": "ended",
    "enqueued": "enqueued",
    "dequeued": "dequeued",
}


def drift(since: datetime) -> Counter[str]:
    """What reads since then repaired: joined, left, muted, held, ended; in queues enqueued, dequeued.

    By when we read, not by when it happened: a read may find today who joined yesterday.
    """
    reads = InboxEvent.objects.filter(source=InboxEvent.Source.READ, received_at__gte=since)
    facts = Fact.objects.filter(event__in=reads.values("event_id"), kind__in=_REPAIRED)
    found: Counter[str] = Counter()
    for kind, count in facts.order_by().values_list("kind").annotate(count=Count("pk")):
        found[_REPAIRED[kind]] += count
    return found


def in_words(found: Counter[str]) -> str:
    """`7: 4 muted, 2 joined, 1 left`."""
    if not found:
        return "none"
    return f"{found.total()}: " + ", ".join(f"{count} {kind}" for kind, count in found.most_common())
