"""What webhooks lacked, read from Telnyx: recordings nobody told of, and how long the sound of each is.

What is found enters the inbox as one `read.recording` event each, without the addresses of its sound:

    {"recording_id", "conference_id", "recording_started_at", "recording_ended_at", "duration_millis",
     "channels", "source", "initiated_by", "status", "format"}      or {"recording_id", "gone": true}

What was recorded before Earshot was there is never taken in: it would be deleted when its days are over.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from dashboard.pokes import poke
from recordings import projection
from recordings.models import Recording
from telephony import reads
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import TelnyxError
from telephony.models import InboxEvent
from telephony.wire import Json

log = logging.getLogger("earshot.recordings")

LOOK_EVERY = 10.0  # seconds
SWEEP_EVERY = 300.0  # seconds
OVERLAP = timedelta(minutes=15)  # of two sweeps: a recording may be saved that long after its end
FRESH = timedelta(minutes=1)
AT_ONCE = 10  # conferences of one look
_TOLD = (
    *("conference_id", "recording_started_at", "recording_ended_at", "duration_millis"),
    *("channels", "source", "initiated_by", "status"),
)


@dataclass(slots=True)
class Reader:
    """Looks for what is missing; remembers which conferences it has asked for, and when."""

    telnyx: TelnyxClient
    clock: Callable[[], float] = time.monotonic
    _next_look: float = 0.0
    _next_sweep: float = 0.0
    _swept_until: datetime | None = None
    _asked: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        """Every few seconds what is awaited, every few minutes what nobody told of."""
        if self.clock() < self._next_look:
            return
        self._next_look = self.clock() + LOOK_EVERY
        _settle_fresh()
        try:
            for conference_id in self._awaited():
                self._take(self.telnyx.list_recordings(conference_id=conference_id))
            if self.clock() >= self._next_sweep:
                self._sweep()
        except TelnyxError as problem:
            log.info("Recordings cannot be read now: %s", problem.words)
            self._next_look = self.clock() + 6 * LOOK_EVERY

    def _awaited(self) -> list[str]:
        """Conferences of which a recording is not saved, or its sound's length is not known; newest first.

        One that stays unknown is asked for ever more rarely.
        """
        now = timezone.now()
        unsaved = Recording.objects.filter(recording_id=None, ended_at__gte=now - timedelta(days=1))
        unmeasured = Recording.objects.filter(
            recording_id__isnull=False,
            duration_millis=None,
            deleted_at=None,
            gone_at=None,
            first_seen_at__gte=now - timedelta(days=1),
        )
        found = (
            (unsaved | unmeasured)
            .exclude(conference_id="")
            .order_by("-at")
            .values_list("conference_id", "ended_at")
        )
        due = [id_ for id_, ended_at in found[:200] if self._is_due(id_, ended_at, now)]
        wanted = list(dict.fromkeys(due))[:AT_ONCE]
        self._asked |= dict.fromkeys(wanted, self.clock())
        return wanted

    def _is_due(self, conference_id: str, ended_at: datetime | None, now: datetime) -> bool:
        age = (now - ended_at).total_seconds() if ended_at else 0.0
        last = self._asked.get(conference_id)
        return last is None or self.clock() - last >= max(LOOK_EVERY, age / 10)

    def _sweep(self) -> None:
        started = database_now()
        if self._swept_until is None:
            self._swept_until = _first_sweep(started)
        connection = settings.TELNYX_CONNECTION_ID or None
        found = self.telnyx.list_recordings(
            created_since=self._swept_until - OVERLAP, connection_id=connection
        )
        self._take(found)
        self._swept_until, self._next_sweep = started, self.clock() + SWEEP_EVERY
        self._asked = {id_: at for id_, at in self._asked.items() if self.clock() - at < 86_400}

    def _take(self, listed: Iterable[Json]) -> None:
        """Put what is news into the inbox."""
        found = {str(told["id"]): told for told in listed if told.get("id") and _is_ours(told)}
        started = database_now()
        known = Recording.objects.filter(recording_id__in=found, duration_millis__isnull=False)
        for recording_id in known.values_list("recording_id", flat=True):
            found.pop(str(recording_id), None)
        with transaction.atomic():
            for recording_id, told in found.items():
                reads.found("read.recording", {"recording_id": recording_id, **_told(told)}, started)


def _first_sweep(now: datetime) -> datetime:
    """Since the newest event that is known, a day at most: how long nobody may have listened. A new Earshot
    begins now."""
    newest = InboxEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    return max(newest, now - timedelta(days=1)) if newest else now + OVERLAP


def _is_ours(told: Json) -> bool:
    """Lists are account-wide, and calls are recorded too."""
    ours = settings.TELNYX_CONNECTION_ID
    return told.get("source", "conference") == "conference" and (
        not ours or told.get("connection_id") in (None, ours)
    )


def _told(told: Json) -> dict[str, Any]:
    urls = told.get("download_urls")
    forms = [form for form in ("mp3", "wav") if isinstance(urls, dict) and urls.get(form)]
    found = {name: told[name] for name in _TOLD if told.get(name) is not None}
    return found | ({"format": forms[0]} if forms else {})


def _settle_fresh() -> None:
    """Take people and pauses from the facts once more: what two processes projected at the same moment
    neither may have seen."""
    fresh = Recording.objects.filter(first_seen_at__gte=timezone.now() - FRESH, forgotten_at=None)
    with transaction.atomic():
        changes = projection.settle(set(fresh.values_list("conference_id", flat=True)))
        transaction.on_commit(lambda: poke(changes))
