"""Rows that are stays: made equal to the stays that the facts tell, keeping each row's number."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model

from telephony import rows
from telephony.facts import Occurrence
from telephony.models import Call, Fact
from telephony.statements import Select
from telephony.stays import Stay

Row = TypeVar("Row", bound=Model)
Place = tuple[str, str]  # subject, call control id

_FACTS = Select(
    Fact, "subject IN {} AND leg IN {} AND kind <> 'floor'", order="telephony_fact.at, rank, event"
)
_ENDED = Select(Call, "call_control_id IN {} AND ended_at IS NOT NULL", "call_control_id", "ended_at")
_FORGOTTEN = Select(Call, "call_control_id IN {} AND forgotten_at IS NOT NULL", "call_control_id")


@dataclass(slots=True)
class Rewrite(Generic[Row]):
    """What one batch does to the rows of one kind of stay."""

    model: type[Row]
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)

    def match(
        self, existing: Iterable[Row], found: Sequence[tuple[Stay, dict[str, Any]]], **fixed: Any
    ) -> None:
        """Match rows to stays by their opening event, then in order; `fixed` fields are for new rows."""
        left = {row.opened_by: row for row in existing}  # type: ignore[attr-defined]
        pairs = [(values, left.pop(stay.opened_by, None)) for stay, values in found]
        spare = list(left.values())
        for values, match in pairs:
            row = match or (spare.pop(0) if spare else self.model(**fixed))
            if _set(row, values):
                (self.changed if row.pk else self.new).append(row)
        self.gone += spare

    def write(self) -> None:
        if self.gone:
            self.model._default_manager.filter(pk__in=[row.pk for row in self.gone]).delete()
        rows.write(self.model, self.changed)
        rows.insert(self.model, self.new)


def _set(row: Model, values: Mapping[str, Any]) -> bool:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return bool(changed)


def remember(told: Iterable[Occurrence]) -> None:
    """Keep facts: timelines are made of them, and stays are recomputed from them."""
    rows.insert(Fact, [_row(fact) for fact in told], known=True)


def _row(fact: Occurrence) -> Fact:
    return Fact(
        event=fact.event,
        subject=fact.subject,
        leg=fact.leg,
        kind=fact.kind,
        at=fact.at,
        rank=fact.rank,
        source=fact.source,
        detail=fact.detail,
    )


def facts_of(places: Iterable[Place]) -> dict[Place, list[Fact]]:
    """Everything told of these legs in these places, but for who held the floor: that is never a stay."""
    wanted = set(places)
    subjects, legs = {place[0] for place in wanted}, {place[1] for place in wanted}
    found: dict[Place, list[Fact]] = defaultdict(list)
    for fact in _FACTS.rows(subjects, legs):
        found[fact.subject, fact.leg].append(fact)
    return found


def hang_ups(legs: Iterable[str]) -> dict[str, datetime]:
    """When those among these legs hung up that did. `telephony.calls` ran first and locked who is new."""
    return dict(_ENDED.tuples(set(legs)))


def forgotten(legs: Iterable[str]) -> set[str]:
    """The legs among these whose facts may be gone: their stays are never recomputed."""
    return _FORGOTTEN.firsts(set(legs))
