"""Which agents' states an event may change. The states themselves are derived when they are shown."""

from collections.abc import Iterable, Sequence

from agents import own
from agents.models import turn
from conferences.models import Participant
from telephony.events import Event
from telephony.projection import Change

# A stay is opened, closed, held or resumed by these, and by what a read found or a command did; a leg whose
# end nobody told is ended by `read.call`.
_OF_STAYS = {"conference.participant.joined", "conference.participant.left", "read.call"}


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction, after the calls' and the conferences' own."""
    legs = {leg for event in events for leg in _legs(event)}
    whole = {str(event.payload["conference_id"]) for event in events if _is_of_everybody(event)}
    if whole:
        there = Participant.objects.filter(conference__in=whole)
        legs |= set(there.values_list("call_control_id", flat=True))
    touched = own.agents_on(legs) if legs else set()
    turn(touched)
    return {("agent", str(number)) for number in touched}


def _legs(event: Event) -> Iterable[str]:
    """The leg whose call or stay this event tells of."""
    leg = event.payload.get("call_control_id")
    return [str(leg)] if leg and (event.type.startswith("call.") or event.type in _OF_STAYS) else []


def _is_of_everybody(event: Event) -> bool:
    """Whether it may be about anybody in its conference: its end, a read of it, a command in it."""
    about = event.type == "conference.ended" or event.source in {"read", "reply"}
    return about and bool(event.payload.get("conference_id"))
