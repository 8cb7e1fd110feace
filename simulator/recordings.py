"""Recordings of conferences and calls: started, paused, stopped, and saved a moment later."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote

from simulator import events
from simulator.state import Conference, Json, Leg, Recording, Stamp, World, iso, new_id

SECRET = secrets.token_bytes(32)


def start(
    world: World, leg: Leg, conference: Conference | None, options: Json, initiated_by: str
) -> Recording:
    """Begins to record; what is being recorded already goes on as it is."""
    if conference is not None and conference.recording is not None:
        return conference.recording
    now = world.stamp()
    recording = Recording(
        id=options.get("recording_id") or new_id(),
        leg=leg,
        conference_id=conference.id if conference else None,
        channels=options.get("channels") or "single",
        format=options["format"],
        initiated_by=initiated_by,
        started_at=now,
        going_since=now,
        client_state=leg.client_state,
        file_name=options.get("custom_file_name"),
        home=conference.home if conference else "US",
    )
    world.recordings[recording.id] = recording
    if options.get("max_length"):
        leg.timers.append(world.timers.after(options["max_length"], lambda: finish(world, recording)))
    if conference is not None:
        conference.recording = recording
    else:
        leg.recordings.append(recording)
    return recording


def plant(world: World, leg: Leg, conference: Conference | None, options: Json, seconds: float) -> Recording:
    """A recording of so many seconds that ends now, though nobody has waited for it."""
    length = int(seconds * 1_000_000)
    by = "StartConferenceRecordingAPI" if conference else "StartCallRecordingAPI"
    recording = start(world, leg, None, options, by)
    if conference is not None:
        recording.conference_id, recording.home = conference.id, conference.home
    recording.started_at -= length
    recording.going_since = recording.started_at
    finish(world, recording)
    recording.spoken = length
    return recording


def pause(world: World, recording: Recording) -> None:
    if recording.going_since is not None:
        recording.spoken += world.stamp() - recording.going_since
        recording.going_since = None


def resume(world: World, recording: Recording) -> None:
    if recording.going_since is None:
        recording.going_since = world.stamp()


def finish(world: World, recording: Recording) -> None:
    """Ends it; `…recording.saved` follows when the file is ready."""
    if recording.ended_at is not None:
        return
    pause(world, recording)
    recording.ended_at = world.stamp()
    delay = world.settings.recording_ready_seconds
    recording.ready_at = recording.ended_at + int(delay * 1_000_000)
    if recording.conference_id is None:
        events.announce(
            world, "call.recording.saved", _saved_of_call(world, recording), recording.leg, None, delay
        )
    else:
        payload = _saved(world, recording) | {"conference_id": recording.conference_id}
        events.announce(world, "conference.recording.saved", payload, recording.leg, None, delay)


def running_of_call(leg: Leg) -> list[Recording]:
    return [one for one in leg.recordings if one.ended_at is None]


def saved(world: World) -> list[Recording]:
    """The finished ones, newest first."""
    now = int(world.clock.now() * 1_000_000)
    ready = [one for one in world.recordings.values() if one.ready_at is not None and one.ready_at <= now]
    return sorted(ready, key=lambda one: one.started_at, reverse=True)


def duration_millis(recording: Recording) -> int:
    return recording.spoken // 1000


def url(world: World, recording: Recording, now: Stamp) -> str:
    """A link that needs no key and works for ten minutes, as Telnyx's signed links do."""
    expires = now // 1_000 + int(world.settings.link_seconds * 1_000)
    path = f"/_simulator/recordings/{recording.id}/{quote(file_name(recording))}"
    return f"{world.settings.public_url}{path}?expires={expires}&signature={signature(path, expires)}"


def file_name(recording: Recording) -> str:
    """The name that was asked for, else the leg's id, with the Unix time after it (SPEC)."""
    name = recording.file_name or recording.leg.call_leg_id
    return f"{name}-{recording.started_at // 1_000_000}.{recording.format}"


def signature(path: str, expires: int) -> str:
    return hmac.new(SECRET, f"{path}|{expires}".encode(), hashlib.sha256).hexdigest()


def _saved(world: World, recording: Recording) -> Json:
    leg, ended_at = recording.leg, recording.ended_at or recording.started_at
    other = "wav" if recording.format == "mp3" else "mp3"
    return {
        "call_control_id": leg.call_control_id,
        "call_session_id": leg.call_session_id,
        "channels": recording.channels,
        "client_state": recording.client_state,
        "connection_id": leg.connection_id,
        "format": recording.format,
        "public_recording_urls": {},
        "recording_ended_at": iso(ended_at),
        "recording_id": recording.id,
        "recording_started_at": iso(recording.started_at),
        "recording_urls": {recording.format: url(world, recording, ended_at), other: None},
    }


def _saved_of_call(world: World, recording: Recording) -> Json:
    return _saved(world, recording) | {"call_leg_id": recording.leg.call_leg_id}
