"""What can be chosen beside a queue's buttons: one form per command, with Telnyx's limits in words."""

from typing import Any, get_args

from django import forms

from dashboard.fields import LONGEST_WAIT, MOST_IN_QUEUE, Media, choice, named, region, split_media, whole
from telephony.api_types import Beep

BEEPS = get_args(Beep)


class Keep(forms.Form):
    """→ `keep_after_hangup`: a switch, so both ways are sent."""

    keep_after_hangup = forms.BooleanField(required=False)


class Join(forms.Form):
    """→ the parameters of `TelnyxClient.join_conference`."""

    # To whom a whisper goes can be chosen only among those who are there: see the role of a person.
    supervisor_role = choice("barge", "monitor", "none", label="Role")
    mute = forms.BooleanField(required=False)
    hold = forms.BooleanField(required=False)
    music = Media("Hold music", required=False)
    end_conference_on_exit = forms.BooleanField(required=False)
    soft_end_conference_on_exit = forms.BooleanField(required=False)
    start_conference_on_enter = forms.BooleanField(required=False)
    beep_enabled = choice(*BEEPS, label="Beep")
    region = region()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        split_media(cleaned, "music", "hold_audio_url", "hold_media_name")
        # Telnyx's default of every switch is off.
        return {name: value or None for name, value in cleaned.items()}


class Create(forms.Form):
    """→ the parameters of `TelnyxClient.create_conference`."""

    name = named("Name", 255, "Give the conference a name.")
    beep_enabled = choice(*BEEPS, label="Beep")
    silent = forms.BooleanField(required=False)
    duration_minutes = whole(1, 1440, "Longest, minutes")
    max_participants = whole(2, 800, "Most people")
    start_later = forms.BooleanField(required=False)
    music = Media("Hold music", required=False)
    region = region()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        split_media(cleaned, "music", "hold_audio_url", "hold_media_name")
        later = cleaned.pop("start_later", False)
        if not later and ("hold_audio_url" in cleaned or "hold_media_name" in cleaned):
            raise forms.ValidationError("Hold music is heard only while a conference waits to start.")
        cleaned["start_conference_on_create"] = False if later else None
        cleaned["comfort_noise"] = False if cleaned.pop("silent", False) else None
        return cleaned


class Limit(forms.Form):
    """→ `max_size`."""

    max_size = whole(1, MOST_IN_QUEUE, "Most callers waiting", required=True)


class Clock(forms.CharField):
    """A length of time as pages show it, `2:00` or `1:30:00`, or in seconds; cleans to seconds, or to None if
    it is empty and may be."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__(label=label, required=required, error_messages={"required": self.words})

    words = f"Give minutes and seconds, as in 2:00, up to {LONGEST_WAIT // 3600} hours."

    def clean(self, value: Any) -> int | None:
        text = str(super().clean(value))
        if not text:
            return None
        parts = text.split(":")
        if len(parts) > 3 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
            raise forms.ValidationError(self.words)
        seconds = 0
        for part in parts:
            seconds = seconds * 60 + int(part)
        if not 1 <= seconds <= LONGEST_WAIT:
            raise forms.ValidationError(self.words)
        return seconds


class Targets(forms.Form):
    """→ the fields of `Queue` that are ours, by their names."""

    wait_target_seconds = Clock("Wait target")
    service_level_percent = whole(1, 100, "Service level target, %", required=True)
    risk_percent = whole(1, 100, "At risk from, %", required=True)
    longest_limit_seconds = Clock("Longest wait limit", required=False)
    waiting_limit = whole(0, MOST_IN_QUEUE, "Waiting limit", required=True)
    abandoned_limit_percent = whole(0, 100, "Abandoned limit, %", required=True)
    short_abandon_seconds = whole(0, 600, "Short abandons, seconds", required=True)


class New(forms.Form):
    """→ `queue_name`, `max_size`."""

    queue_name = named("Name", 255, "Give the queue a name.")
    max_size = whole(1, MOST_IN_QUEUE, "Most callers waiting")
