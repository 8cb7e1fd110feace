"""The addresses under /v2/recordings. Their errors have codes of their own ("401", "404")."""

from __future__ import annotations

from simulator import errors, recordings
from simulator.fields import Field, checked
from simulator.filters import parse_time, within
from simulator.messages import Reply, Request, page, single
from simulator.state import Json, Recording, World, iso

SAME = ("conference_id", "connection_id", "call_control_id", "call_leg_id", "call_session_id", "from", "to")
# filter[start_time] and filter[end_time] are those of the recording; created_at is when the file was ready.
TIMES = {"created_at": "created_at", "start_time": "recording_started_at", "end_time": "recording_ended_at"}
IDS = {"filter[call_leg_id]": Field("uuid"), "filter[call_session_id]": Field("uuid")}


def list_recordings(world: World, request: Request) -> Reply:
    checked(request.query, IDS)
    found = [one for one in recordings.saved(world) if _fits(world, one, request)]
    return page(request, found, lambda one: _shown(world, one))


def _fits(world: World, recording: Recording, request: Request) -> bool:
    shown, query = _shown(world, recording), request.query
    if any(query.get(f"filter[{name}]") not in (None, shown.get(name)) for name in SAME):
        return False
    # A call of this world has one id in SIP, its leg's; a region is written in small letters there (SPEC).
    home = recording.home.lower() if recording.conference_id else None
    if query.get("filter[sip_call_id]") not in (None, shown["call_leg_id"]):
        return False
    if (region := query.get("filter[conference_region]")) is not None and region.lower() != home:
        return False
    return all(within(request, name, parse_time(shown[key])) for name, key in TIMES.items())


def retrieve(world: World, request: Request) -> Reply:
    return single(_shown(world, _find(world, request)))


def delete(world: World, request: Request) -> Reply:
    """Answers with the record that is no more (200, not 204)."""
    recording = _find(world, request)
    shown = _shown(world, recording)
    del world.recordings[recording.id]
    return single(shown)


def delete_many(world: World, request: Request) -> Reply:
    ids = checked(request.body, {"ids": Field("ids", required=True)})["ids"]
    ready = {one.id for one in recordings.saved(world)}
    if not ready.issuperset(ids):
        raise errors.no_such_recording_page()
    for recording_id in ids:
        world.recordings.pop(recording_id, None)
    return Reply(200, {"status": "ok"})


def _find(world: World, request: Request) -> Recording:
    wanted = request.names["recording_id"]
    for recording in recordings.saved(world):
        if recording.id == wanted:
            return recording
    raise errors.no_such_recording_page()


def _shown(world: World, recording: Recording) -> Json:
    leg = recording.leg
    ended_at = recording.ended_at or recording.started_at
    now = int(world.clock.now() * 1_000_000)
    return {
        "id": recording.id,
        "record_type": "recording",
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "channels": recording.channels,
        **({"conference_id": recording.conference_id} if recording.conference_id else {}),
        "connection_id": leg.connection_id,
        "created_at": iso(recording.ready_at or ended_at),
        "download_urls": {recording.format: recordings.url(world, recording, now)},
        "duration_millis": recordings.duration_millis(recording),
        "from": leg.from_number,
        "initiated_by": recording.initiated_by,
        "recording_ended_at": iso(ended_at),
        "recording_started_at": iso(recording.started_at),
        "source": "conference" if recording.conference_id else "call",
        "status": "completed",
        "to": leg.to_number,
        "updated_at": iso(recording.ready_at or ended_at),
    }
