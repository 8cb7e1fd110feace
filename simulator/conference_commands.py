"""The commands to a conference: mute, hold, play, speak, record, digits."""

from __future__ import annotations

from simulator import audio, conferences, errors, gather, script_rules
from simulator.fields import COMMAND, REGION, Field, checked, exclusive, loop_count
from simulator.legs import answered_leg
from simulator.messages import Reply, Request, ok
from simulator.state import Conference, Json, World

IDS = {"call_control_ids": Field("ids"), "region": REGION}
SOUND = {"audio_url": Field("url"), "media_name": Field()}
UNHOLD = {"call_control_ids": Field("ids", required=True), "region": REGION}
LANGUAGES = (
    "arb",
    "cmn-CN",
    "cy-GB",
    "da-DK",
    "de-DE",
    "en-AU",
    "en-GB",
    "en-GB-WLS",
    "en-IN",
    "en-US",
    "es-ES",
    "es-MX",
    "es-US",
    "fr-CA",
    "fr-FR",
    "hi-IN",
    "is-IS",
    "it-IT",
    "ja-JP",
    "ko-KR",
    "nb-NO",
    "nl-NL",
    "pl-PL",
    "pt-BR",
    "pt-PT",
    "ro-RO",
    "ru-RU",
    "sv-SE",
    "tr-TR",
)
PROVIDERS = ("AWS", "Azure", "ElevenLabs", "Telnyx", "Minimax", "Rime", "Resemble", "xAI", "male", "female")
SPEECH = {
    "payload": Field(required=True, high=3000),
    "voice": Field(required=True),
    "payload_type": Field(choices=("text", "ssml"), default="text"),
    "language": Field(choices=LANGUAGES),
    "voice_settings": Field("object"),
}
SPEAK = IDS | SPEECH | {"command_id": Field()}
RECORD = {
    "format": Field(required=True, choices=("wav", "mp3")),
    "channels": Field(choices=("single", "dual"), default="single"),
    "play_beep": Field("boolean"),
    "trim": Field(choices=("trim-silence",)),
    "custom_file_name": Field(low=1, high=40),
    "command_id": Field(),
    "region": REGION,
}
RECORDING = COMMAND | {"recording_id": Field("uuid"), "region": REGION}
DIGITS = {
    "digits": Field("digits", required=True),
    "call_control_ids": Field("ids"),
    "duration_millis": Field("integer", low=100, high=500),
    "client_state": Field("state"),
}
GATHER = SOUND | {
    "client_state": Field("state"),
    "invalid_audio_url": Field("url"),
    "invalid_media_name": Field(),
    "initial_timeout_millis": Field("integer", low=1),
    "inter_digit_timeout_millis": Field("integer", low=1, default=5000),
    "minimum_digits": Field("integer", low=1, high=128, default=1),
    "maximum_digits": Field("integer", low=1, high=128, default=128),
    "maximum_tries": Field("integer", low=1, default=3),
    "terminating_digit": Field(high=1, default="#"),
    "timeout_millis": Field("integer", low=1, default=60000),
    "valid_digits": Field("digits", default="0123456789#*"),
}
GATHER_IN_CONFERENCE = GATHER | {
    "call_control_id": Field(required=True),
    "gather_id": Field(high=100),
    "stop_playback_on_dtmf": Field("boolean"),
}


def mute(world: World, request: Request) -> Reply:
    return _set_muted(world, request, True)


def unmute(world: World, request: Request) -> Reply:
    return _set_muted(world, request, False)


def _set_muted(world: World, request: Request, muted: bool) -> Reply:
    conference = _touched(world, request)
    conferences.set_muted(world, conference, checked(request.body, IDS)["call_control_ids"], muted)
    return ok()


def hold(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    body = checked(request.body, IDS | SOUND)
    exclusive(body, "audio_url", "media_name")
    conferences.set_on_hold(world, conference, body["call_control_ids"], True)
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
    body = checked(request.body, IDS | SOUND | {"loop": Field("any")})
    media, seconds = sound(body), loop_count(body["loop"])
    length = None if seconds is None else audio.length(media) * seconds
    conferences.play(world, conference, body["call_control_ids"], "playback", media, length)
    return ok()


def sound(body: Json) -> Json:
    """What is to be played, as the webhooks name it: one of URL and stored name."""
    exclusive(body, "audio_url", "media_name")
    if body["audio_url"]:
        return {"media_url": body["audio_url"]}
    if body["media_name"]:
        return {"media_name": body["media_name"]}
    raise errors.missing("audio_url")


def speak(world: World, request: Request) -> Reply:
    conference = _touched(world, request)
    body = checked(request.body, SPEAK)
    check_voice(body["voice"])
    seconds = audio.speech_length(body["payload"])
    conferences.play(world, conference, body["call_control_ids"], "speak", {}, seconds)
    return ok()


def check_voice(voice: str) -> None:
    """`Provider.Model.VoiceId`, a provider alone, or the two of service level basic."""
    if "." not in voice and voice not in PROVIDERS:
        raise errors.bad_voice()


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
    conference, body = _recorded(world, request)
    if conference.recording and body["client_state"] is not None:
        conference.recording.client_state = body["client_state"]
    conferences.stop_recording(world, conference)
    return ok()


def record_pause(world: World, request: Request) -> Reply:
    conferences.pause_recording(world, _recorded(world, request)[0], True)
    return ok()


def record_resume(world: World, request: Request) -> Reply:
    conferences.pause_recording(world, _recorded(world, request)[0], False)
    return ok()


def _recorded(world: World, request: Request) -> tuple[Conference, Json]:
    conference = _touched(world, request)
    body = checked(request.body, RECORDING)
    running = conference.recording
    if running is None or body["recording_id"] not in (None, running.id):
        raise errors.no_such_recording()
    return conference, body


def send_dtmf(world: World, request: Request) -> Reply:
    conference = _touched(world, request, by_name=False)
    body = checked(request.body, DIGITS)
    conferences.people(conference, body["call_control_ids"], world)
    return ok()


def gather_using_audio(world: World, request: Request) -> Reply:
    conference = conferences.find_live(world, request.names["id"], by_name=False)
    body = checked(request.body, GATHER_IN_CONFERENCE)
    exclusive(body, "audio_url", "media_name")
    exclusive(body, "invalid_audio_url", "invalid_media_name")
    check_limits(body)
    leg = answered_leg(world, body["call_control_id"])
    conferences.people(conference, [leg.call_control_id], world, "call_control_id")
    gather.start(world, leg, body)
    script_rules.leave_script_in(conference)
    return ok()


def check_limits(body: Json) -> None:
    if body["minimum_digits"] > body["maximum_digits"]:
        raise errors.out_of_range("minimum_digits", 1, body["maximum_digits"])


def _touched(world: World, request: Request, by_name: bool = True) -> Conference:
    conference = conferences.find_live(world, request.names["id"], by_name)
    script_rules.leave_script_in(conference)
    return conference
