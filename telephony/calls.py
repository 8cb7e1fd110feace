"""Call legs: who they are and how far they got, folded from `call.*` events and reads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from telephony import rows
from telephony.events import Event
from telephony.facts import Occurrence, key, moment, write
from telephony.models import Call
from telephony.projection import Change

# What each event dates, and in which field. `call.enqueued` and `call.dequeued` name the queue. Of those that
# date nothing the leg's row is locked, so that two processes see each other's facts about it.
_MOMENTS = {
    "call.initiated": ("initiated", "initiated_at"),
    "call.answered": ("answered", "answered_at"),
    "call.bridged": ("bridged", "bridged_at"),
    "call.hangup": ("hangup", "ended_at"),
    "call.enqueued": ("enqueued", ""),
    "call.dequeued": ("dequeued", ""),
    "call.hold": ("held", ""),
    "call.unhold": ("resumed", ""),
    "call.gather.ended": ("keyed", ""),
    "call.dtmf.received": ("digit", ""),
    "conference.participant.joined": ("joined", ""),
    "conference.participant.left": ("left", ""),
}
OF_CALLS = frozenset(kind for kind in _MOMENTS if kind.startswith("call."))  # no other changes a leg's row

# Telnyx's payload name → our field. Each field is its own register: a null never erases what is known.
_IDENTITY = {
    "call_leg_id": "call_leg_id",
    "call_session_id": "call_session_id",
    "connection_id": "connection_id",
    "direction": "direction",
    "from": "from_number",
    "to": "to_number",
    "caller_id_name": "caller_id_name",
    "client_state": "client_state",
    "hangup_cause": "hangup_cause",
    "hangup_source": "hangup_source",
    "queue": "queue_name",
    "wait_time_secs": "waited_seconds",
}

# In the order of facts: what a read guesses of an end is older than all that is told of it.
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_LENGTHS = {field.name: field.max_length for field in Call._meta.concrete_fields}


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says of one leg."""

    leg: str
    key: str
    moment: str
    at: datetime
    fields: dict[str, Any]
    queue: str = ""  # came to it at `at`


def project(events: Sequence[Event]) -> set[Change]:
    """Fold events into `Call` rows. A leg's label shows in conferences and queues: those bump themselves."""
    parts = [part for event in events for part in told(event)]
    calls = rows.locked(Call, "call_control_id", (part.leg for part in parts))
    changed = {part.leg for part in parts if apply(calls[part.leg], part)}
    rows.write(Call, [calls[leg] for leg in sorted(changed)])
    return set()


def legs_named_in(events: Iterable[Event]) -> set[str]:
    """The legs whose label, queue or end these events may change."""
    return {part.leg for event in events for part in told(event) if event.type.startswith(("call.", "read."))}


def hung_up_in(events: Iterable[Event]) -> set[str]:
    """The legs that these events end."""
    return {part.leg for event in events if event.type == "call.hangup" for part in told(event)}


def told(event: Event) -> Iterator[Told]:
    """What an event says of call legs. Pure, as is `apply`."""
    if event.type in {"read.queue", "read.conference", "read.bridged"}:
        yield from _of_read(event)
    elif event.type == "read.call":
        yield _asked(event)
    elif event.type in _MOMENTS and event.payload.get("call_control_id"):
        kind, field = _MOMENTS[event.type]
        leg = str(event.payload["call_control_id"])
        by = key(Occurrence(event.id, "", leg, kind, event.at, event.source))
        payload = event.payload
        if event.type.startswith("conference."):
            # There it is the conference's creator's, whoever the leg is.
            payload = {name: value for name, value in payload.items() if name != "client_state"}
        queue = _fields(payload).get("queue_name", "") if kind == "enqueued" else ""
        yield Told(leg, by, field, event.at, _fields(payload), queue)


def _of_read(event: Event) -> Iterator[Told]:
    """Who waits with which number; and who turned up or is gone, of whom nothing else is told.

    They are named so that their rows are locked: a hang-up that another process projects at this moment
    must find their stays, or be found.
    """
    for caller in event.payload.get("callers", []):
        yield _named(event, str(caller["call_control_id"]), caller)
    for leg, since in event.payload.get("joined", {}).items():
        yield _came(event, leg, since) if event.type == "read.queue" else _named(event, leg, {})
    for leg in event.payload.get("gone", {}):
        yield _named(event, leg, {})


def _named(event: Event, leg: str, caller: Mapping[str, Any]) -> Told:
    by = key(Occurrence(event.id, "", leg, "named", event.at, event.source))
    return Told(leg, by, "", event.at, _fields(caller))


def _asked(event: Event) -> Told:
    """A leg that was asked about because no news came of it. Whatever a webhook tells of its end wins."""
    leg = str(event.payload["call_control_id"])
    by = key(Occurrence(event.id, "", leg, "hangup", _BEFORE_ALL, event.source))
    ended_at = moment(event.payload.get("end_time")) or event.at
    return Told(leg, by, "" if event.payload.get("alive") else "ended_at", ended_at, {})


def _came(event: Event, leg: str, since: Any) -> Told:
    """A caller whom a read found waiting, since when Telnyx says."""
    found = _named(event, leg, {"queue": event.payload["queue"]})
    return replace(found, at=moment(since) or event.at, queue=found.fields["queue_name"])


def _fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    found = {ours: payload.get(theirs) for theirs, ours in _IDENTITY.items()}
    return {name: _fitting(name, value) for name, value in found.items() if value not in (None, "")}


def _fitting(name: str, value: Any) -> Any:
    if name == "waited_seconds":
        return value if isinstance(value, int) and 0 <= value < 2**31 else None
    return str(value)[: _LENGTHS[name]]


def apply(call: Call, told: Told) -> bool:
    """Write what is news into a call's row. True if anything was."""
    wrote = [write(call, name, told.key, **{name: value}) for name, value in told.fields.items()]
    if told.moment:
        wrote.append(write(call, told.moment, told.key, **{told.moment: told.at}))
    return _visited(call, told) or any(wrote)


def _visited(call: Call, told: Told) -> bool:
    """Keep all of them, in the order of their times: a leg may wait in one queue after another."""
    visit = [told.at.isoformat(), told.queue]
    if not told.queue or visit in call.visits:
        return False
    call.visits = sorted([*call.visits, visit])
    return True
