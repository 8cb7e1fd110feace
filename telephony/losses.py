"""Webhooks that are lost for good: what a read had to repair, and no webhook told afterwards either.

Reads repair who is where. The same losses may have taken what no list tells, so they are worth knowing. While
Telnyx's log of deliveries can be read, it brings everything that was lost; only without it a loss stays one.
"""

from datetime import datetime, timedelta

from django.db.models import Max

from telephony import status
from telephony.clock import database_now
from telephony.deliveries import OVERLAP
from telephony.models import Fact, InboxEvent

# Webhooks are late, and sent again: what a read found is lost only if no webhook told it so long after.
LATE = timedelta(seconds=15)
AT_MOST = timedelta(minutes=10)
WHILE_READING = timedelta(seconds=5)  # it arrived while the read went on
# What lists show and webhooks tell. Names, sizes, mute and hold come by no webhook.
_TOLD_BY_BOTH = ("joined", "left", "ended", "enqueued", "dequeued")
Source = InboxEvent.Source


class Losses:
    """What one worker has judged so far. `newest` is for after a read of everything."""

    def __init__(self) -> None:
        self._judged: datetime | None = None

    def newest(self) -> datetime | None:
        """When a read found last what a webhook had lost, of what was not judged yet. None: nothing is lost,
        or the log of deliveries will bring it."""
        now, telnyx = database_now(), status.current()
        if telnyx.deliveries_refused_since is None:
            self._judged = None
            return None
        begun = (telnyx.deliveries_read_until or telnyx.deliveries_refused_since) - OVERLAP
        since, until = max(self._judged or begun, now - AT_MOST), now - LATE
        self._judged = max(since, until)
        return lost(since, until)


def lost(since: datetime, until: datetime) -> datetime | None:
    """The time of the newest read after `since` and until `until` that repaired what no webhook has told."""
    repairs = _told_by(Source.READ, since, until)
    webhooks = _told_by(Source.WEBHOOK, since - WHILE_READING, None)
    told = {(fact.subject, fact.leg, fact.kind) for fact in webhooks}
    alone = {fact.event for fact in repairs if (fact.subject, fact.leg, fact.kind) not in told}
    found = InboxEvent.objects.filter(event_id__in=alone).aggregate(newest=Max("received_at"))
    return found["newest"]  # type: ignore[no-any-return]


def _told_by(source: Source, since: datetime, until: datetime | None) -> list[Fact]:
    arrived = InboxEvent.objects.filter(source=source, received_at__gt=since)
    if until is not None:
        arrived = arrived.filter(received_at__lte=until)
    return list(Fact.objects.filter(event__in=arrived.values("event_id"), kind__in=_TOLD_BY_BOTH))
