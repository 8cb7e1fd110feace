"""The true state, for comparing with what a program made of the webhooks."""

from __future__ import annotations

from simulator import hearing
from simulator.state import Conference, Json, Leg, Participant, Queue, World, iso


def floor(world: World) -> Json:
    """Live conferences by id, with who is in them now; queues by name, with who waits, in order; and the
    calls of two bridged legs, with who supervises them."""
    conferences = sorted(world.live_conferences(), key=lambda one: one.id)
    queues = sorted(world.queues.values(), key=lambda one: one.name)
    return {
        "conferences": [_conference(one) for one in conferences],
        "queues": [_queue(one) for one in queues],
        "bridged_calls": [_bridged(one, other) for one, other in _pairs(world)],
    }


def _conference(conference: Conference) -> Json:
    people = sorted(conference.participants.values(), key=lambda one: one.leg.call_control_id)
    return {
        "id": conference.id,
        "name": conference.name,
        "status": conference.status,
        "floor": conference.floor if conference.floor in conference.participants else None,
        "recording": conference.recording.state if conference.recording else "off",
        "version": conference.version,
        "participants": [_participant(one) for one in people],
    }


def _participant(participant: Participant) -> Json:
    return {
        "call_control_id": participant.leg.call_control_id,
        "label": participant.leg.label,
        "muted": participant.muted,
        "on_hold": participant.on_hold,
        "supervisor_role": participant.supervisor_role,
    }


def _queue(queue: Queue) -> Json:
    waiting = [
        {
            "call_control_id": place.leg.call_control_id,
            "position": position,
            "enqueued_at": iso(place.enqueued_at),
        }
        for position, place in enumerate(queue.waiting, 1)
    ]
    return {"name": queue.name, "max_size": queue.max_size, "version": queue.version, "waiting": waiting}


def _pairs(world: World) -> list[tuple[Leg, Leg]]:
    """Each pair of bridged legs once."""
    ordered = sorted(world.legs.values(), key=lambda leg: leg.call_control_id)
    pairs = [(leg, leg.bridged_with) for leg in ordered if leg.bridged_with is not None]
    return [(one, other) for one, other in pairs if one.call_control_id < other.call_control_id]


def _bridged(one: Leg, other: Leg) -> Json:
    supervisors = sorted(hearing.supervisors([one, other]), key=lambda leg: leg.call_control_id)
    return {
        "legs": [{"call_control_id": leg.call_control_id, "label": leg.label} for leg in (one, other)],
        "supervisors": [
            {"call_control_id": leg.call_control_id, "supervisor_role": leg.supervisor_role}
            for leg in supervisors
        ],
    }
