"""Which agents' states and days an event may change. The states are derived when they are shown."""

from collections.abc import Iterable, Sequence

from agents import days, own
from bridged_calls.models import BridgedLeg
from conferences.models import Participant
from telephony.events import Event
from telephony.projection import Change

# A stay is opened, closed, held or resumed by these, and by what a read found or a command did; a leg whose
# end nobody told is ended by `read.call`.
_OF_STAYS = {"conference.participant.joined", "conference.participant.left", "read.call"}


# They leave whoever was bridged with them alone.
_ENDS = {"call.hangup", "call.enqueued", "conference.participant.joined", "read.call"}


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction, after the calls' and the conferences' own."""
    legs = {leg for event in events for leg in _legs(event)}
    whole = {str(event.payload["conference_id"]) for event in events if _is_of_everybody(event)}
    if legs:
        # A caller who goes ends the hold that they were on, and with it their agent's.
        whole |= _of_stays("conference", call_control_id__in=legs)
    if whole:
        legs |= _of_stays("call_control_id", conference__in=whole)
    if gone := {leg for event in events if event.type in _ENDS for leg in _legs(event)}:
        others = BridgedLeg.objects.filter(call__legs__call_control_id__in=gone)
        legs |= set(others.order_by().values_list("call_control_id", flat=True))
    touched = own.agents_on(legs) if legs else set()
    days.renew(touched)
    return {("agent", str(number)) for number in touched}


def _legs(event: Event) -> Iterable[str]:
    """The leg whose call or stay this event tells of."""
    leg = event.payload.get("call_control_id")
    return [str(leg)] if leg and (event.type.startswith("call.") or event.type in _OF_STAYS) else []


def _of_stays(field: str, **those: Iterable[str]) -> set[str]:
    return set(Participant.objects.filter(**those).order_by().values_list(field, flat=True))


def _is_of_everybody(event: Event) -> bool:
    """Whether it may be about anybody in its conference: its end, a read of it, a command in it."""
    about = event.type == "conference.ended" or event.source in {"read", "reply"}
    return about and bool(event.payload.get("conference_id"))
