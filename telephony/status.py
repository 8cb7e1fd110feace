"""Whether Telnyx's API answers: one row, written by reads and shown as a banner and in the status bar."""

from datetime import datetime

from django.utils import timezone

from telephony.models import TelnyxStatus
from telephony.projection import Change
from telephony.statements import Select

CHANGE: Change = ("telnyx", "")

_CURRENT = Select(TelnyxStatus, "id = 1")


def current() -> TelnyxStatus:
    """The one row; before the first request nothing is known."""
    return next(iter(_CURRENT.rows()), None) or TelnyxStatus(pk=1)


def answered(latency_ms: int | None) -> set[Change]:
    """A read went through just now."""
    return _write(reachable=True, latency_ms=latency_ms, reason="", next_try_at=None)


def silent(reason: str, next_try_at: datetime) -> set[Change]:
    """A read failed just now; `reason` in words. `since` stays that of the first failure."""
    return _write(reachable=False, reason=reason[:300], next_try_at=next_try_at)


def ask_now() -> None:
    """Have the worker, whichever process it is, read at its next look."""
    TelnyxStatus.objects.filter(pk=1).update(next_try_at=timezone.now())


def read_deliveries(until: datetime) -> None:
    """Telnyx's log of failed deliveries has been read up to then."""
    TelnyxStatus.objects.filter(pk=1).update(
        deliveries_read_until=until, deliveries_refused_since=None, deliveries_reason=""
    )


def no_deliveries(reason: str) -> None:
    """That log cannot be read, `reason` in words; since when stays the time of the first failure."""
    row = TelnyxStatus.objects.filter(pk=1)
    row.update(deliveries_reason=reason[:300])
    row.filter(deliveries_refused_since=None).update(deliveries_refused_since=timezone.now())


def is_asked() -> bool:
    """Whether a read is due before the beat: somebody asked, or Telnyx was silent long enough."""
    due = current().next_try_at
    return due is not None and due <= timezone.now()


def _write(*, reachable: bool, **fields: object) -> set[Change]:
    now = timezone.now()
    row = current()
    if row.reachable is not reachable:
        row.since = now
    row.reachable, row.checked_at = reachable, now
    for name, value in fields.items():
        setattr(row, name, value)
    row.version += 1
    # What is not written here (the log of deliveries) another thread may be writing.
    ours = ["reachable", "since", "checked_at", "version", *fields]
    row.save(update_fields=None if row._state.adding else ours)
    return {CHANGE}
