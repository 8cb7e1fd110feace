"""The keys that people pressed while they were in a conference, for its timeline.

Telnyx tells each key (`call.dtmf.received`) and what it gathered (`call.gather.ended`) of a call, not of a
conference. Keys in a row are one line, and none when the same keys were gathered.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conferences.models import Conference, Participant
from conferences.occurrences import call_subject
from conferences.persons import is_within
from telephony.facts import Dated, in_order
from telephony.models import Fact

IN_A_ROW = timedelta(seconds=10)  # at most, between two keys of one line
GATHERED_WITHIN = timedelta(minutes=3)  # at most, from the last key to the end of the gathering


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys in a row, in the form of a fact: dated as the first of them."""

    event: str
    leg: str
    kind: str
    at: datetime
    rank: int
    source: str
    detail: dict[str, Any]
    until: datetime


def keys(conference: Conference, lines: int) -> list[Dated]:
    """What was keyed by who was in the conference then."""
    stays = defaultdict(list)
    for stay in Participant.objects.filter(conference=conference):
        stays[stay.call_control_id].append(stay)
    told = Fact.objects.filter(subject__in=[call_subject(leg) for leg in stays])
    newest = told.order_by("-at", "-rank", "-event")[: 10 * lines]
    inside = [
        fact
        for fact in newest
        if any(is_within(fact, stay.joined_at, stay.left_at) for stay in stays[fact.leg])
    ]
    gathered: list[Dated] = [fact for fact in inside if fact.kind == "keyed"]
    rows = _rows(in_order(fact for fact in inside if fact.kind == "digit"))
    return [*gathered, *(row for row in rows if not _is_gathered(row, gathered))]


def _rows(pressed: Iterable[Dated]) -> list[Keys]:
    found: list[Keys] = []
    last: dict[str, int] = {}
    for fact in pressed:
        before = found[last[fact.leg]] if fact.leg in last else None
        if before and fact.at - before.until <= IN_A_ROW:
            found[last[fact.leg]] = _row(fact, before)
        else:
            last[fact.leg] = len(found)
            found.append(_row(fact, None))
    return found


def _row(fact: Dated, before: Keys | None) -> Keys:
    first = before or fact
    digit = str(fact.detail.get("digit", ""))
    pressed = (str(before.detail["digits"]) if before else "") + digit
    return Keys(
        first.event, fact.leg, "digit", first.at, first.rank, first.source, {"digits": pressed}, fact.at
    )


def _is_gathered(row: Keys, gathered: Sequence[Dated]) -> bool:
    """The terminating key is pressed and not among the gathered ones."""
    pressed = str(row.detail["digits"])
    return any(
        fact.leg == row.leg
        and timedelta(0) <= fact.at - row.at <= GATHERED_WITHIN
        and pressed.startswith(str(fact.detail.get("digits", "")) or "-")
        for fact in gathered
    )
