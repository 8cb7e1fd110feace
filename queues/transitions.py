"""What events mean for a queue and the callers in it. Pure: no database, no clock."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from telephony.events import Event
from telephony.facts import Dated, Occurrence, key, moment, write
from telephony.stays import End, Stay, stays

_WEBHOOKS = {"call.enqueued": "enqueued", "call.dequeued": "dequeued"}


def subject(name: str) -> str:
    return f"queue:{name}"


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about queues in one event; none for events that are about something else."""
    name = event.payload.get("queue")
    if not isinstance(name, str) or not 0 < len(name) <= 255 or "\x00" in name:
        return []
    if event.type in _WEBHOOKS and event.payload.get("call_control_id"):
        return [_of_webhook(event, name)]
    if event.type == "read.queue":
        return list(_of_read(event, name))
    return []


def _of_webhook(event: Event, name: str) -> Occurrence:
    detail = {
        field: event.payload[field]
        for field in ("reason", "wait_time_secs")
        if isinstance(event.payload.get(field), str | int)
    }
    leg = str(event.payload["call_control_id"])
    return Occurrence(event.id, subject(name), leg, _WEBHOOKS[event.type], event.at, event.source, detail)


def _of_read(event: Event, name: str) -> Iterator[Occurrence]:
    """A read carries only what it found to be otherwise: see `queues.reads`."""

    def told(kind: str, leg: str = "", at: datetime | None = None, **detail: Any) -> Occurrence:
        return Occurrence(event.id, subject(name), leg, kind, at or event.at, event.source, detail)

    if event.payload.get("settings"):
        yield told("sized", **event.payload["settings"])
    if event.payload.get("absent"):
        yield told("absent")
    for leg, enqueued_at in event.payload.get("joined", {}).items():
        yield told("enqueued", leg, moment(enqueued_at))
    for leg in event.payload.get("left", []):
        yield told("dequeued", leg)
    for leg in event.payload.get("kept", []):
        yield told("kept", leg)


def fold(queue: Any, facts: Iterable[Dated]) -> bool:
    """Fold facts into the queue's own fields. True if a field was written."""
    written = [_fold_one(queue, fact) for fact in facts]
    return any(written)


def _fold_one(queue: Any, fact: Dated) -> bool:
    by = key(fact)
    if fact.kind == "absent":
        return write(queue, "presence", by, absent_since=fact.at)
    if fact.kind == "sized":
        return any([_sized(queue, fact, by), write(queue, "presence", by, absent_since=None)])
    if fact.kind == "enqueued":
        return write(queue, "presence", by, absent_since=None)
    return False


def _sized(queue: Any, fact: Dated, by: str) -> bool:
    size, telnyx_id = fact.detail.get("max_size"), str(fact.detail.get("id") or "")[:100]
    return write(queue, "settings", by, max_size=size, telnyx_id=telnyx_id)


def callers(facts: Sequence[Dated], hung_up_at: datetime | None) -> list[tuple[Stay, dict[str, Any]]]:
    """The stays of one leg in one queue, with the queued call's fields; all facts about it are given."""
    found = stays(facts, opens="enqueued", closes="dequeued", ends=_ends(facts, hung_up_at))
    return [(stay, caller(stay, hung_up_at)) for stay in found]


def _ends(facts: Iterable[Dated], hung_up_at: datetime | None) -> list[End]:
    """A hang-up ends a wait, unless Telnyx keeps the call in the queue: a read says so."""
    if hung_up_at is None or any(fact.kind == "kept" for fact in facts):
        return []
    return [End(hung_up_at, "hangup")]


def caller(stay: Stay, hung_up_at: datetime | None) -> dict[str, Any]:
    """The fields of a queued call. A call kept after its hang-up waits on, inactive."""
    waited = stay.closing.detail.get("wait_time_secs") if stay.closing else None
    if waited is None and stay.closed_at is not None:
        waited = max(0, round((stay.closed_at - stay.opened_at).total_seconds()))
    return {
        "opened_by": stay.opened_by,
        "enqueued_at": stay.opened_at,
        "left_at": stay.closed_at,
        "left_because": stay.because[:40],
        "waited_seconds": waited if isinstance(waited, int) and 0 <= waited < 2**31 else None,
        "is_alive": hung_up_at is None,
    }
