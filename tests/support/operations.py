"""Every operation of our client with every field it can send, and what then goes over the wire, by hand.

Fields that exclude each other are in two rows. `parameters` says what a method takes, so that a table that
lacks one is found out.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_type_hints

from telephony.client import TelnyxClient

Json = dict[str, Any]

CONFERENCE = "41b9acd4-8dd3-4c1f-9d2a-1c0ab58d8d6c"
LEG = "v3:MdI91X4l/we+9p=q"
OTHER = "v3:i2_C1Yf0jF0eB-xx"
LEG_PATH = "v3%3AMdI91X4l%2Fwe%2B9p%3Dq"
QUEUE = "Tier 1/Übung?#"
QUEUE_PATH = "Tier%201%2F%C3%9Cbung%3F%23"
COMMAND = "0ccc7b54-4df3-4bca-a65a-3da1ecc777f0"
RECORDING = "428c31b6-7af4-4bcb-b7f5-5013ef9657c1"
PERSON = "dfadada7-4d22-4c1d-8c3b-0a59b8a3c2d1"
APPLICATION = "1494404757140276705"
PROFILE = "1293384261075731499"
SESSION = "428c31b6-abf3-3bc1-b7f4-5013ef9657c1"
NAME = "Sales 4412"
STATE = "aGF2ZSBhIG5pY2UgZGF5ID1d"
TONE = "https://example.com/hold.mp3"
SINCE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
UNTIL = datetime(2026, 11, 23, 9, 30, 0, 250_000, UTC)
SINCE_TEXT, UNTIL_TEXT = "2026-11-23T08:00:00.000000Z", "2026-11-23T09:30:00.250000Z"
ACTIONS = f"/conferences/{CONFERENCE}/actions"
CALL = f"/calls/{LEG_PATH}/actions"
HEADERS = [{"name": "X-Desk", "value": "7"}]


@dataclass(frozen=True)
class Row:
    """`name` of the method, what it is given, and the request that this is. `body` None: without one."""

    name: str
    given: Mapping[str, Any]
    method: str
    path: str
    body: Json | None = None
    query: Json = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.given)})"[:60]

    def call(self, client: TelnyxClient) -> Any:
        return getattr(client, self.name)(**self.given)


def post(name: str, path: str, given: Mapping[str, Any], body: Json) -> Row:
    return Row(name, given, "POST", path, body)


def on_conference(name: str, action: str, given: Mapping[str, Any], body: Json) -> Row:
    return post(name, f"{ACTIONS}/{action}", {"conference_id": CONFERENCE} | dict(given), body)


def same(name: str, action: str, body: Json) -> Row:
    """An action whose parameters are named as Telnyx's fields are."""
    return on_conference(name, action, body, body)


def on_call(name: str, action: str, given: Mapping[str, Any], body: Json) -> Row:
    return post(name, f"{CALL}/{action}", {"call_control_id": LEG} | dict(given), body)


def read(name: str, path: str, given: Mapping[str, Any], query: Json | None = None) -> Row:
    return Row(name, given, "GET", path, None, query or {})


