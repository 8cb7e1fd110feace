"""What can be chosen when a recording starts."""

from typing import Any, get_args

from django import forms

from dashboard.fields import choice, region
from telephony.api_types import RecordingChannels, RecordingFormat

LONGEST_NAME = 40


class Record(forms.Form):
    """→ `format`, `channels`, `play_beep`, `trim`, `custom_file_name`, `region`."""

    format = choice(*get_args(RecordingFormat), label="Format")
    channels = choice(*get_args(RecordingChannels), label="Channels")
    play_beep = forms.BooleanField(required=False)
    trim = forms.BooleanField(required=False)
    custom_file_name = forms.RegexField(
        rf"^[\w.-]{{1,{LONGEST_NAME}}}\Z",
        required=False,
        label="File name",
        error_messages={"invalid": f"At most {LONGEST_NAME} letters, digits, dots, dashes and underscores."},
    )
    region = region()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        cleaned["play_beep"] = cleaned.get("play_beep") or None
        cleaned["trim"] = "trim-silence" if cleaned.get("trim") else None
        return cleaned
