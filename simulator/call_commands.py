"""The other commands to one call: queue it, play and speak to it, record it, ask it for digits."""

from __future__ import annotations

from simulator import audio, departures, errors, gather, queues, recordings
from simulator.call_api import commanded_leg
from simulator.conference_commands import GATHER, RECORD, SOUND, SPEECH, check_limits, check_voice, sound
from simulator.fields import COMMAND, Field, checked, exclusive, loop_count
from simulator.messages import Reply, Request, ok
from simulator.state import Json, Recording, World

ENQUEUE = COMMAND | {
    "queue_name": Field(required=True, low=1, high=255),
    "max_size": Field("integer", low=1),
    "max_wait_time_secs": Field("integer", low=1),
    "keep_after_hangup": Field("boolean", default=False),
}
PLAY = COMMAND | SOUND | {"loop": Field("any"), "overlay": Field("boolean"), "target_legs": Field()}
SPEAK = COMMAND | SPEECH | {"loop": Field("any"), "service_level": Field(choices=("basic", "premium"))}
DIGITS = COMMAND | {
    "digits": Field("digits", required=True),
    "duration_millis": Field("integer", low=100, high=500),
}
RECORD_CALL = RECORD | {
    "client_state": Field("state"),
    "channels": Field(required=True, choices=("single", "dual")),
}
RECORDING = COMMAND | {"recording_id": Field("uuid")}


def enqueue(world: World, request: Request) -> Reply:
    body = checked(request.body, ENQUEUE)
    leg = commanded_leg(world, request, body)
    size, wait, keep = body["max_size"], body["max_wait_time_secs"], body["keep_after_hangup"]
    queues.enqueue(world, leg, body["queue_name"], size, wait, keep)
    return ok()


def leave_queue(world: World, request: Request) -> Reply:
    leg = commanded_leg(world, request, checked(request.body, COMMAND))
    if leg.place is None:
        raise errors.not_in_queue()
    departures.leave_queue(world, leg, "leave")
    return ok()


def client_state_update(world: World, request: Request) -> Reply:
    body = checked(request.body, {"client_state": Field("state", required=True)})
    commanded_leg(world, request, body)
    return ok()


def playback_start(world: World, request: Request) -> Reply:
    body = checked(request.body, PLAY)
    leg = commanded_leg(world, request, body)
    media, rounds = sound(body), loop_count(body["loop"])
    seconds = None if rounds is None else audio.length(media) * rounds
    audio.play(world, None, [leg], "playback", media, seconds)
    return ok()


def playback_stop(world: World, request: Request) -> Reply:
    leg = commanded_leg(world, request, checked(request.body, COMMAND | {"stop": Field()}))
    audio.stop_for_leg(world, leg, "cancelled")
    return ok()


def speak(world: World, request: Request) -> Reply:
    body = checked(request.body, SPEAK)
    check_voice(body["voice"])
    leg = commanded_leg(world, request, body)
    rounds = loop_count(body["loop"])
    seconds = None if rounds is None else audio.speech_length(body["payload"]) * rounds
    audio.play(world, None, [leg], "speak", {}, seconds)
    return ok()


def send_dtmf(world: World, request: Request) -> Reply:
    commanded_leg(world, request, checked(request.body, DIGITS))
    return ok()


def gather_using_audio(world: World, request: Request) -> Reply:
    body = checked(request.body, GATHER | {"command_id": Field()})
    exclusive(body, "audio_url", "media_name")
    return _gather(world, request, body)


def gather_using_speak(world: World, request: Request) -> Reply:
    return _gather(world, request, checked(request.body, GATHER | SPEECH | {"command_id": Field()}))


def _gather(world: World, request: Request, body: Json) -> Reply:
    check_limits(body)
    leg = commanded_leg(world, request, body)
    gather.start(world, leg, body)
    return ok()


def record_start(world: World, request: Request) -> Reply:
    body = checked(request.body, RECORD_CALL)
    leg = commanded_leg(world, request, body)
    recordings.start(world, leg, None, body, "StartCallRecordingAPI")
    return ok()


def record_stop(world: World, request: Request) -> Reply:
    for recording in _running(world, request):
        recordings.finish(world, recording)
    return ok()


def record_pause(world: World, request: Request) -> Reply:
    for recording in _running(world, request):
        recordings.pause(world, recording)
    return ok()


def record_resume(world: World, request: Request) -> Reply:
    for recording in _running(world, request):
        recordings.resume(world, recording)
    return ok()


def _running(world: World, request: Request) -> list[Recording]:
    body = checked(request.body, RECORDING)
    leg = commanded_leg(world, request, body)
    wanted = body["recording_id"]
    running = [one for one in recordings.running_of_call(leg) if wanted in (None, one.id)]
    if not running:
        raise errors.no_such_recording()
    return running
