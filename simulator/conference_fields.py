"""What the commands to conferences take: the parameters of CreateConferenceRequest and its like."""

from __future__ import annotations

from simulator.fields import BEEP, COMMAND, REGION, Field
from simulator.voices import SPEECH

STATUSES = ("init", "in_progress", "completed")
ROLES = ("barge", "monitor", "none", "whisper")
# Whoever supervises a call without a conference is always a supervisor.
BARGE_OR_LESS = ("barge", "whisper", "monitor")
CALL = Field(required=True)
CREATE = COMMAND | {
    "call_control_id": CALL,
    "name": Field(required=True),
    "beep_enabled": BEEP,
    "comfort_noise": Field("boolean"),
    "duration_minutes": Field("integer", low=1),
    "hold_audio_url": Field("url"),
    "hold_media_name": Field(),
    "max_participants": Field("integer", low=2, high=800),
    "region": REGION,
    "start_conference_on_create": Field("boolean"),
}
JOIN = COMMAND | {
    "call_control_id": CALL,
    "beep_enabled": BEEP,
    "end_conference_on_exit": Field("boolean"),
    "soft_end_conference_on_exit": Field("boolean"),
    "hold": Field("boolean"),
    "hold_audio_url": Field("url"),
    "hold_media_name": Field(),
    "mute": Field("boolean"),
    "region": REGION,
    "start_conference_on_enter": Field("boolean"),
    "supervisor_role": Field(choices=ROLES),
    "whisper_call_control_ids": Field("ids"),
}
LEAVE = {"call_control_id": CALL, "beep_enabled": BEEP, "command_id": Field(), "region": REGION}
UPDATE = {
    "call_control_id": CALL,
    "supervisor_role": Field(required=True, choices=ROLES),
    "whisper_call_control_ids": Field("ids"),
    "command_id": Field(),
    "region": REGION,
}
PARTICIPANT = {
    "beep_enabled": BEEP,
    "end_conference_on_exit": Field("boolean"),
    "soft_end_conference_on_exit": Field("boolean"),
}
IDS = {"call_control_ids": Field("ids"), "region": REGION}
SOUND = {"audio_url": Field("url"), "media_name": Field()}
HOLD = IDS | SOUND
UNHOLD = {"call_control_ids": Field("ids", required=True), "region": REGION}
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
STOP_RECORDING = COMMAND | {"recording_id": Field("uuid"), "region": REGION}
PAUSE_RECORDING = {"recording_id": Field(), "command_id": Field(), "region": REGION}
PLAY = IDS | SOUND | {"loop": Field("any")}
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
