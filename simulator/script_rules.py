"""What a command touched leaves the script: no scripted hang-up, hold or floor change from then on."""

from __future__ import annotations

from simulator.state import Conference, Leg


def leave_script(leg: Leg) -> None:
    """The leg, and whoever shares its conference or bridge: a script cannot act on half a conversation."""
    leg.commanded = True
    if leg.participant is not None:
        leave_script_in(leg.participant.conference)
    if leg.bridged_with is not None:
        leg.bridged_with.commanded = True


def leave_script_in(conference: Conference) -> None:
    conference.commanded = True
    for participant in conference.participants.values():
        participant.leg.commanded = True