RECORD = {
    "record": "record-from-answer",
    "record_channels": "dual",
    "record_custom_file_name": "desk-7",
    "record_format": "wav",
    "record_max_length": 3600,
    "record_timeout_secs": 30,
    "record_track": "both",
    "record_trim": "trim-silence",
}
WEBHOOKS = {
    "webhook_url": "https://example.com/webhooks/telnyx",
    "webhook_url_method": "POST",
    "webhook_urls": {"call.hangup": "https://example.com/hangups"},
    "webhook_urls_method": "POST",
    "webhook_retries_policies": {"call.hangup": {"retries_ms": [1000, 2000]}},
}
CREATE = {
    "call_control_id": LEG,
    "name": NAME,
    "command_id": COMMAND,
    "beep_enabled": "on_enter",
    "comfort_noise": False,
    "duration_minutes": 90,
    "max_participants": 20,
    "region": "Europe",
    "start_conference_on_create": False,
    "client_state": STATE,
}
JOIN = {
    "call_control_id": LEG,
    "command_id": COMMAND,
    "beep_enabled": "always",
    "client_state": STATE,
    "end_conference_on_exit": True,
    "soft_end_conference_on_exit": False,
    "hold": True,
    "mute": True,
    "region": "US",
    "start_conference_on_enter": True,
    "supervisor_role": "whisper",
    "whisper_call_control_ids": [OTHER],
}
GATHER = {
    "call_control_id": LEG,
    "gather_id": "account-number",
    "initial_timeout_millis": 8000,
    "inter_digit_timeout_millis": 3000,
    "minimum_digits": 4,
    "maximum_digits": 9,
    "maximum_tries": 2,
    "stop_playback_on_dtmf": False,
    "terminating_digit": "*",
    "timeout_millis": 20000,
    "valid_digits": "0123456789",
    "client_state": STATE,
}
SPEAK = {
    "payload": "<speak>One moment, please.</speak>",
    "voice": "AWS.Polly.Joanna-Neural",
    "command_id": COMMAND,
    "payload_type": "ssml",
    "language": "en-US",
    "call_control_ids": [LEG],
    "region": "Middle East",
}
DIAL = {
    "to": "sip:gencred7@sip.telnyx.com",
    "connection_id": APPLICATION,
    "command_id": COMMAND,
    "from_display_name": "Supervisor",
    "timeout_secs": 30,
    "time_limit_secs": 14400,
    "client_state": STATE,
    "answering_machine_detection": "disabled",
    "billing_group_id": SESSION,
    "bridge_intent": False,
    "bridge_on_answer": False,
    "custom_headers": HEADERS,
    "sip_headers": [{"name": "User-to-User", "value": "7"}],
    "link_to": OTHER,
    "media_encryption": "SRTP",
    "park_after_unbridge": "self",
    "preferred_codecs": "PCMU,PCMA",
    "prevent_double_bridge": True,
    "privacy": "none",
    "retry_on_timeout": False,
    "send_digits_on_answer": "12",
    "send_silence_when_idle": True,
    "sip_auth_username": "desk",
    "sip_auth_password": "not-a-secret",
    "sip_region": "Europe",
    "sip_transport_protocol": "TLS",
}
CONFIG = {
    "beep_enabled": "never",
    "early_media": False,
    "end_conference_on_exit": False,
    "soft_end_conference_on_exit": False,
    "hold": False,
    "mute": True,
    "start_conference_on_create": True,
    "start_conference_on_enter": False,
    "supervisor_role": "monitor",
    "whisper_call_control_ids": [OTHER],
}
BRIDGE = {
    "command_id": COMMAND,
    "client_state": STATE,
    "park_after_unbridge": "self",
    "hold_after_unbridge": False,
    "mute_dtmf": "none",
    "play_ringtone": True,
    "ringtone": "de",
    "prevent_double_bridge": True,
}

