"""What events mean for a queue and the callers in it. Pure: no database, no clock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from telephony.events import Event
from telephony.facts import Dated, Occurrence, key, moment, order, write
from telephony.stays import End, Stay, stays

_WEBHOOKS = {"call.enqueued": "enqueued", "call.dequeued": "dequeued"}
_DETAILS = ("reason", "wait_time_secs", "current_position", "queue_position", "queue_avg_wait_time_secs")
# Accepted commands that say how a call waits; Telnyx repeats none of it. Their options → ours.
_REMOVED = "reply.remove-inactive"  # a call that hung up long ago; no webhook tells that its place went too
_REPLIES = frozenset({"reply.enqueue", "reply.keep", _REMOVED})
_WISHES = {"keep_after_hangup": "keep", "max_wait_time_secs": "max_wait"}
GAP = "read.gap"  # a time of which nobody told what happened: see `supervisor_site.gaps`
ENTERS_WITHIN = timedelta(seconds=10)  # from the accepted command to the waiting


def subject(name: str) -> str:
    return f"queue:{name}"


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about queues in one event; none for events that are about something else."""
    name = event.payload.get("queue")
    if event.type in _REPLIES:
        name = name or event.payload.get("options", {}).get("queue_name")
    if event.type == _REMOVED:
        name = event.payload.get("from_queue")
    if not isinstance(name, str) or not 0 < len(name) <= 255 or "\x00" in name:
        return []
    if event.type in _WEBHOOKS and event.payload.get("call_control_id"):
        return [_of_webhook(event, name)]
    if event.type in _REPLIES:
        return list(_of_reply(event, name))
    if event.type == "read.queue":
        return list(_of_read(event, name))
    return []


def _of_webhook(event: Event, name: str) -> Occurrence:
    detail = {
        field: event.payload[field] for field in _DETAILS if isinstance(event.payload.get(field), str | int)
    }
    leg = str(event.payload["call_control_id"])
    return Occurrence(event.id, subject(name), leg, _WEBHOOKS[event.type], event.at, event.source, detail)


def _of_reply(event: Event, name: str) -> Iterator[Occurrence]:
    """Also what was not asked for: a call that is queued anew is not kept because it once was."""
    options = event.payload.get("options", {})
    wishes = {ours: options.get(theirs) for theirs, ours in _WISHES.items() if theirs in options}
    if event.type == _REMOVED:
        yield from _removed(event, name)
        return
    if event.type == "reply.enqueue":
        wishes = {"keep": False, "max_wait": None} | wishes
    for leg in event.payload.get("legs") or []:
        yield Occurrence(event.id, subject(name), leg, "keeps", event.at, event.source, wishes)


def _removed(event: Event, name: str) -> Iterator[Occurrence]:
    for leg in event.payload.get("legs") or []:
        detail = {"reason": "hangup"}
        yield Occurrence(event.id, subject(name), leg, "dequeued", event.at, event.source, detail)


def _of_read(event: Event, name: str) -> Iterator[Occurrence]:
    """A read carries only what it found to be otherwise: see `queues.reads`."""

    def told(kind: str, leg: str = "", at: datetime | None = None, **detail: Any) -> Occurrence:
        return Occurrence(event.id, subject(name), leg, kind, at or event.at, event.source, detail)

    if event.payload.get("settings"):
        yield told("sized", **event.payload["settings"])
    if event.payload.get("counted"):
        yield told("counted", **event.payload["counted"])
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
        return any([_average(queue, fact, by), write(queue, "presence", by, absent_since=None)])
    if fact.kind == "counted":
        return _counted(queue, fact, by)
    return False


def _sized(queue: Any, fact: Dated, by: str) -> bool:
    told = fact.detail
    return write(
        queue,
        "settings",
        by,
        max_size=told.get("max_size"),
        telnyx_id=str(told.get("id") or "")[:100],
        created_at=moment(told.get("created_at")),
        updated_at=moment(told.get("updated_at")),
    )


def _counted(queue: Any, fact: Dated, by: str) -> bool:
    """Telnyx's own figures: how many wait, if otherwise than its list, and since when on average."""
    size, since = fact.detail.get("current_size"), moment(fact.detail.get("average_since"))
    return write(queue, "counted", by, current_size=_count(size), average_since=since)


def _average(queue: Any, fact: Dated, by: str) -> bool:
    """A read that finds a caller tells no average."""
    told = _count(fact.detail.get("queue_avg_wait_time_secs"))
    return told is not None and write(queue, "average", by, average_at_enqueue=told)


def _count(value: object) -> int | None:
    """A number that the database's column takes, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def callers(facts: Sequence[Dated], hung_up_at: datetime | None) -> list[tuple[Stay, dict[str, Any]]]:
    """The stays of one leg in one queue, with the queued call's fields; all facts about it are given."""
    wishes = [fact for fact in facts if fact.kind == "keeps"]
    others = [fact for fact in facts if fact.kind != "keeps"]
    found = stays(others, opens="enqueued", closes="dequeued", ends=_ends(facts, hung_up_at))
    return [(stay, caller(stay, hung_up_at, _wished(stay, wishes))) for stay in found]


def _wished(stay: Stay, wishes: Iterable[Dated]) -> dict[str, Any]:
    """How our own commands of this stay wanted the call to wait; the first came just before it began."""
    begun, ended = stay.opened_at - ENTERS_WITHIN, stay.closed_at
    inside = [fact for fact in wishes if begun <= fact.at and (ended is None or fact.at <= ended)]
    found: dict[str, Any] = {}
    for fact in sorted(inside, key=order):
        found |= fact.detail
    return found


def _ends(facts: Iterable[Dated], hung_up_at: datetime | None) -> list[End]:
    """A hang-up ends a wait, unless Telnyx keeps the call in the queue: a read says so.

    It is no reason: where the webhook of leaving was lost, the caller may have been answered and hung up
    after the conversation. Only `call.dequeued` says that somebody gave up waiting.
    """
    if hung_up_at is None or any(fact.kind == "kept" for fact in facts):
        return []
    return [End(hung_up_at, "")]


def caller(
    stay: Stay, hung_up_at: datetime | None, wished: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fields of a queued call. A call kept after its hang-up waits on, inactive.

    How long it waited is not known when nobody told that it left, only that it hung up or waited anew.
    """
    wishes, closing = wished or {}, stay.closing.detail if stay.closing else {}
    waited = closing.get("wait_time_secs")
    if waited is None and stay.closing is not None and stay.closed_at is not None:
        waited = max(0, round((stay.closed_at - stay.opened_at).total_seconds()))
    return {
        "opened_by": stay.opened_by,
        "enqueued_at": stay.opened_at,
        "left_at": stay.closed_at,
        "left_because": stay.because[:40],
        "waited_seconds": _count(waited),
        "is_alive": hung_up_at is None,
        "keep_after_hangup": wishes.get("keep"),
        "max_wait_seconds": _count(wishes.get("max_wait")),
        "position_at_enqueue": _count(stay.opening.detail.get("current_position")),
        "position_at_leaving": _count(closing.get("queue_position")),
    }
