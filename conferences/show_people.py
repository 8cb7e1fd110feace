"""From the stays of people to what a page shows of each, and of what is heard in a conference."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from conferences.models import Conference, Participant
from conferences.presentation import Keyed, Person, Sound
from conferences.verbs import VERBS
from dashboard.legs import Leg
from dashboard.models import Command
from dashboard.shown import pending

# A command to play or speak started what began this close to it; the two are dated by different clocks.
STARTED_WITHIN = timedelta(seconds=60)
GATHERED = {
    "valid": "valid",
    "invalid": "not valid",
    "timeout": "timed out",
    "cancelled": "cancelled",
    "cancelled_amd": "cancelled by answering machine detection",
    "call_hangup": "the call hung up",
}


def people(
    stays: Iterable[Participant],
    about: Mapping[str, Leg],
    conference: Conference,
    open_ones: Sequence[Command],
    *,
    digits: bool,
) -> list[Person]:
    """Those who are there now, agents first, then in the order of joining. `digits`: show what was keyed."""
    found = (_person(stay, about, conference, open_ones, digits) for stay in stays if stay.left_at is None)
    return sorted(found, key=_place)


def _person(
    stay: Participant,
    about: Mapping[str, Leg],
    conference: Conference,
    open_ones: Iterable[Command],
    digits: bool,
) -> Person:
    leg = stay.call_control_id
    holds = conference.floor_leg == leg and not conference.is_floor_doubted
    has_floor = holds and not stay.muted and not stay.on_hold
    return Person(
        pk=stay.pk,
        leg=about[leg],
        joined_at=stay.joined_at,
        queue=about[leg].queue_before(stay.joined_at),
        muted=stay.muted,
        muted_at=stay.muted_at,
        on_hold=stay.on_hold,
        held_at=stay.held_at,
        role=stay.supervisor_role,
        has_floor=has_floor,
        floor_since=conference.floor_at if has_floor else None,
        playing_since=stay.playing_since,
        speaking_since=stay.speaking_since,
        pending={command.family: pending(command, VERBS) for command in open_ones if leg in command.legs},
        participant_id=stay.participant_id,
        label=stay.label,
        end_on_exit=stay.end_on_exit,
        soft_end_on_exit=stay.soft_end_on_exit,
        beep_enabled=stay.beep_enabled,
        role_at=stay.role_at,
        whispers_to=[about[other].label if other in about else "somebody" for other in stay.whisper_to],
        hears=stay.hold_media,
        sounds=sounds(stay),
        asked_since=stay.asked_at,
        keyed=_keyed(stay, digits),
    )


def _place(person: Person) -> tuple[bool, datetime, int]:
    """Agents first, then in the order of joining."""
    return person.leg.kind != "agent", person.joined_at, person.pk


class Hearing(Protocol):
    """A conference or a participant."""

    playing_since: Any
    playing_media: Any
    play_sent: Any
    speaking_since: Any
    speak_sent: Any


def sounds(row: Hearing) -> list[Sound]:
    """What plays and what is spoken now, with who started it, if one of our own commands did."""
    found = []
    if row.playing_since:
        ours = _started(row.play_sent, row.playing_since, row.playing_media)
        found.append(
            Sound("audio", row.playing_media or ours.get("what", ""), row.playing_since, ours.get("by", ""))
        )
    if row.speaking_since:
        ours = _started(row.speak_sent, row.speaking_since)
        found.append(Sound("text", ours.get("what", ""), row.speaking_since, ours.get("by", "")))
    return found


def _started(sent: Mapping[str, str], since: datetime, what: str = "") -> Mapping[str, str]:
    """Our command, if it is what began then."""
    near = bool(sent) and abs(datetime.fromisoformat(sent["at"]) - since) <= STARTED_WITHIN
    return sent if near and what in {"", sent["what"]} else {}


def _keyed(stay: Participant, digits: bool) -> Keyed | None:
    if stay.keyed_at is None:
        return None
    words = GATHERED.get(stay.keyed_status, stay.keyed_status.replace("_", " "))
    return Keyed(covered(stay.keyed_digits, digits), words, stay.keyed_at)


def covered(keyed: str, digits: bool) -> str:
    """What somebody keyed is theirs: dots for who may not see it, and not even how many."""
    return keyed if digits or not keyed else "•••"