CONFERENCES: list[Row] = [
    read(
        "list_conferences",
        "/conferences",
        {
            "status": "in_progress",
            "name": NAME,
            "connection_id": APPLICATION,
            "region": "Europe",
            "application_name": "Sales",
            "application_session_id": SESSION,
            "leg_id": SESSION,
            "failed": False,
            "from_": "+12025550142",
            "to": "+12025550131",
            "occurred_since": SINCE,
            "occurred_until": UNTIL,
            "outbound_voice_profile_id": PROFILE,
            "product": "call_control",
            "type_": "command",
        },
        {
            "filter[status]": "in_progress",
            "filter[name]": NAME,
            "filter[connection_id]": APPLICATION,
            "region": "Europe",
            "filter[application_name][contains]": "Sales",
            "filter[application_session_id]": SESSION,
            "filter[leg_id]": SESSION,
            "filter[failed]": "false",
            "filter[from]": "+12025550142",
            "filter[to]": "+12025550131",
            "filter[occurred_at][gte]": SINCE_TEXT,
            "filter[occurred_at][lte]": UNTIL_TEXT,
            "filter[outbound.outbound_voice_profile_id]": PROFILE,
            "filter[product]": "call_control",
            "filter[type]": "command",
        },
    ),
    read(
        "retrieve_conference",
        f"/conferences/{CONFERENCE}",
        {"conference_id": CONFERENCE, "region": "US"},
        {"region": "US"},
    ),
    read(
        "list_participants",
        f"/conferences/{CONFERENCE}/participants",
        {"conference_id": CONFERENCE, "muted": True, "on_hold": False, "whispering": True, "region": "US"},
        {
            "filter[muted]": "true",
            "filter[on_hold]": "false",
            "filter[whispering]": "true",
            "region": "US",
        },
    ),
    read(
        "retrieve_participant",
        f"/conferences/{CONFERENCE}/participants/{PERSON}",
        {"conference_id": CONFERENCE, "participant_id": PERSON},
    ),
    Row(
        "update_participant",
        {
            "conference_id": CONFERENCE,
            "participant_id": PERSON,
            "beep_enabled": "on_exit",
            "end_conference_on_exit": False,
            "soft_end_conference_on_exit": True,
        },
        "PATCH",
        f"/conferences/{CONFERENCE}/participants/{PERSON}",
        {"beep_enabled": "on_exit", "end_conference_on_exit": False, "soft_end_conference_on_exit": True},
    ),
    post(
        "create_conference",
        "/conferences",
        CREATE | {"hold_audio_url": TONE},
        CREATE | {"hold_audio_url": TONE},
    ),
    post(
        "create_conference",
        "/conferences",
        CREATE | {"hold_media_name": "music"},
        CREATE | {"hold_media_name": "music"},
    ),
    same("join_conference", "join", JOIN | {"hold_audio_url": TONE}),
    same("join_conference", "join", JOIN | {"hold_media_name": "music"}),
    same(
        "leave_conference",
        "leave",
        {"call_control_id": LEG, "command_id": COMMAND, "beep_enabled": "never", "region": "US"},
    ),
    same(
        "update_role",
        "update",
        {
            "call_control_id": LEG,
            "supervisor_role": "whisper",
            "command_id": COMMAND,
            "whisper_call_control_ids": [OTHER],
            "region": "US",
        },
    ),
    same("mute", "mute", {"call_control_ids": [LEG], "region": "US"}),
    same("unmute", "unmute", {"call_control_ids": [LEG], "region": "US"}),
    same("hold", "hold", {"call_control_ids": [LEG, OTHER], "audio_url": TONE, "region": "US"}),
    same("hold", "hold", {"call_control_ids": [LEG], "media_name": "music", "region": "US"}),
    same("unhold", "unhold", {"call_control_ids": [LEG], "region": "US"}),
    same("end_conference", "end", {"command_id": COMMAND}),
    same("play", "play", {"audio_url": TONE, "call_control_ids": [LEG], "loop": "infinity", "region": "US"}),
    same("play", "play", {"media_name": "music", "loop": 100}),
    same("stop_audio", "stop", {"call_control_ids": [LEG], "region": "US"}),
    same("speak", "speak", SPEAK | {"voice_settings": {"type": "telnyx", "voice_speed": 1.25}}),
    same(
        "send_dtmf",
        "send_dtmf",
        {"digits": "12wW#*A", "call_control_ids": [LEG], "duration_millis": 500, "client_state": STATE},
    ),
    same(
        "gather_using_audio",
        "gather_using_audio",
        GATHER | {"audio_url": TONE, "invalid_audio_url": TONE},
    ),
    same(
        "gather_using_audio",
        "gather_using_audio",
        GATHER | {"media_name": "prompt", "invalid_media_name": "invalid-input"},
    ),
    same(
        "record_start",
        "record_start",
        {
            "command_id": COMMAND,
            "format": "wav",
            "channels": "dual",
            "play_beep": True,
            "trim": "trim-silence",
            "custom_file_name": "sales-4412",
            "region": "US",
        },
    ),
    same(
        "record_pause",
        "record_pause",
        {"command_id": COMMAND, "recording_id": RECORDING, "region": "US"},
    ),
    same(
        "record_resume",
        "record_resume",
        {"command_id": COMMAND, "recording_id": RECORDING, "region": "US"},
    ),
    same(
        "record_stop",
        "record_stop",
        {"command_id": COMMAND, "recording_id": RECORDING, "client_state": STATE, "region": "US"},
    ),
]

