"""Facts and their order: pure. Telnyx promises no order, so every fact carries what orders it.

Facts that Telnyx dates are ordered by `(at, rank, event)`; the rank settles equal times (a leg that
joined and left in the same instant joined first). Facts that only replies and reads tell are dated by
our database's clock and use the same key.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from telephony import events

RANKS = {
    "initiated": 0,
    "marked": 0,
    "dialled": 1,
    "answered": 1,
    "bridged": 1,
    "created": 2,
    "named": 2,
    "planned": 2,
    "joined": 3,
    "parted": 3,
    "enqueued": 4,
    "floor": 5,
    "doubted": 5,
    "heard": 5,
    "muted": 5,
    "unmuted": 5,
    "held": 5,
    "resumed": 5,
    "kept": 5,
    "keeps": 5,
    "sized": 5,
    "counted": 5,
    "seated": 5,
    "described": 5,
    "role": 5,
    "exits": 5,
    "play_sent": 5,
    "speak_sent": 5,
    "asked": 5,
    "switched": 5,
    "recording_started": 6,
    "recording_paused": 6,
    "recording_resumed": 6,
    "digit": 6,
    "keyed": 7,
    "playing": 6,
    "speaking": 6,
    "played": 7,
    "spoken": 7,
    "recording_stopped": 7,
    "recording_saved": 7,
    "recording_read": 7,
    "recording_deleted": 8,
    "recording_gone": 8,
    "left": 8,
    "leaving": 8,
    "dequeued": 9,
    "absent": 9,
    "hangup": 10,
    "gone": 10,
    "undone": 10,
    "ended": 11,
    "closed": 12,
}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One fact, before it is stored: what happened to which subject, to which leg, when, who says so."""

    event: str
    subject: str
    leg: str
    kind: str
    at: datetime
    source: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        return RANKS[self.kind]


class Dated(Protocol):
    """An `Occurrence`, or a stored `Fact`."""

    @property
    def event(self) -> str: ...
    @property
    def leg(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def rank(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def detail(self) -> dict[str, Any]: ...


def order(fact: Dated) -> tuple[datetime, int, str]:
    return fact.at, fact.rank, fact.event


def key(fact: Dated, *, strength: int = 0) -> str:
    """The order as text that compares the same way: fixed width, UTC. A higher strength always wins."""
    # Not strftime: it writes the year 1 as "1", which would be newer than 2026.
    at = fact.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{strength}|{at}|{fact.rank:02d}|{fact.event}"


def moment(value: object) -> datetime | None:
    """An ISO 8601 time of Telnyx's, aware; None if it is none."""
    try:
        return events.moment(value)
    except events.Unreadable:
        return None


class Keyed(Protocol):
    """A row that remembers in `keys` which fact wrote which group of its fields."""

    keys: dict[str, str]


def write(row: Keyed, group: str, by: str, **values: Any) -> bool:
    """Write a group of fields unless a newer fact wrote it. True if the fields were written."""
    if row.keys.get(group, "") >= by:
        return False
    row.keys[group] = by
    for name, value in values.items():
        setattr(row, name, value)
    return True


def in_order(facts: Iterable[Dated]) -> list[Dated]:
    return sorted(facts, key=order)
