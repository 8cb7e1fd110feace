"""Webhooks that never arrived, from Telnyx's own log of deliveries.

Lists tell who is where; who held the floor and why a caller left only a webhook can tell. A delivery that
failed has the original event: it enters the inbox under its own event id, as the webhook that it is.

`GET /webhook_deliveries` (https://developers.telnyx.com/api/webhooks/list-webhook-deliveries) is of the whole
account, lists a delivery once all its attempts have failed, and dates it by its first attempt.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from telephony import status
from telephony.bodies import without_links
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import RateLimited, TelnyxError, Unavailable, UnknownOutcome
from telephony.events import Event, Unreadable, parse
from telephony.facts import moment
from telephony.models import InboxEvent
from telephony.projection import Arrival, arrive
from telephony.wire import Json

log = logging.getLogger("earshot.deliveries")

EVERY = 30.0  # seconds between two looks
AFTER_SILENCE = 60.0
RARELY = 3600.0  # for an account that has no such log, or a key that may not read it
OVERLAP = timedelta(minutes=2)  # the last attempt may fail that long after the first
FIRST, LONGEST = timedelta(hours=1), timedelta(hours=24)
OURS = ("call.", "conference.")


class Deliveries:
    """Call `look` as often as you like: it asks Telnyx when it is time."""

    def __init__(self, telnyx: TelnyxClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._telnyx, self._clock = telnyx, clock
        self._next, self._refused = 0.0, False

    def look(self) -> int:
        """How many lost webhooks were found. Never raises what Telnyx answers."""
        if self._clock() < self._next or not status.current().reachable:
            return 0
        try:
            found, pause = self._fetch(), EVERY
            self._refused = False
        except RateLimited as busy:
            found, pause = 0, max(EVERY, busy.reset)
        except (Unavailable, UnknownOutcome) as silence:
            found, pause = 0, AFTER_SILENCE
            status.no_deliveries(silence.words)
        except TelnyxError as problem:
            found, pause = 0, RARELY
            status.no_deliveries(problem.words)
            self._say(problem)
        self._next = self._clock() + pause
        return found

    def _say(self, problem: TelnyxError) -> None:
        if not self._refused:
            log.warning("Lost webhooks cannot be fetched: %s. Trying once an hour.", problem.words)
        self._refused = True

    def _fetch(self) -> int:
        started = database_now()
        since = (status.current().deliveries_read_until or started - FIRST) - OVERLAP
        failed = self._telnyx.list_webhook_deliveries("failed", max(since, started - LONGEST))
        new = _new(_arrivals(failed))
        with transaction.atomic():
            arrive(new)
            _mark(new, started)
            status.read_deliveries(until=started)
        if new:
            log.info("%d webhooks that never arrived were fetched", len(new))
        return len(new)


def _mark(new: Iterable[Arrival], now: datetime) -> None:
    InboxEvent.objects.filter(event_id__in=[arrival.event_id for arrival in new]).update(recovered_at=now)


def recovered(since: datetime) -> int:
    """How many webhooks that never arrived were fetched since then."""
    return InboxEvent.objects.filter(recovered_at__gte=since).count()


def _arrivals(failed: Iterable[Json]) -> list[Arrival]:
    arrivals = (_arrival(delivery) for delivery in failed)
    return list({arrival.event_id: arrival for arrival in arrivals if arrival}.values())


def _arrival(delivery: Json) -> Arrival | None:
    """None for what is not a webhook of ours. What Telnyx did not date counts as of its first attempt."""
    webhook = delivery.get("webhook")
    if not isinstance(webhook, dict):
        return None
    received_at: datetime = moment(delivery.get("started_at")) or timezone.now()
    body = json.dumps(webhook if "data" in webhook else {"data": webhook}).encode()
    try:
        event = parse(body, source="webhook", received_at=received_at)
    except Unreadable as problem:
        log.info("A failed delivery cannot be read: %s", problem.reason)
        return None
    kept = without_links(event.type, body)
    return Arrival(event.id, "webhook", event.type, kept, received_at) if _is_ours(event) else None


def _is_ours(event: Event) -> bool:
    """The log has messages, faxes and other applications' calls in it too."""
    ours: Any = settings.TELNYX_CONNECTION_ID
    told = event.payload.get("connection_id")
    return event.type.startswith(OURS) and (not ours or told is None or told == ours)


def _new(arrivals: list[Arrival]) -> list[Arrival]:
    named = [arrival.event_id for arrival in arrivals]
    known = set(InboxEvent.objects.filter(event_id__in=named).values_list("event_id", flat=True))
    return [arrival for arrival in arrivals if arrival.event_id not in known]