QUEUES: list[Row] = [
    read("list_queues", "/queues", {}),
    post(
        "create_queue",
        "/queues",
        {"queue_name": QUEUE, "max_size": 40},
        {"queue_name": QUEUE, "max_size": 40},
    ),
    read("retrieve_queue", f"/queues/{QUEUE_PATH}", {"queue_name": QUEUE}),
    post("update_queue", f"/queues/{QUEUE_PATH}", {"queue_name": QUEUE, "max_size": 41}, {"max_size": 41}),
    Row("delete_queue", {"queue_name": QUEUE}, "DELETE", f"/queues/{QUEUE_PATH}"),
    read("list_queue_calls", f"/queues/{QUEUE_PATH}/calls", {"queue_name": QUEUE}),
    read(
        "retrieve_queue_call",
        f"/queues/{QUEUE_PATH}/calls/{LEG_PATH}",
        {"queue_name": QUEUE, "call_control_id": LEG},
    ),
    Row(
        "update_queue_call",
        {"queue_name": QUEUE, "call_control_id": LEG, "keep_after_hangup": False},
        "PATCH",
        f"/queues/{QUEUE_PATH}/calls/{LEG_PATH}",
        {"keep_after_hangup": False},
    ),
    Row(
        "remove_queue_call",
        {"queue_name": QUEUE, "call_control_id": LEG},
        "DELETE",
        f"/queues/{QUEUE_PATH}/calls/{LEG_PATH}",
    ),
]

CALLS: list[Row] = [
    post(
        "dial",
        "/calls",
        DIAL
        | RECORD
        | WEBHOOKS
        | {
            "from_": "+12025550100",
            "audio_url": TONE,
            "conference_config": CONFIG | {"id": CONFERENCE, "hold_audio_url": TONE},
        },
        DIAL
        | RECORD
        | WEBHOOKS
        | {
            "from": "+12025550100",
            "audio_url": TONE,
            "conference_config": CONFIG | {"id": CONFERENCE, "hold_audio_url": TONE},
        },
    ),
    post(
        "dial",
        "/calls",
        {
            "to": ["+12025550142", "+12025550143"],
            "from_": "+12025550100",
            "connection_id": APPLICATION,
            "command_id": COMMAND,
            "media_name": "music",
            "conference_config": CONFIG | {"conference_name": NAME, "hold_media_name": "music"},
        },
        {
            "to": ["+12025550142", "+12025550143"],
            "from": "+12025550100",
            "connection_id": APPLICATION,
            "command_id": COMMAND,
            "media_name": "music",
            "conference_config": CONFIG | {"conference_name": NAME, "hold_media_name": "music"},
        },
    ),
    post(
        "dial",
        "/calls",
        {
            "to": "+12025550142",
            "from_": "+12025550100",
            "connection_id": APPLICATION,
            "command_id": COMMAND,
            "supervise_call_control_id": OTHER,
            "supervisor_role": "whisper",
        },
        {
            "to": "+12025550142",
            "from": "+12025550100",
            "connection_id": APPLICATION,
            "command_id": COMMAND,
            "supervise_call_control_id": OTHER,
            "supervisor_role": "whisper",
        },
    ),
    read("retrieve_call", f"/calls/{LEG_PATH}", {"call_control_id": LEG}),
    on_call(
        "answer",
        "answer",
        answering := RECORD
        | WEBHOOKS
        | {
            "command_id": COMMAND,
            "client_state": STATE,
            "billing_group_id": SESSION,
            "custom_headers": HEADERS,
            "sip_headers": [{"name": "User-to-User", "value": "7"}],
            "preferred_codecs": "G722,PCMU,PCMA,G729,OPUS,VP8,H264",
            "send_silence_when_idle": True,
        },
        answering,
    ),
    on_call(
        "bridge",
        "bridge",
        BRIDGE | RECORD | {"other_call_control_id": OTHER},
        BRIDGE | RECORD | {"call_control_id": OTHER},
    ),
    on_call("bridge", "bridge", BRIDGE | {"queue": QUEUE}, BRIDGE | {"queue": QUEUE}),
    on_call(
        "bridge",
        "bridge",
        BRIDGE | {"video_room_id": SESSION, "video_room_context": "desk"},
        BRIDGE | {"video_room_id": SESSION, "video_room_context": "desk"},
    ),
    on_call(
        "hangup",
        "hangup",
        {"command_id": COMMAND, "client_state": STATE, "custom_headers": HEADERS},
        {"command_id": COMMAND, "client_state": STATE, "custom_headers": HEADERS},
    ),
    on_call(
        "switch_supervisor_role",
        "switch_supervisor_role",
        {"role": "barge"},
        {"role": "barge"},
    ),
    on_call(
        "enqueue",
        "enqueue",
        queued := {
            "queue_name": QUEUE,
            "command_id": COMMAND,
            "max_size": 20,
            "max_wait_time_secs": 600,
            "keep_after_hangup": True,
            "client_state": STATE,
        },
        queued,
    ),
    on_call(
        "leave_queue",
        "leave_queue",
        {"command_id": COMMAND, "client_state": STATE},
        {"command_id": COMMAND, "client_state": STATE},
    ),
]

