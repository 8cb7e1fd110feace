"""The addresses under /v2/conferences that make, list, fill and end conferences."""

from __future__ import annotations

from simulator import conferences, departures, errors, media, script_rules
from simulator.conference_fields import CREATE, JOIN, LEAVE, PARTICIPANT, STATUSES, UPDATE
from simulator.fields import REGION, Field, checked, flag
from simulator.filters import check_shared
from simulator.legs import answered_leg
from simulator.messages import Reply, Request, ok, page, single
from simulator.state import Conference, Json, Participant, World


def list_conferences(world: World, request: Request) -> Reply:
    """Latest expiry first; `filter[name]` exact, `filter[status]`, `filter[connection_id]`, `region`."""
    checked(request.query, {"region": REGION, "filter[status]": Field(choices=STATUSES)})
    check_shared(request)
    wanted = {
        "name": request.query.get("filter[name]"),
        "status": request.query.get("filter[status]"),
        "connection_id": request.query.get("filter[connection_id]"),
        "home": request.query.get("region"),
    }
    found = [one for one in world.conferences.values() if _fits(one, wanted)]
    found.sort(key=lambda one: one.expires_at, reverse=True)
    return page(request, found, conferences.shown)


def _fits(conference: Conference, wanted: dict[str, str | None]) -> bool:
    has = {
        "name": conference.name,
        "status": conference.status,
        "connection_id": conference.creator.connection_id,
        "home": conference.home,
    }
    return all(value is None or has[key] == value for key, value in wanted.items())


def _read(world: World, request: Request) -> Conference:
    """By id, wherever it is hosted: what Telnyx answers for another region's is not documented."""
    checked(request.query, {"region": REGION})
    return conferences.find(world, request.names["id"], by_name=False)


def create(world: World, request: Request) -> Reply:
    body = checked(request.body, CREATE)
    media.chosen(world, body, "hold_audio_url", "hold_media_name")
    leg = answered_leg(world, body["call_control_id"], "call_control_id")
    script_rules.leave_script(leg)
    if conferences.live_by_name(world, body["name"]):
        raise errors.conference_name_taken()
    if body["client_state"] is not None:
        leg.client_state = body["client_state"]
    conference = conferences.create(world, leg, body["name"], body)
    conference.commanded = True
    return single(conferences.shown(conference))


def retrieve(world: World, request: Request) -> Reply:
    return single(conferences.shown(_read(world, request)))


def end(world: World, request: Request) -> Reply:
    """Everybody is hung up; the webhook says all_left, for it has no word for an end by command."""
    conference = conferences.find_live(world, request.names["id"], by_name=False)
    checked(request.body, {"command_id": Field()})
    departures.end(world, conference, "ended_via_api", "all_left")
    return ok()


def join(world: World, request: Request) -> Reply:
    conference = conferences.find_live(world, request.names["id"])
    body = checked(request.body, JOIN)
    media.chosen(world, body, "hold_audio_url", "hold_media_name")
    leg = answered_leg(world, body["call_control_id"], "call_control_id")
    conferences.check_room(conference, leg)
    script_rules.leave_script(leg)
    script_rules.leave_script_in(conference)
    if body["client_state"] is not None:
        leg.client_state = body["client_state"]
    conferences.join(world, conference, leg, body)
    return ok()


def leave(world: World, request: Request) -> Reply:
    conference = conferences.find_live(world, request.names["id"])
    ccid = checked(request.body, LEAVE)["call_control_id"]
    participant = conferences.people(conference, [ccid], world, "call_control_id")[0]
    script_rules.leave_script_in(conference)
    departures.leave_conference(world, participant.leg)
    return ok()


def update(world: World, request: Request) -> Reply:
    conference = conferences.find_live(world, request.names["id"])
    body = checked(request.body, UPDATE)
    leg = answered_leg(world, body["call_control_id"], "call_control_id")
    conferences.set_role(world, conference, leg, body["supervisor_role"], body["whisper_call_control_ids"])
    script_rules.leave_script_in(conference)
    return ok()


def list_participants(world: World, request: Request) -> Reply:
    """Those who are in it now. Filters: muted, on_hold, whispering."""
    conference = _read(world, request)
    muted, on_hold, whispering = (
        flag(request.query, f"filter[{name}]") for name in ("muted", "on_hold", "whispering")
    )
    found = [
        one
        for one in conference.participants.values()
        if muted in (None, one.muted)
        and on_hold in (None, one.on_hold)
        and whispering in (None, bool(one.whisper_ids))
    ]
    return page(request, found, lambda one: _listed(conference, one))


def _listed(conference: Conference, participant: Participant) -> Json:
    about = {"id": conference.id, "name": conference.name}
    return conferences.shown_participant(participant) | {"record_type": "participant", "conference": about}


def retrieve_participant(world: World, request: Request) -> Reply:
    return single(_alone(_participant(world, request)))


def update_participant(world: World, request: Request) -> Reply:
    participant = _participant(world, request)
    body = checked(request.body, PARTICIPANT)
    if participant.status == "left":
        raise errors.not_found()
    if body["end_conference_on_exit"] is not None:
        participant.end_on_exit = body["end_conference_on_exit"]
    if body["soft_end_conference_on_exit"] is not None:
        participant.soft_end_on_exit = body["soft_end_conference_on_exit"]
    participant.beep_enabled = body["beep_enabled"] or participant.beep_enabled
    departures.changed(world, participant.conference)
    participant.updated_at = participant.conference.updated_at
    script_rules.leave_script_in(participant.conference)
    return single(_alone(participant))


def _participant(world: World, request: Request) -> Participant:
    """By participant id, or by label: here, the call control id."""
    conference = conferences.find(world, request.names["id"], by_name=False)
    wanted = request.names["participant_id"]
    for participant in [*conference.participants.values(), *conference.left.values()]:
        if wanted in (participant.id, participant.leg.call_control_id):
            return participant
    raise errors.not_found()


def _alone(participant: Participant) -> Json:
    about = {"conference_id": participant.conference.id, "label": participant.leg.call_control_id}
    return conferences.shown_participant(participant) | about
