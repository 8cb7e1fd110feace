"""Speech: the languages, the voices and each provider's settings, as Telnyx's document lists them."""

from __future__ import annotations

from simulator import errors
from simulator.fields import TEXT, Field, checked, every
from simulator.state import Json

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
# "Polly" and the two sexes are the older ways to name a voice; the others may stand alone.
PROVIDERS = (
    "AWS",
    "Azure",
    "ElevenLabs",
    "FishAudio",
    "Inworld",
    "Minimax",
    "Polly",
    "Resemble",
    "Rime",
    "Telnyx",
    "xAI",
    "male",
    "female",
)
SPEECH = {
    "payload": Field(required=True, high=3000),
    "voice": Field(required=True),
    "payload_type": Field(choices=("text", "ssml"), default="text"),
    "language": Field(choices=LANGUAGES),
    "voice_settings": Field("object"),
}
NUMBER = Field("number")
SETTINGS: dict[str, dict[str, Field]] = {
    "aws": {},
    "azure": every(TEXT, "api_key_ref", "deployment_id", "region")
    | {"effect": Field(choices=("eq_car", "eq_telecomhp8k")), "gender": Field(choices=("Male", "Female"))},
    "elevenlabs": {"api_key_ref": TEXT},
    "inworld": {"delivery_mode": Field(choices=("STABLE", "BALANCED", "CREATIVE"))},
    "minimax": {"language_boost": TEXT, "pitch": Field("integer"), "speed": NUMBER, "vol": NUMBER},
    "resemble": {
        "format": Field(choices=("wav", "mp3")),
        "precision": Field(choices=("PCM_16", "PCM_24", "PCM_32", "MULAW")),
        "sample_rate": Field(choices=("8000", "16000", "22050", "32000", "44100", "48000")),
    },
    "rime": {"voice_speed": NUMBER},
    "telnyx": {"voice_speed": Field("number", low=0.1, high=2.0)},
    "xai": {"language": TEXT},
}
PROVIDER = {"type": Field(required=True, choices=tuple(SETTINGS))}


def check(body: Json) -> None:
    """The voice is `Provider.Model.VoiceId`, or the provider alone; its settings are of one provider."""
    if body["voice"].partition(".")[0] not in PROVIDERS:
        raise errors.bad_voice()
    settings = body["voice_settings"]
    if settings is not None:
        provider = checked(settings, PROVIDER, "voice_settings")["type"]
        checked(settings, SETTINGS[provider], "voice_settings")
