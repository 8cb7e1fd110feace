"""The addresses under /v2/recordings. Their errors have codes of their own ("401", "404")."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from simulator import errors, recordings
from simulator.fields import Field, checked
from simulator.messages import Reply, Request, page, single
from simulator.state import Json, Recording, World, iso

SAME = ("conference_id", "connection_id", "call_control_id", "call_leg_id", "call_session_id", "from", "to")
# filter[start_time] and filter[end_time] are those of the recording; created_at is when the file was ready.
TIMES = {"created_at": "created_at", "start_time": "recording_started_at", "end_time": "recording_ended_at"}


def list_recordings(world: World, request: Request) -> Reply:
    found = [one for one in recordings.saved(world) if _fits(_shown(world, one), request)]
    return page(request, found, lambda one: _shown(world, one))


def _fits(shown: Json, request: Request) -> bool:
    for name in SAME:
        wanted = request.query.get(f"filter[{name}]")
        if wanted is not None and shown[name] != wanted:
            return False
    return all(within(request, name, parse_time(shown[key])) for name, key in TIMES.items())


def within(request: Request, name: str, moment: float) -> bool:
    """Whether `moment` (seconds since 1970) lies in filter[name][gte] and filter[name][lte]."""
    low, high = (request.query.get(f"filter[{name}][{edge}]") for edge in ("gte", "lte"))
    return (low is None or moment >= parse_time(low)) and (high is None or moment <= parse_time(high))


@lru_cache(maxsize=1024)
def parse_time(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as fault:
        raise errors.invalid("filter", "The time must be in ISO 8601 format.") from fault


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
        "conference_id": recording.conference_id,
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
