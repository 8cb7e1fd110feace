"""The webhooks' bodies: which keys each event carries, and where its time is written."""

from __future__ import annotations

from simulator.state import Conference, Json, Leg, Stamp, World, iso, new_id

# Where Telnyx writes an event's time: in the payload for these, nowhere for TIMELESS, else beside its type..
TIME_IN_PAYLOAD = {
    "conference.created",
    "conference.ended",
    "conference.floor.changed",
    *(
        f"conference.{whom}{what}.{when}"
        for whom in ("", "participant.")
        for what in ("playback", "speak")
        for when in ("started", "ended")
    ),
}
TIMELESS = {"conference.recording.saved"}
UNWRAPPED = {"conference.floor.changed"}
CODECS = "PCMU,PCMA,G729"


def announce(
    world: World, event_type: str, payload: Json, leg: Leg | None, at: Stamp | None = None, delay: float = 0.0
) -> None:
    """Hands the event to the deliveries; `at`: when it happened (None: now), `delay`: in wall seconds."""
    event: Json = {"event_type": event_type, "id": new_id(), "payload": payload, "record_type": "event"}
    when = iso(world.stamp() if at is None else at)
    if event_type in TIME_IN_PAYLOAD:
        payload["occurred_at"] = when
    elif event_type not in TIMELESS:
        event["occurred_at"] = when
    world.webhooks.send(event, _address(world, event_type, leg), delay)


def _address(world: World, event_type: str, leg: Leg | None) -> str:
    """The call's own address for this event, or for all, else its application's."""
    own = (leg.webhook_urls.get(event_type) or leg.webhook_url) if leg else None
    application = world.applications.get(leg.connection_id) if leg else None
    address: str = own or (application or {}).get("webhook_event_url") or world.settings.webhook_url
    return address


def ids(leg: Leg) -> Json:
    return {
        "call_control_id": leg.call_control_id,
        "connection_id": leg.connection_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "client_state": leg.client_state,
    }


def conference_ids(conference: Conference, leg: Leg) -> Json:
    """The leg's ids, with the client_state of the conference's creator, whoever the leg is (SPEC, create)."""
    return ids(leg) | {"client_state": conference.creator.client_state, "conference_id": conference.id}


def call_initiated(world: World, leg: Leg, state: str = "parked") -> None:
    address = leg.label if leg.label.startswith("sip:") else f"{leg.label.lstrip('+')}@sip.telnyx.com"
    payload = ids(leg) | {
        "caller_id_name": leg.caller_id_name,
        "calling_party_type": "sip" if leg.label.startswith("sip:") else "pstn",
        "connection_codecs": CODECS,
        "direction": leg.direction,
        "from": leg.from_number,
        "from_sip_uri": address,
        "offered_codecs": CODECS,
        "start_time": iso(leg.started_at),
        "state": state,
        "tags": [],
        "to": leg.to_number,
        "to_sip_uri": f"{leg.to_number.removeprefix('sip:').lstrip('+')}",
        **{key: leg.on_answer[key] for key in ("custom_headers", "sip_headers") if leg.on_answer.get(key)},
    }
    announce(world, "call.initiated", payload, leg, leg.started_at)


def call_answered(world: World, leg: Leg) -> None:
    payload = ids(leg) | _parties(leg) | {"start_time": iso(leg.started_at), "state": "answered", "tags": []}
    announce(world, "call.answered", payload, leg, leg.answered_at)


def call_bridged(world: World, leg: Leg) -> None:
    announce(world, "call.bridged", ids(leg) | _parties(leg), leg)


def call_hangup(world: World, leg: Leg, cause: str, source: str, sip_cause: str) -> None:
    ended_at = leg.ended_at if leg.ended_at is not None else world.stamp()
    payload = ids(leg) | {
        **_parties(leg),
        "call_quality_stats": None,
        "calling_party_type": "sip" if leg.label.startswith("sip:") else "pstn",
        "end_time": iso(ended_at),
        "hangup_cause": cause,
        "hangup_source": source,
        "sip_hangup_cause": sip_cause,
        "start_time": iso(leg.started_at),
        "state": "hangup",
        "tags": [],
        "telnyx_error": None,
    }
    announce(world, "call.hangup", payload, leg, ended_at)


def dtmf_received(world: World, leg: Leg, digit: str) -> None:
    announce(world, "call.dtmf.received", ids(leg) | _parties(leg) | {"digit": digit}, leg)


def gather_ended(world: World, leg: Leg, digits: str, status: str, options: Json) -> None:
    payload = ids(leg) | _parties(leg) | {"digits": digits, "status": status}
    for name in ("client_state", "gather_id"):
        if options.get(name) is not None:
            payload[name] = options[name]
    announce(world, "call.gather.ended", payload, leg)


def enqueued(world: World, leg: Leg, queue: str, position: int, average_wait: int, at: Stamp) -> None:
    payload = ids(leg) | {
        "queue": queue,
        "current_position": position,
        "queue_avg_wait_time_secs": average_wait,
    }
    announce(world, "call.enqueued", payload, leg, at)


def dequeued(world: World, leg: Leg, queue: str, position: int, reason: str, waited: int, at: Stamp) -> None:
    payload = ids(leg) | {
        "queue": queue,
        "queue_position": position,
        "reason": reason,
        "wait_time_secs": waited,
    }
    announce(world, "call.dequeued", payload, leg, at)


def conference_created(world: World, conference: Conference) -> None:
    creator = conference.creator
    payload = conference_ids(conference, creator)
    announce(world, "conference.created", payload, creator, conference.created_at)


def conference_ended(world: World, conference: Conference, last: Leg, reason: str) -> None:
    announce(world, "conference.ended", conference_ids(conference, last) | {"reason": reason}, last)


def participant(world: World, conference: Conference, leg: Leg, what: str, at: Stamp) -> None:
    """`what`: joined or left."""
    announce(world, f"conference.participant.{what}", conference_ids(conference, leg), leg, at)


def floor_changed(world: World, conference: Conference, leg: Leg) -> None:
    announce(world, "conference.floor.changed", conference_ids(conference, leg), leg)


def _parties(leg: Leg) -> Json:
    return {"from": leg.from_number, "to": leg.to_number}
