"""Conferences: made by a first leg, joined by others, muted, held, recorded, spoken in."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import audio, departures, errors, events, recordings
from simulator.fields import UUID
from simulator.state import Conference, Json, Leg, Participant, World, iso, new_id

FOUR_HOURS = 4 * 3600
# The sites where Telnyx hosts a region's conferences: what `region` says in a conference is a site.
SITES = {"US": "sv1", "Europe": "fr5", "Australia": "sy1", "Middle East": "db1"}


def find(world: World, key: str, by_name: bool = True) -> Conference:
    """By id, or by the name of a live one where Telnyx takes names too."""
    conference = world.conferences.get(key.lower() if UUID.fullmatch(key) else key)
    if conference is None and by_name:
        conference = live_by_name(world, key)
    if conference is None:
        raise errors.no_such_conference()
    return conference


def find_live(world: World, key: str, by_name: bool = True) -> Conference:
    conference = find(world, key, by_name)
    if not conference.live:
        raise errors.conference_ended()
    return conference


def live_by_name(world: World, name: str) -> Conference | None:
    return next((one for one in world.live_conferences() if one.name == name), None)


def create(world: World, leg: Leg, name: str, options: Json) -> Conference:
    """Makes it with this leg in it. `options` as in CreateConferenceRequest; the leg leaves where it was."""
    if live_by_name(world, name):
        raise errors.conference_name_taken()
    departures.leave_everything(world, leg)
    now = world.stamp()
    minutes = options.get("duration_minutes")
    seconds = min(minutes * 60, FOUR_HOURS) if minutes else FOUR_HOURS
    conference = Conference(new_id(), name, leg, now, now, now + seconds * 1_000_000)
    conference.max_participants = options.get("max_participants") or 250
    conference.home, conference.music = options.get("region") or "US", _music(options)
    if options.get("start_conference_on_create") is False:
        conference.status = "init"
    world.conferences[conference.id] = conference
    conference.timers.append(world.timers.after(seconds, lambda: _expire(world, conference)))
    events.conference_created(world, conference)
    join(world, conference, leg, options)
    return conference


def _music(options: Json) -> Json | None:
    """What is to be heard on hold, as the webhooks name media."""
    for key, name in (("hold_audio_url", "media_url"), ("hold_media_name", "media_name")):
        if options.get(key):
            return {name: options[key]}
    return None


def _expire(world: World, conference: Conference) -> None:
    departures.end(world, conference, "time_exceeded", "time_exceeded")


def check_room(conference: Conference, leg: Leg) -> None:
    """Raises what Telnyx refuses a join for."""
    if not conference.live or conference.closed_to_newcomers:
        raise errors.conference_ended()
    if leg.participant is not None and leg.participant.conference is conference:
        raise errors.already_in_conference()
    if len(conference.participants) >= conference.max_participants:
        raise errors.conference_full(conference.max_participants)


def join(world: World, conference: Conference, leg: Leg, options: Json) -> Participant:
    """Brings the leg in, out of wherever it was. `options` as in JoinConferenceRequest."""
    check_room(conference, leg)
    departures.leave_everything(world, leg)
    now = world.stamp()
    participant = Participant(new_id(), leg, conference, now, now)
    participant.muted = bool(options.get("mute"))
    participant.end_on_exit = bool(options.get("end_conference_on_exit"))
    participant.soft_end_on_exit = bool(options.get("soft_end_conference_on_exit"))
    participant.beep_enabled = options.get("beep_enabled") or "never"
    _set_role(participant, options.get("supervisor_role") or "none", options.get("whisper_call_control_ids"))
    conference.participants[leg.call_control_id] = participant
    leg.participant = participant
    if options.get("start_conference_on_enter") and conference.status == "init":
        _start(conference)
    participant.waiting = conference.status == "init" and not options.get("hold")
    participant.on_hold = participant.waiting or bool(options.get("hold"))
    participant.music = (_music(options) or conference.music) if participant.on_hold else None
    events.participant(world, conference, leg, "joined", now)
    departures.changed(world, conference)
    return participant


def _start(conference: Conference) -> None:
    conference.status = "in_progress"
    for participant in conference.participants.values():
        if participant.waiting:
            participant.waiting = participant.on_hold = False
            participant.music = None


def set_role(
    world: World, conference: Conference, leg: Leg, role: str, whisper_ids: list[str] | None
) -> None:
    participant = people(conference, [leg.call_control_id], world, "call_control_id")[0]
    _set_role(participant, role, whisper_ids)
    _touch(world, [participant])


def _set_role(participant: Participant, role: str, whisper_ids: list[str] | None) -> None:
    """A whisper to nobody is what Telnyx makes of it: a monitor."""
    participant.supervisor_role = "monitor" if role == "whisper" and not whisper_ids else role
    participant.whisper_ids = list(whisper_ids or []) if role == "whisper" else []


def set_muted(world: World, conference: Conference, ids: list[str] | None, muted: bool) -> None:
    chosen = people(conference, ids, world)
    for participant in chosen:
        participant.muted = muted
    _touch(world, chosen)


def set_on_hold(
    world: World, conference: Conference, ids: list[str] | None, on_hold: bool, music: Json | None = None
) -> None:
    chosen = people(conference, ids, world)
    for participant in chosen:
        participant.on_hold, participant.music = on_hold, music
        participant.waiting = False
    _touch(world, chosen)


def people(
    conference: Conference, ids: Iterable[str] | None, world: World, name: str = "call_control_ids"
) -> list[Participant]:
    """The named participants; everybody when none is named. Raises 422 for who is not in it."""
    if not ids:
        return list(conference.participants.values())
    return [_participant(conference, ccid, world, name) for ccid in ids]


def _participant(conference: Conference, ccid: str, world: World, name: str) -> Participant:
    participant = conference.participants.get(ccid)
    if participant is None:
        leg = world.legs.get(ccid)
        raise errors.call_ended() if leg and leg.ended else errors.bad_call_control_id(name)
    return participant


def _touch(world: World, chosen: list[Participant]) -> None:
    if chosen:
        departures.changed(world, chosen[0].conference)
        for participant in chosen:
            participant.updated_at = chosen[0].conference.updated_at


def take_floor(world: World, leg: Leg) -> bool:
    """The leg begins to talk; no effect for who cannot be heard by the whole conference."""
    participant = leg.participant
    if participant is None or participant.muted or participant.on_hold:
        return False
    conference = participant.conference
    if participant.supervisor_role in ("monitor", "whisper") or conference.floor == leg.call_control_id:
        return False
    conference.floor = leg.call_control_id
    conference.version += 1
    events.floor_changed(world, conference, leg)
    return True


def record(world: World, conference: Conference, options: Json) -> None:
    if conference.status == "init":
        raise errors.recording_too_early()
    recordings.start(world, conference.creator, conference, options, "StartConferenceRecordingAPI")
    departures.changed(world, conference)


def stop_recording(world: World, conference: Conference) -> None:
    if conference.recording:
        recordings.finish(world, conference.recording)
        conference.recording = None
        departures.changed(world, conference)


def pause_recording(world: World, conference: Conference, paused: bool) -> None:
    if conference.recording:
        (recordings.pause if paused else recordings.resume)(world, conference.recording)
        departures.changed(world, conference)


def play(
    world: World, conference: Conference, ids: list[str] | None, kind: str, media: Json, seconds: float | None
) -> None:
    legs: list[Leg | None] = [one.leg for one in people(conference, ids, world)] if ids else [None]
    audio.play(world, conference, legs, kind, media, seconds)


def shown(conference: Conference) -> Json:
    """Why and by whom it ended is absent while it lives: Telnyx's document has no null for either."""
    shown: Json = {
        "id": conference.id,
        "name": conference.name,
        "record_type": "conference",
        "status": conference.status,
        "region": SITES[conference.home],
        "connection_id": conference.creator.connection_id,
        "created_at": iso(conference.created_at),
        "expires_at": iso(conference.expires_at),
        "updated_at": iso(conference.updated_at),
    }
    if conference.end_reason is not None:
        shown["end_reason"] = conference.end_reason
    if (by := conference.ended_by) is not None:
        shown["ended_by"] = {"call_control_id": by.call_control_id, "call_session_id": by.call_session_id}
    return shown


def shown_participant(participant: Participant) -> Json:
    """What both of Telnyx's participant shapes have in common."""
    return {
        "id": participant.id,
        "call_control_id": participant.leg.call_control_id,
        "call_leg_id": participant.leg.call_leg_id,
        "status": participant.status,
        "muted": participant.muted,
        "on_hold": participant.on_hold,
        "end_conference_on_exit": participant.end_on_exit,
        "soft_end_conference_on_exit": participant.soft_end_on_exit,
        "whisper_call_control_ids": participant.whisper_ids,
        "created_at": iso(participant.created_at),
        "updated_at": iso(participant.updated_at),
    }
