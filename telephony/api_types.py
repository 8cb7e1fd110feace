"""The values that Telnyx's Voice API takes, each as its document lists them; used by the `api_*` modules."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict
from uuid import UUID

CommandId = UUID | str

Region = Literal["Australia", "Europe", "Middle East", "US"]
Beep = Literal["always", "never", "on_enter", "on_exit"]
ConferenceStatus = Literal["init", "in_progress", "completed"]
SupervisorRole = Literal["barge", "monitor", "none", "whisper"]
# On a call without a conference (dial, switch_supervisor_role) there is no "none".
CallSupervisorRole = Literal["barge", "whisper", "monitor"]
Infinity = Literal["infinity"]
PayloadType = Literal["text", "ssml"]
Language = Literal[
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
]
RecordingFormat = Literal["wav", "mp3"]
RecordingChannels = Literal["single", "dual"]
RecordingTrack = Literal["both", "inbound", "outbound"]
Trim = Literal["trim-silence"]
Method = Literal["POST", "GET"]
MuteDtmf = Literal["none", "both", "self", "opposite"]
Encryption = Literal["disabled", "SRTP", "DTLS"]
Detection = Literal["premium", "detect", "detect_beep", "detect_words", "greeting_end", "disabled"]
Privacy = Literal["id", "none"]
SipRegion = Literal["US", "Europe", "Canada", "Australia", "Middle East"]
SipTransport = Literal["UDP", "TCP", "TLS"]
Product = Literal["call_control", "fax", "texml"]
EventKind = Literal["command", "webhook"]


# --- how a text is spoken: one of these, told apart by `type` -------------------------------------------
class ElevenLabsVoice(TypedDict, total=False):
    type: Required[Literal["elevenlabs"]]
    api_key_ref: str


class TelnyxVoice(TypedDict, total=False):
    type: Required[Literal["telnyx"]]
    voice_speed: float  # 0.1 to 2.0


class AwsVoice(TypedDict):
    type: Literal["aws"]


class MinimaxVoice(TypedDict, total=False):
    type: Required[Literal["minimax"]]
    language_boost: str | None  # "auto", or a language's English name
    pitch: int
    speed: float
    vol: float


class AzureVoice(TypedDict, total=False):
    type: Required[Literal["azure"]]
    api_key_ref: str
    deployment_id: str
    effect: Literal["eq_car", "eq_telecomhp8k"]
    gender: Literal["Male", "Female"]
    region: str


class RimeVoice(TypedDict, total=False):
    type: Required[Literal["rime"]]
    voice_speed: float


class ResembleVoice(TypedDict, total=False):
    type: Required[Literal["resemble"]]
    format: RecordingFormat
    precision: Literal["PCM_16", "PCM_24", "PCM_32", "MULAW"]
    sample_rate: Literal["8000", "16000", "22050", "32000", "44100", "48000"]


class InworldVoice(TypedDict, total=False):
    type: Required[Literal["inworld"]]
    delivery_mode: Literal["STABLE", "BALANCED", "CREATIVE"]


class XaiVoice(TypedDict, total=False):
    type: Required[Literal["xai"]]
    language: str


VoiceSettings = (
    ElevenLabsVoice
    | TelnyxVoice
    | AwsVoice
    | MinimaxVoice
    | AzureVoice
    | RimeVoice
    | ResembleVoice
    | InworldVoice
    | XaiVoice
)


# --- calls ------------------------------------------------------------------------------------------------
class Header(TypedDict):
    name: str
    value: str


class ConferenceConfig(TypedDict, total=False):
    """The conference that a dialled leg joins: `id` of a live one, or `conference_name`.

    `early_media` is true where it is not sent: the leg then joins while it still rings.
    """

    id: str
    conference_name: str
    beep_enabled: Beep
    early_media: bool
    end_conference_on_exit: bool
    soft_end_conference_on_exit: bool
    hold: bool
    hold_audio_url: str
    hold_media_name: str
    mute: bool
    start_conference_on_create: bool
    start_conference_on_enter: bool
    supervisor_role: SupervisorRole
    whisper_call_control_ids: Sequence[str]


class RecordFromAnswer(TypedDict, total=False):
    """Recording of the call itself, from its answer on; lengths in seconds, 0 for no limit."""

    record: Literal["record-from-answer"] | None
    record_channels: RecordingChannels | None
    record_custom_file_name: str | None  # 1 to 40 characters
    record_format: RecordingFormat | None
    record_max_length: int | None
    record_timeout_secs: int | None
    record_track: RecordingTrack | None
    record_trim: Trim | None


class Webhooks(TypedDict, total=False):
    """Where the events of this call go, instead of to the application's address."""

    webhook_url: str | None
    webhook_url_method: Method | None
    webhook_urls: Mapping[str, str] | None  # event type → address
    webhook_urls_method: Method | None
    webhook_retries_policies: Mapping[str, Mapping[str, Sequence[int]]] | None  # → {"retries_ms": […]}


class AnswerOptions(RecordFromAnswer, Webhooks, total=False):
    client_state: str | None
    billing_group_id: str | None
    custom_headers: Sequence[Header] | None
    sip_headers: Sequence[Header] | None
    preferred_codecs: str | None
    send_silence_when_idle: bool | None


class BridgeOptions(RecordFromAnswer, total=False):
    client_state: str | None
    video_room_id: str | None
    video_room_context: str | None
    park_after_unbridge: Literal["self"] | None
    hold_after_unbridge: bool | None
    mute_dtmf: MuteDtmf | None
    play_ringtone: bool | None
    ringtone: str | None  # a country's two letters, or us-old
    prevent_double_bridge: bool | None


class DialOptions(RecordFromAnswer, Webhooks, total=False):
    client_state: str | None
    answering_machine_detection: Detection | None
    audio_url: str | None  # played when it is answered
    media_name: str | None  # exclusive with audio_url
    billing_group_id: str | None
    bridge_intent: bool | None
    bridge_on_answer: bool | None
    custom_headers: Sequence[Header] | None
    sip_headers: Sequence[Header] | None
    link_to: str | None  # a call control id, to share its session
    media_encryption: Encryption | None
    park_after_unbridge: Literal["self"] | None
    preferred_codecs: str | None
    prevent_double_bridge: bool | None
    privacy: Privacy | None
    retry_on_timeout: bool | None
    send_digits_on_answer: str | None
    send_silence_when_idle: bool | None
    sip_auth_username: str | None
    sip_auth_password: str | None
    sip_region: SipRegion | None
    sip_transport_protocol: SipTransport | None
