"""Fields that several commands share."""

from typing import Any, get_args
from urllib.parse import urlsplit

from django import forms

from telephony.api_types import Region

REGIONS = get_args(Region)
MOST_IN_QUEUE = 100_000  # Telnyx names no limit
LONGEST_WAIT = 86_400  # seconds
LONGEST_NUMBER = 18  # digits: more, and the database would refuse to look for it


def row_number(text: str) -> int:
    """The number of a row as an address, a scope or a form has it; for what is none 0, which no row has."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0


def choice(*values: str, label: str = "", words: str = "Choose one of the list.") -> forms.ChoiceField:
    """One of Telnyx's values, or nothing: then Telnyx's own default holds."""
    return forms.ChoiceField(
        choices=[(value, value) for value in values],
        required=False,
        label=label,
        error_messages={"invalid_choice": words},
    )


def region() -> forms.ChoiceField:
    return choice(*REGIONS, label="Region")


def whole(low: int, high: int, label: str, *, required: bool = False) -> forms.IntegerField:
    """A whole number between Telnyx's limits."""
    words = f"Give a whole number from {low:,} to {high:,}."
    return forms.IntegerField(
        min_value=low,
        max_value=high,
        required=required,
        label=label,
        error_messages={"invalid": words, "min_value": words, "max_value": words, "required": words},
    )


class Seconds(forms.FloatField):
    """Seconds on the page, milliseconds at Telnyx."""

    def __init__(self, low: float, high: float, label: str) -> None:
        words = f"Give seconds from {low:g} to {high:g}."
        super().__init__(
            min_value=low,
            max_value=high,
            required=False,
            label=label,
            error_messages={"invalid": words, "min_value": words, "max_value": words},
        )

    def clean(self, value: Any) -> int | None:
        seconds = super().clean(value)
        return None if seconds is None else round(seconds * 1000)


class Media(forms.CharField):
    """One field for two of Telnyx's: an https address, or the name of stored media."""

    def __init__(self, label: str, *, required: bool) -> None:
        words = "Give the name of stored media, or an https address."
        super().__init__(
            max_length=500, required=required, label=label, error_messages={"required": words}, strip=True
        )

    def clean(self, value: Any) -> str:
        media = str(super().clean(value))
        if "://" in media and (
            urlsplit(media).scheme not in {"https", "http"} or not urlsplit(media).hostname
        ):
            raise forms.ValidationError("An address starts with https:// and names a server.")
        if "://" not in media and any(letter.isspace() for letter in media):
            raise forms.ValidationError("The name of stored media has no spaces.")
        return media


def split_media(cleaned: dict[str, Any], field: str, url: str, name: str) -> None:
    """Put a cleaned `Media` under the name that Telnyx has for it."""
    media = cleaned.pop(field, "")
    if media:
        cleaned[url if "://" in media else name] = media


def named(label: str, longest: int, words: str) -> forms.CharField:
    """A name that must be given; `words` when it is not."""
    return forms.CharField(max_length=longest, label=label, error_messages={"required": words})


class Enqueue(forms.Form):
    """→ `queue_name`, `max_size` (of a new queue), `max_wait_time_secs`, `keep_after_hangup`."""

    queue_name = named("Queue", 255, "Name a queue.")
    max_size = whole(1, MOST_IN_QUEUE, "Most callers in a new queue")
    max_wait_time_secs = whole(1, LONGEST_WAIT, "Longest wait, seconds")
    keep_after_hangup = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        cleaned["keep_after_hangup"] = cleaned.get("keep_after_hangup") or None
        return cleaned
