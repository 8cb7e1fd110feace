"""Times of which nobody told what happened: webhooks were missing, or Earshot did not run.

A gap enters the inbox as a `read.gap` event, `{"since", "until"}`, once it is over and Telnyx's log of
deliveries had its chance: a log that has been read past the gap has brought everything that was lost in it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from supervisor_site import measures
from telephony import reads, status

DOWN = timedelta(seconds=45)  # without a read of everything, which comes each 10 s: nobody was there
CHANCE = timedelta(seconds=90)  # for the log, which is asked each 30 s, or a minute after it was silent


@dataclass(slots=True)
class Gaps:
    """Call `look` as often as you like. What is not settled yet is kept in memory."""

    _silent_since: datetime | None = None
    _begun: bool = False
    _open: list[tuple[datetime, datetime]] = field(default_factory=list)

    def look(self) -> None:
        now = timezone.now()
        if not self._begun:
            self._begun = True
            self._after_a_pause(now)
        self._after_a_silence(now)
        for gap in [gap for gap in self._open if now - gap[1] >= CHANCE]:
            self._open.remove(gap)
            _settle(*gap, now)

    def _after_a_pause(self, now: datetime) -> None:
        """When the worker begins: since when nobody had looked."""
        last = status.current().checked_at
        if last and now - last > DOWN:
            self._open.append((last, now))

    def _after_a_silence(self, now: datetime) -> None:
        told = measures.hearing()["shown"]["since"]
        since = parse_datetime(told) if told else None
        if self._silent_since and since is None:
            self._open.append((self._silent_since, now))
        self._silent_since = since


def _settle(since: datetime, until: datetime, now: datetime) -> None:
    read_until = status.current().deliveries_read_until
    if read_until is not None and read_until >= until:
        return
    with transaction.atomic():
        reads.found("read.gap", {"since": since.isoformat(), "until": until.isoformat()}, now)
