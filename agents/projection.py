"""Which agents' states and days an event may change. The states are derived when they are shown."""

from collections.abc import Iterable, Sequence

from agents import days, own
from conferences.models import Participant
from telephony.calls import OF_CALLS, told
from telephony.events import Event
from telephony.projection import Change
from telephony.statements import Select

# A stay is opened, closed, held or resumed by these, and by what a read found or a command did; a leg whose
# end nobody told is ended by `read.call`.
_OF_STAYS = {"conference.participant.joined", "conference.participant.left", "read.call"}

# Who was ever in a conference with these legs, or in these conferences, and who was bridged with these legs.
_BESIDE = Select(
    Participant,
    "conference_id IN (SELECT conference_id FROM conferences_participant WHERE call_control_id IN {}"
    " UNION SELECT id FROM conferences_conference WHERE id IN {})"
    " UNION SELECT call_control_id FROM bridged_calls_bridgedleg WHERE call_control_id IN {}"
    " UNION SELECT call_control_id FROM bridged_calls_bridgedleg WHERE call_id IN"
    " (SELECT call_id FROM bridged_calls_bridgedleg WHERE call_control_id IN {})",
    "call_control_id",
)


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction, after the calls' and the conferences' own."""
    legs = {leg for event in events for leg in _legs(event)}
    whole = {str(event.payload["conference_id"]) for event in events if _is_of_everybody(event)}
    if not legs and not whole:
        return set()
    # A caller who goes ends the hold that they were on, and with it their agent's; and leaves whoever was
    # bridged with them alone. Legs that were nowhere are in no figure of a day.
    there = _BESIDE.firsts(legs, whole, legs, legs)
    touched = own.agents_on(legs | there)
    days.renew(touched, moved=bool(there))
    return {("agent", str(agent.pk)) for agent in touched}


def _legs(event: Event) -> Iterable[str]:
    """The legs whose call or stay this event tells of: playing, speaking and recording change neither."""
    if event.type == "read.bridged":
        return map(str, event.payload.get("gone", ()))
    if event.type == "read.queue":
        # An agent's phone may ring for whoever waits, or does no more.
        return [*(one.leg for one in told(event)), *map(str, event.payload.get("left", ()))]
    leg = event.payload.get("call_control_id")
    return [str(leg)] if leg and (event.type in _OF_STAYS or event.type in OF_CALLS) else []


def _is_of_everybody(event: Event) -> bool:
    """Whether it may be about anybody in its conference: its end, a read of it, a command in it."""
    about = event.type == "conference.ended" or event.source in {"read", "reply"}
    return about and bool(event.payload.get("conference_id"))
