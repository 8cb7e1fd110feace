"""What the commands to calls take: the parameters of CallRequest, AnswerRequest and their like."""

from __future__ import annotations

from simulator.conference_fields import BARGE_OR_LESS, ROLES, SOUND
from simulator.fields import BEEP, COMMAND, FLAG, OBJECT, TEXT, WHOLE, Field, every

SIDES = ("none", "both", "self", "opposite")
METHOD = Field(choices=("POST", "GET"))
TRIM = Field(choices=("trim-silence",))
TRACK = Field(choices=("both", "inbound", "outbound"))
FILE_NAME = Field(low=1, high=40)
RINGTONES = (
    *("at", "au", "be", "bg", "br", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr", "hu"),
    *("il", "in", "it", "jp", "lt", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se", "sg", "th"),
    *("tw", "uk", "us-old", "us", "ve", "za"),
)
RECORDED = {
    "record": Field(choices=("record-from-answer",)),
    "record_channels": Field(choices=("single", "dual")),
    "record_format": Field(choices=("wav", "mp3")),
    "record_custom_file_name": FILE_NAME,
    "record_max_length": Field("integer", low=0, high=43200),
    "record_timeout_secs": WHOLE,
    "record_track": TRACK,
    "record_trim": TRIM,
}
HOOKS = {
    "webhook_url": Field("url"),
    "webhook_url_method": METHOD,
    "webhook_urls": OBJECT,
    "webhook_urls_method": METHOD,
    "webhook_retries_policies": OBJECT,
}
HEADERS = every(Field("headers"), "custom_headers", "sip_headers")
STREAM = {
    "stream_url": TEXT,
    "stream_auth_token": Field(high=4000),
    "stream_track": Field(choices=("inbound_track", "outbound_track", "both_tracks")),
    "stream_codec": Field(choices=("PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16", "default")),
    "stream_bidirectional_codec": Field(choices=("PCMU", "PCMA", "G722", "OPUS", "AMR-WB", "L16")),
    "stream_bidirectional_mode": Field(choices=("mp3", "rtp")),
    "stream_bidirectional_target_legs": Field(choices=("both", "self", "opposite")),
}
EXTRAS = STREAM | {
    "billing_group_id": Field("uuid"),
    "preferred_codecs": TEXT,
    **every(OBJECT, "assistant", "conversation_relay_config", "deepfake_detection", "transcription_config"),
    **every(OBJECT, "sound_modifications"),
    **every(FLAG, "send_silence_when_idle", "transcription"),
}
RINGING = (
    RECORDED
    | HOOKS
    | HEADERS
    | SOUND
    | {
        "timeout_secs": Field("integer", low=5, high=600),
        "time_limit_secs": Field("integer", low=30, high=14400),
        "from_display_name": Field(high=128),
        "park_after_unbridge": TEXT,
        "answering_machine_detection": Field(
            choices=("premium", "detect", "detect_beep", "detect_words", "greeting_end", "disabled")
        ),
        "answering_machine_detection_config": OBJECT,
        "media_encryption": Field(choices=("disabled", "SRTP", "DTLS")),
        "privacy": Field(choices=("id", "none")),
        "send_digits_on_answer": Field("digits"),
        "sip_region": Field(choices=("US", "Europe", "Canada", "Australia", "Middle East")),
        "sip_transport_protocol": Field(choices=("UDP", "TCP", "TLS")),
        "sound_modifications": OBJECT,
        **every(TEXT, "preferred_codecs", "sip_auth_username", "sip_auth_password"),
    }
)
CONFIG = {
    "id": Field("uuid"),
    "conference_name": TEXT,
    "beep_enabled": BEEP,
    "hold_audio_url": Field("url"),
    "hold_media_name": TEXT,
    "supervisor_role": Field(choices=ROLES),
    "whisper_call_control_ids": Field("ids"),
    **every(FLAG, "early_media", "end_conference_on_exit", "soft_end_conference_on_exit", "hold", "mute"),
    **every(FLAG, "start_conference_on_create", "start_conference_on_enter"),
}
DIAL = (
    COMMAND
    | RINGING
    | EXTRAS
    | {
        "connection_id": Field(required=True),
        "to": Field("any", required=True),
        "from": Field(required=True),
        "link_to": TEXT,
        "conference_config": OBJECT,
        "supervise_call_control_id": TEXT,
        "supervisor_role": Field(choices=BARGE_OR_LESS),
        "stream_bidirectional_sampling_rate": Field("integer", choices=(8000, 16000, 22050, 24000, 48000)),
        "dialogflow_config": OBJECT,
        **every(FLAG, "bridge_intent", "bridge_on_answer", "prevent_double_bridge", "retry_on_timeout"),
        **every(FLAG, "enable_dialogflow", "stream_establish_before_call_originate"),
    }
)
TRANSFER = (
    COMMAND
    | RINGING
    | {
        "to": Field(required=True),
        "from": TEXT,
        "target_leg_client_state": Field("state"),
        "early_media": FLAG,
        "mute_dtmf": Field(choices=SIDES),
    }
)
ANSWER = COMMAND | RECORDED | HOOKS | HEADERS | EXTRAS
BRIDGE = (
    COMMAND
    | RECORDED
    | {
        "call_control_id": TEXT,
        "queue": TEXT,
        "video_room_id": Field("uuid"),
        "video_room_context": TEXT,
        "park_after_unbridge": TEXT,
        "mute_dtmf": Field(choices=SIDES),
        "ringtone": Field(choices=RINGTONES),
        **every(FLAG, "hold_after_unbridge", "play_ringtone", "prevent_double_bridge"),
    }
)
HANGUP = COMMAND | {"custom_headers": Field("headers")}
REJECT = COMMAND | {"cause": Field(required=True, choices=("CALL_REJECTED", "USER_BUSY"))}
