"""Which agents' states an event may change. The states themselves are derived when they are shown."""

from collections.abc import Iterable, Sequence

from agents import own
from agents.models import turn
from telephony.events import Event
from telephony.projection import Change


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction, after the calls' and the conferences' own."""
    legs = {leg for event in events for leg in _legs(event)}
    if not legs:
        return set()
    touched = own.agents_on(legs)
    turn(touched)
    return {("agent", str(number)) for number in touched}


def _legs(event: Event) -> Iterable[str]:
    """The legs whose call or stay this event tells of."""
    payload = event.payload
    if event.type.startswith("call.") or event.type in _OF_STAYS:
        return [str(payload["call_control_id"])] if payload.get("call_control_id") else []
    if event.type == "read.conference":
        return [*payload.get("joined", {}), *payload.get("left", []), *payload.get("seated", [])]
    return []


_OF_STAYS = {"conference.participant.joined", "conference.participant.left"}