REST: list[Row] = [
    read(
        "list_recordings",
        "/recordings",
        {
            "conference_id": CONFERENCE,
            "created_since": SINCE,
            "created_until": UNTIL,
            "started_since": SINCE,
            "started_until": UNTIL,
            "ended_since": SINCE,
            "ended_until": UNTIL,
            "from_": "+12025550142",
            "to": "+12025550131",
            "connection_id": APPLICATION,
            "conference_region": "sv1",
            "call_control_id": LEG,
            "call_leg_id": SESSION,
            "call_session_id": SESSION,
            "sip_call_id": "abc@10.0.0.1",
        },
        {
            "filter[conference_id]": CONFERENCE,
            "filter[created_at][gte]": SINCE_TEXT,
            "filter[created_at][lte]": UNTIL_TEXT,
            "filter[start_time][gte]": SINCE_TEXT,
            "filter[start_time][lte]": UNTIL_TEXT,
            "filter[end_time][gte]": SINCE_TEXT,
            "filter[end_time][lte]": UNTIL_TEXT,
            "filter[from]": "+12025550142",
            "filter[to]": "+12025550131",
            "filter[connection_id]": APPLICATION,
            "filter[conference_region]": "sv1",
            "filter[call_control_id]": LEG,
            "filter[call_leg_id]": SESSION,
            "filter[call_session_id]": SESSION,
            "filter[sip_call_id]": "abc@10.0.0.1",
        },
    ),
    read("retrieve_recording", f"/recordings/{RECORDING}", {"recording_id": RECORDING}),
    Row("delete_recording", {"recording_id": RECORDING}, "DELETE", f"/recordings/{RECORDING}"),
    read(
        "retrieve_application",
        f"/call_control_applications/{APPLICATION}",
        {"application_id": APPLICATION},
    ),
    read("list_active_calls", f"/connections/{APPLICATION}/active_calls", {"connection_id": APPLICATION}),
    read(
        "list_webhook_deliveries",
        "/webhook_deliveries",
        {"status": "failed", "started_since": SINCE, "started_until": UNTIL},
        {
            "filter[status][eq]": "failed",
            "filter[started_at][gte]": SINCE_TEXT,
            "filter[started_at][lte]": UNTIL_TEXT,
        },
    ),
]

ROWS = CONFERENCES + QUEUES + CALLS + REST


def operations() -> set[str]:
    """The names of the client's operations: its public methods that its `api_*` modules define."""
    return {
        name
        for name, found in inspect.getmembers(TelnyxClient, inspect.isfunction)
        if not name.startswith("_") and ".api_" in found.__module__
    }


def parameters(name: str) -> set[str]:
    """What a method takes besides `self`, the names of its further options included."""
    return {one.name for one in _named(name)} | _options(name)


def optional(name: str) -> set[str]:
    """The parameters that are not sent when they are None."""
    return {one.name for one in _named(name) if one.default is None} | _options(name)


def _named(name: str) -> list[inspect.Parameter]:
    every = inspect.signature(getattr(TelnyxClient, name)).parameters.values()
    return [one for one in every if one.name != "self" and one.kind is not one.VAR_KEYWORD]


def _options(name: str) -> set[str]:
    hints = get_type_hints(getattr(TelnyxClient, name))
    return set(hints["options"].__args__[0].__annotations__) if "options" in hints else set()
