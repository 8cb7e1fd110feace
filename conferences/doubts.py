"""Who holds the floor only a webhook tells: where webhooks are lost for good, the older holder may be wrong.

A loss that is proven anywhere (`telephony.losses`) is a fact about every conference that is live: *doubted*
then. A holder who took the floor until shortly after it is not known, until `conference.floor.changed` tells
a later one, or until Telnyx's log of deliveries was read past it: *heard* until then. Both are
`read.conference` events, so that the rows follow from the inbox alone.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from conferences.models import Conference
from telephony import status
from telephony.clock import database_now
from telephony.deliveries import OVERLAP
from telephony.events import encode
from telephony.losses import Losses
from telephony.projection import Arrival, arrive


class Doubts:
    """One worker's. `look` after each read of everything."""

    def __init__(self) -> None:
        self._losses = Losses()

    def look(self) -> None:
        """Doubt what a loss makes doubtful; take back what the log of deliveries has settled."""
        if lost_at := self._losses.newest():
            _tell("doubted", Conference.objects.live().values_list("pk", flat=True), lost_at)
        telnyx = status.current()
        if telnyx.deliveries_read_until and telnyx.deliveries_refused_since is None:
            self._take_back(telnyx.deliveries_read_until - OVERLAP)

    def _take_back(self, heard_until: datetime) -> None:
        open_ones = Q(floor_heard_until=None) | Q(floor_heard_until__lt=F("floor_doubted_at"))
        doubted = Conference.objects.live().filter(open_ones, floor_doubted_at__lte=heard_until)
        _tell("heard", doubted.values_list("pk", flat=True), heard_until)


def _tell(what: str, conference_ids: Iterable[str], at: datetime) -> None:
    """Two workers that find the same say the same, under the same event id."""
    now = database_now()
    with transaction.atomic():
        arrive([_arrival(what, conference_id, at, now) for conference_id in conference_ids])


def _arrival(what: str, conference_id: str, at: datetime, now: datetime) -> Arrival:
    event_id = f"read:{what}:{conference_id}:{at.isoformat()}"
    payload = {"conference_id": conference_id, what: at.isoformat()}
    body = encode("read.conference", event_id, now, payload)
    return Arrival(event_id, "read", "read.conference", body, now)
