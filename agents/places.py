"""Where call legs were: conferences and bridged calls alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import bridged_calls.transitions
import conferences.transitions
from bridged_calls.models import BridgedLeg
from conferences.models import Participant


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


def of(legs: Iterable[str]) -> list[Place]:
    """Everywhere these legs ever were, the oldest first; where they supervised is no place of theirs."""
    wanted = list(legs)
    there = Participant.objects.filter(call_control_id__in=wanted, supervisor_role__in=["", "none"])
    seated = there.only("conference_id", "call_control_id", "joined_at", "left_at").order_by()
    bridged = BridgedLeg.objects.filter(call_control_id__in=wanted).select_related("call").order_by()
    found = [*map(_in_conference, seated), *map(_bridged, bridged)]
    return sorted(found, key=lambda place: (place.since, place.name, place.leg))


def _in_conference(stay: Participant) -> Place:
    about = conferences.transitions.subject(stay.conference_id)
    return Place(stay.call_control_id, about, about, stay.joined_at, stay.left_at, stay.conference_id)


def _bridged(stay: BridgedLeg) -> Place:
    about = bridged_calls.transitions.subject(stay.call_control_id)
    name = f"{about}:{stay.opened_by}"
    # Whoever the other one left alone is in no conversation any more.
    left_at = stay.left_at or (stay.call.ended_at if stay.call else None)
    return Place(stay.call_control_id, about, name, stay.bridged_at, left_at, bridged_call=stay.call_id)
