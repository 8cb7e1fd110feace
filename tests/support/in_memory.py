"""The projections without a database: the same transitions and stays, on rows that are plain objects.

What a batch, a lock or a statement does is not here; that is what the tests on the database are for.
"""

import copy
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from django.db.models import Model

import conferences.transitions
import queues.transitions
from conferences.models import Conference
from conferences.transitions import call_subject, is_of_call
from queues.models import Queue
from telephony import calls
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Call

Row = dict[str, Any]
# Numbers, versions and times of our own, which are not told by events.
HIDDEN = {
    *("id", "version", "first_seen_at", "forgotten_at", "read_at", "end_read_at", "keys"),
    *("figures_at", "stale_since"),
}


def blank(model: type[Model]) -> Any:
    """A new row's fields, as an object."""
    return SimpleNamespace(**{field.attname: field.get_default() for field in model._meta.concrete_fields})


def fields(row: Any, key: str) -> Row:
    return {name: value for name, value in vars(row).items() if name not in HIDDEN | {key}}


class Memory:
    """`take` events, in any order and as often as one likes; `rows` is what they make."""

    def __init__(self) -> None:
        self.calls: dict[str, Any] = {}
        self.conferences: dict[str, Any] = {}
        self.queues: dict[str, Any] = {}
        self.facts: dict[tuple[str, str, str, str], Occurrence] = {}

    def copy(self) -> "Memory":
        return copy.deepcopy(self)

    def take(self, events: Iterable[Event]) -> None:
        for event in events:
            for told in calls.told(event):
                calls.apply(self.calls.setdefault(told.leg, blank(Call)), told)
            for fact in conferences.transitions.occurrences(event):
                remembered = self._remembered(fact)
                if not is_of_call(fact.subject):
                    row = self.conferences.setdefault(_key(fact), blank(Conference))
                    conferences.transitions.fold(row, [remembered])
            for fact in queues.transitions.occurrences(event):
                row = self.queues.setdefault(_key(fact), blank(Queue))
                queues.transitions.fold(row, [self._remembered(fact)])

    def _remembered(self, fact: Occurrence) -> Occurrence:
        return self.facts.setdefault((fact.event, fact.subject, fact.leg, fact.kind), fact)

    def state(self) -> dict[str, Any]:
        """Everything that what comes later may depend on."""
        kept = {"calls": self.calls, "conferences": self.conferences, "queues": self.queues}
        return {name: {key: vars(row) for key, row in rows.items()} for name, rows in kept.items()} | {
            "facts": self.facts
        }

    def rows(self) -> dict[str, Any]:
        """Calls, conferences and queues by key; the stays of each as a list, oldest first."""
        return {
            "calls": {leg: fields(row, "call_control_id") for leg, row in self.calls.items()},
            "conferences": self._conferences(people := self._stays("conference")),
            "queues": {key: fields(row, "name") for key, row in self.queues.items()},
            "participants": people,
            "queued": self._stays("queue"),
        }

    def _conferences(self, people: dict[tuple[str, str], list[Row]]) -> dict[str, Row]:
        found = {key: fields(row, "id") for key, row in self.conferences.items()}
        for key, row in found.items():
            joined = [
                stay["joined_at"] for (where, _), stays in people.items() for stay in stays if where == key
            ]
            row["started_at"] = row["created_at"] or min(joined, default=None)
        return found

    def _stays(self, kind: str) -> dict[tuple[str, str], list[Row]]:
        found = {}
        for subject, leg in sorted({(fact.subject, fact.leg) for fact in self.facts.values() if fact.leg}):
            which, _, key = subject.partition(":")
            if which == kind and (shown := self._stays_of(which, key, leg)):
                found[key, leg] = shown
        return found

    def _stays_of(self, kind: str, key: str, leg: str) -> list[Row]:
        places = {f"{kind}:{key}", call_subject(leg)}
        about = [f for f in self.facts.values() if f.subject in places and f.leg == leg]
        hung_up_at = self.calls[leg].ended_at if leg in self.calls else None
        if kind == "queue":
            return [row for _, row in queues.transitions.callers(about, hung_up_at)]
        ended_at = self.conferences[key].ended_at
        return [row for _, row in conferences.transitions.people(about, hung_up_at, ended_at)]


def _key(fact: Occurrence) -> str:
    return fact.subject.partition(":")[2]
