"""The other commands to one call: queue it, play and speak to it, record it, ask it for digits."""

from __future__ import annotations

from simulator import audio, departures, errors, gather, media, queues, recordings, voices
from simulator.call_api import commanded_leg
from simulator.call_fields import FILE_NAME, TRACK, TRIM
from simulator.conference_commands import check_question
from simulator.conference_fields import GATHER, SOUND
from simulator.fields import COMMAND, FLAG, TEXT, WHOLE, Field, checked, every, loop_count
from simulator.messages import Reply, Request, ok
from simulator.state import Json, Recording, World
from simulator.voices import SPEECH

ENQUEUE = COMMAND | {
    "queue_name": Field(required=True, low=1, high=255),
    "max_size": Field("integer", low=1),
    "max_wait_time_secs": Field("integer", low=1),
    "keep_after_hangup": Field("boolean", default=False),
}
LEGS = Field(choices=("self", "opposite", "both"))
PLAY = (
    COMMAND
    | SOUND
    | {
        "audio_type": Field(choices=("mp3", "wav")),
        "loop": Field("any"),
        "target_legs": LEGS,
        **every(FLAG, "overlay", "cache_audio"),
        **every(TEXT, "playback_content", "stop"),
    }
)
SPEAK = (
    COMMAND
    | SPEECH
    | {
        "loop": Field("any"),
        "service_level": Field(choices=("basic", "premium")),
        "stop": TEXT,
        "target_legs": LEGS,
    }
)
DIGITS = COMMAND | {
    "digits": Field("digits", required=True),
    "duration_millis": Field("integer", low=100, high=500),
}
ASK_BY_SOUND = GATHER | {"command_id": TEXT}
ASK_BY_SPEECH = (
    GATHER
    | SPEECH
    | {
        "command_id": TEXT,
        "invalid_payload": Field(high=3000),
        "service_level": Field(choices=("basic", "premium")),
    }
)
RECORD = COMMAND | {
    "format": Field(required=True, choices=("wav", "mp3")),
    "channels": Field(required=True, choices=("single", "dual")),
    "custom_file_name": FILE_NAME,
    "max_length": Field("integer", low=0, high=14400),
    "play_beep": FLAG,
    "recording_track": TRACK,
    "timeout_secs": WHOLE,
    "trim": TRIM,
    "transcription_engine": Field(choices=("A", "B", "deepgram/nova-3")),
    "transcription_language": TEXT,
    **every(WHOLE, "transcription_min_speaker_count", "transcription_max_speaker_count"),
    **every(FLAG, "transcription", "transcription_profanity_filter", "transcription_speaker_diarization"),
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
    # Audio that was sent along has neither address nor name in its webhooks (SPEC).
    sound = {} if body["playback_content"] else media.needed(world, body)
    leg = commanded_leg(world, request, body)
    rounds = loop_count(body["loop"])
    seconds = None if rounds is None else audio.length(sound) * rounds
    audio.play(world, None, [leg], "playback", sound, seconds)
    return ok()


def playback_stop(world: World, request: Request) -> Reply:
    fields = COMMAND | {"stop": TEXT, "overlay": FLAG}
    leg = commanded_leg(world, request, checked(request.body, fields))
    audio.stop_for_leg(world, leg, "cancelled")
    return ok()


def speak(world: World, request: Request) -> Reply:
    body = checked(request.body, SPEAK)
    voices.check(body)
    leg = commanded_leg(world, request, body)
    rounds = loop_count(body["loop"])
    seconds = None if rounds is None else audio.speech_length(body["payload"]) * rounds
    audio.play(world, None, [leg], "speak", {}, seconds)
    return ok()


def send_dtmf(world: World, request: Request) -> Reply:
    """The far party hears the tones; no webhook tells of them."""
    body = checked(request.body, DIGITS)
    commanded_leg(world, request, body).tones += body["digits"]
    return ok()


def gather_using_audio(world: World, request: Request) -> Reply:
    body = checked(request.body, ASK_BY_SOUND)
    check_question(world, body)
    sound = media.chosen(world, body)
    prompt = gather.Prompt("playback", sound, audio.length(sound)) if sound else None
    return _gather(world, request, body, prompt)


def gather_using_speak(world: World, request: Request) -> Reply:
    body = checked(request.body, ASK_BY_SPEECH)
    check_question(world, body)
    voices.check(body)
    return _gather(world, request, body, gather.Prompt("speak", {}, audio.speech_length(body["payload"])))


def _gather(world: World, request: Request, body: Json, prompt: gather.Prompt | None) -> Reply:
    gather.start(world, commanded_leg(world, request, body), body, prompt)
    return ok()


def record_start(world: World, request: Request) -> Reply:
    body = checked(request.body, RECORD)
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
