"""Where call legs were: conferences and bridged calls alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import bridged_calls.transitions
import conferences.transitions
from bridged_calls.models import BridgedLeg
from conferences.models import Participant
from telephony.statements import Select


@dataclass(frozen=True, slots=True)
class Place:
    """One stay of one leg. `subject` is what facts about it there are about, `name` tells one call from
    another: of a leg that is bridged twice the subject is the same. `conference_id` "" is a bridged call."""

    leg: str
    subject: str
    name: str
    since: datetime
    left_at: datetime | None
    conference_id: str = ""
    bridged_call: int | None = None


_SEATED = Select(
    Participant,
    "call_control_id IN {} AND supervisor_role IN ('', 'none')",
    "call_control_id",
    "conference_id",
    "joined_at",
    "left_at",
)
_BRIDGED = Select(
    BridgedLeg,
    "bridged_calls_bridgedleg.call_control_id IN {}",
    "call_control_id",
    "opened_by",
    "bridged_at",
    "left_at",
    "call_id",
    "call__ended_at",
)


def of(legs: Iterable[str], bridged: Iterable[str] | None = None) -> list[Place]:
    """Everywhere these legs ever were, the oldest first; where they supervised is no place of theirs.

    `bridged`: those that were ever bridged, where that is known already.
    """
    wanted = list(legs)
    found = [_in_conference(*told) for told in _SEATED.tuples(wanted)]
    found += [_in_call(*told) for told in _BRIDGED.tuples(wanted if bridged is None else list(bridged))]
    return sorted(found, key=lambda place: (place.since, place.name, place.leg))


def _in_conference(leg: str, conference_id: str, since: datetime, left_at: datetime | None) -> Place:
    about = conferences.transitions.subject(conference_id)
    return Place(leg, about, about, since, left_at, conference_id)


def _in_call(
    leg: str,
    opened_by: str,
    since: datetime,
    left_at: datetime | None,
    call: int | None,
    call_ended_at: datetime | None,
) -> Place:
    about = bridged_calls.transitions.subject(leg)
    # Whoever the other one left alone is in no conversation any more.
    return Place(leg, about, f"{about}:{opened_by}", since, left_at or call_ended_at, bridged_call=call)
