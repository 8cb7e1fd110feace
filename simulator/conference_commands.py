"""The commands to a conference: mute, hold, play, speak, record, digits."""

from __future__ import annotations

from simulator import audio, conferences, errors, gather, media, script_rules, voices
from simulator.conference_fields import (
    DIGITS,
    GATHER_IN_CONFERENCE,
    HOLD,
    IDS,
    PAUSE_RECORDING,
    PLAY,
    RECORD,
    SPEAK,
    STOP_RECORDING,
    UNHOLD,
)
from simulator.fields import Field, checked, loop_count
from simulator.legs import answered_leg
from simulator.messages import Reply, Request, ok
from simulator.state import Conference, Json, Recording, World


def mute(world: World, request: Request) -> Reply:
    return _set_muted(world, request, True)


def unmute(world: World, request: Request) -> Reply:
    return _set_muted(world, request, False)


def _set_muted(world: World, request: Request, muted: bool) -> Reply:
    conference = _touched(world, request)
    conferences.set_muted(world, conference, checked(request.body, IDS)["call_control_ids"], muted)
    return ok()


def hold(world: World, request: Request) -> Reply:
    """With music if it is named; the music is announced by no webhook."""
    conference = _touched(world, request)
    body = checked(request.body, HOLD)
    music = media.chosen(world, body)
    conferences.set_on_hold(world, conference, body["call_control_ids"], True, music)
    return ok()


def unhold(world: World, request: Request) -> Reply:
    """Needs to be told whom: an empty list is refused, where the other three take it for everybody."""
    conference = _touched(world, request)
    ids = checked(request.body, UNHOLD)["call_control_ids"]
    if not ids:
        raise errors.missing("call_control_ids")
    conferences.set_on_hold(world, conference, ids, False)
    return ok()


def play(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    body = checked(request.body, PLAY)
    sound, rounds = media.needed(world, body), loop_count(body["loop"])
    seconds = None if rounds is None else audio.length(sound) * rounds
    conferences.play(world, conference, body["call_control_ids"], "playback", sound, seconds)
    return ok()


def speak(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    body = checked(request.body, SPEAK)
    voices.check(body)
    seconds = audio.speech_length(body["payload"])
    conferences.play(world, conference, body["call_control_ids"], "speak", {}, seconds)
    return ok()


def stop(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    ids = checked(request.body, IDS)["call_control_ids"]
    chosen = conferences.people(conference, ids, world) if ids else []
    audio.stop(world, conference, [one.leg for one in chosen])
    return ok()


def record_start(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    conferences.record(world, conference, checked(request.body, RECORD))
    return ok()


def record_stop(world: World, request: Request) -> Reply:
    conference, recording, body = _recorded(world, request, STOP_RECORDING)
    if body["client_state"] is not None:
        recording.client_state = body["client_state"]
    conferences.stop_recording(world, conference)
    return ok()


def record_pause(world: World, request: Request) -> Reply:
    conferences.pause_recording(world, _recorded(world, request, PAUSE_RECORDING)[0], True)
    return ok()


def record_resume(world: World, request: Request) -> Reply:
    conferences.pause_recording(world, _recorded(world, request, PAUSE_RECORDING)[0], False)
    return ok()


def _recorded(world: World, request: Request, fields: dict[str, Field]) -> tuple[Conference, Recording, Json]:
    conference = _touched(world, request)
    body = checked(request.body, fields)
    running = conference.recording
    if running is None or body["recording_id"] not in (None, running.id):
        raise errors.no_such_recording()
    return conference, running, body


def send_dtmf(world: World, request: Request) -> Reply:
    """The tones are announced by no webhook: it is the far parties who hear them."""
    conference = _touched(world, request, by_name=False)
    body = checked(request.body, DIGITS)
    chosen = conferences.people(conference, body["call_control_ids"], world)
    for participant in chosen:
        participant.leg.tones += body["digits"]
        if body["client_state"] is not None:
            participant.leg.client_state = body["client_state"]
    return ok()


def gather_using_audio(world: World, request: Request) -> Reply:
    conference = conferences.find_live(world, request.names["id"], by_name=False)
    body = checked(request.body, GATHER_IN_CONFERENCE)
    check_question(world, body)
    leg = answered_leg(world, body["call_control_id"])
    conferences.people(conference, [leg.call_control_id], world, "call_control_id")
    gather.start(world, leg, body)
    script_rules.leave_script_in(conference)
    return ok()


def check_question(world: World, body: Json) -> None:
    """The limits must fit each other, and what is to be played must be there."""
    if body["minimum_digits"] > body["maximum_digits"]:
        raise errors.out_of_range("minimum_digits", 1, body["maximum_digits"])
    media.chosen(world, body)
    media.chosen(world, body, "invalid_audio_url", "invalid_media_name")


def _touched(world: World, request: Request, by_name: bool = True) -> Conference:
    conference = conferences.find_live(world, request.names["id"], by_name)
    script_rules.leave_script_in(conference)
    return conference
