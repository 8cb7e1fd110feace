"""What can be chosen when audio is played, text is spoken, and digits are sent or asked for."""

import json
from typing import Any, get_args

from django import forms

from dashboard.fields import Media, Seconds, choice, region, split_media, whole
from telephony.api_types import Language

LANGUAGES = get_args(Language)
VOICE_SETTINGS = ("aws", "azure", "elevenlabs", "inworld", "minimax", "resemble", "rime", "telnyx", "xai")
MOST_LETTERS = 3000
KEYS = "0123456789ABCD*#"


class Play(forms.Form):
    """→ `audio_url` or `media_name`, `loop` (1 to 100, or "infinity"), `region`."""

    sound = Media("Audio", required=True)
    loop = forms.CharField(required=False, label="How often")
    region = region()

    def clean_loop(self) -> int | str | None:
        loop = self.cleaned_data["loop"]
        if loop in {"", "infinity"}:
            return loop or None
        if not loop.isdecimal() or not 1 <= int(loop) <= 100:
            raise forms.ValidationError("Play it 1 to 100 times, or until it is stopped.")
        return int(loop)

    def clean(self) -> dict[str, Any]:
        split_media(self.cleaned_data, "sound", "audio_url", "media_name")
        return self.cleaned_data


class Speak(forms.Form):
    """→ `payload`, `payload_type`, `voice`, `language`, `voice_settings`, `region`."""

    payload = forms.CharField(
        label="Text",
        error_messages={"required": "Write what shall be spoken."},
    )
    payload_type = choice("text", "ssml", label="Form")
    voice = forms.CharField(max_length=200, label="Voice", error_messages={"required": "Name a voice."})
    language = choice(*LANGUAGES, label="Language")
    voice_settings = forms.CharField(required=False, label="Voice settings")
    region = region()

    def clean_payload(self) -> str:
        text = str(self.cleaned_data["payload"])
        if len(text) > MOST_LETTERS:
            raise forms.ValidationError(
                f"Telnyx speaks {MOST_LETTERS:,} characters at most; these are {len(text):,}."
            )
        return text

    def clean_voice_settings(self) -> dict[str, Any] | None:
        written = self.cleaned_data["voice_settings"].strip()
        if not written:
            return None
        try:
            settings = json.loads(written)
        except ValueError:
            settings = None
        if not isinstance(settings, dict) or settings.get("type") not in VOICE_SETTINGS:
            raise forms.ValidationError(
                'Write JSON with a type, as {"type": "telnyx", "voice_speed": 1.2}. Types: '
                + ", ".join(VOICE_SETTINGS)
                + "."
            )
        return settings

    def clean(self) -> dict[str, Any]:
        text = self.cleaned_data.get("payload", "").strip()
        if self.cleaned_data.get("payload_type") == "ssml" and not text.startswith("<speak"):
            raise forms.ValidationError("SSML starts with <speak> and ends with </speak>.")
        return self.cleaned_data


class Stop(forms.Form):
    """→ `region`."""

    region = region()


class Digits(forms.Form):
    """→ `digits`, `duration_millis`."""

    digits = forms.RegexField(
        r"^[0-9A-D*#wW]+\Z",
        max_length=100,
        label="Digits",
        error_messages={
            "required": "Write the digits to send.",
            "invalid": "Digits are 0 to 9, A to D, * and #; w waits half a second, W one second.",
        },
    )
    duration_millis = whole(100, 500, "Length of a digit, ms")


class Gather(forms.Form):
    """→ the parameters of `TelnyxClient.gather_using_audio`; times are seconds here, milliseconds there."""

    sound = Media("Audio", required=False)
    invalid_sound = Media("Audio after a wrong answer", required=False)
    minimum_digits = whole(1, 128, "Fewest digits")
    maximum_digits = whole(1, 128, "Most digits")
    maximum_tries = whole(1, 20, "Tries")
    timeout_millis = Seconds(1, 600, "Wait for an answer")
    initial_timeout_millis = Seconds(0.5, 600, "Wait for the first digit")
    inter_digit_timeout_millis = Seconds(0.5, 60, "Wait between digits")
    terminating_digit = forms.RegexField(
        f"^[{KEYS}]\\Z",
        required=False,
        label="Ends with",
        error_messages={"invalid": "One of 0 to 9, * and #."},
    )
    valid_digits = forms.RegexField(
        f"^[{KEYS}]+\\Z",
        required=False,
        label="Digits that count",
        error_messages={"invalid": "Digits are 0 to 9, A to D, * and #."},
    )
    gather_id = forms.CharField(required=False, max_length=40, label="Name of the question")
    keep_playing = forms.BooleanField(required=False, label="Play on while they key")

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        split_media(cleaned, "sound", "audio_url", "media_name")
        split_media(cleaned, "invalid_sound", "invalid_audio_url", "invalid_media_name")
        fewest, most = cleaned.get("minimum_digits"), cleaned.get("maximum_digits")
        if fewest and most and fewest > most:
            raise forms.ValidationError("The fewest digits are more than the most.")
        # Telnyx stops the audio at the first digit unless it is told not to.
        cleaned["stop_playback_on_dtmf"] = False if cleaned.pop("keep_playing", False) else None
        return cleaned
