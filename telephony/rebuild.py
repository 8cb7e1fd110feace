"""Making the projections again from the inbox: what each offers for it, and the call legs' own part.

The rows and their numbers stay, because pages and addresses name them; what was made of events is blanked,
and what no event tells of is deleted. What was forgotten (its events are gone) is left as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from telephony import calls, rows
from telephony.events import Event, Unreadable, parse
from telephony.models import Call, InboxEvent
from telephony.projection import Change

BATCH = 500
Item = TypeVar("Item")


class Part(Protocol):
    """One projection's share, within one transaction that holds everybody else off."""

    def clear(self) -> None:
        """Blank what was made of events that are kept."""

    def take(self, events: Sequence[Event]) -> None:
        """Fold a batch of them."""

    def settle(self) -> set[Change]:
        """After the last event: what depends on all of them. Returns what changed for the pages."""


class Calls:
    """The call legs."""

    def __init__(self) -> None:
        self._named: set[str] = set()

    def clear(self) -> None:
        rows.blank(Call.objects.filter(forgotten_at=None), keep={"call_control_id", "first_seen_at"})

    def take(self, events: Sequence[Event]) -> None:
        self._named |= {part.leg for event in events for part in calls.told(event)}
        calls.project(events)

    def settle(self) -> set[Change]:
        kept = Call.objects.filter(forgotten_at=None).values_list("pk", "call_control_id")
        strays = [number for number, leg in kept if leg not in self._named]
        for some in in_batches(strays):
            Call.objects.filter(pk__in=some).delete()
        return set()


def projected_events() -> Iterator[list[Event]]:
    """What the projections have seen, in batches, in the order in which it came."""
    last = 0
    seen = InboxEvent.objects.filter(state=InboxEvent.State.PROJECTED).order_by("pk")
    while batch := list(seen.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        yield [event for row in batch if (event := _read(row))]


def _read(row: InboxEvent) -> Event | None:
    try:
        return parse(bytes(row.body), source=row.source, received_at=row.received_at)
    except Unreadable:
        return None


def in_batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Few enough for one statement's parameters."""
    every = list(items)
    yield from (every[first : first + size] for first in range(0, len(every), size))
