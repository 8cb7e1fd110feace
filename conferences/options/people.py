"""What can be chosen when somebody is held, leaves, gets a role, or the conference shall follow them out."""

from typing import Any, get_args

from django import forms

from dashboard.fields import Media, choice, region, split_media
from telephony.api_types import Beep, SupervisorRole

BEEPS = get_args(Beep)
ROLES = get_args(SupervisorRole)


class Regional(forms.Form):
    """→ `region`."""

    region = region()


class Hold(Regional):
    """→ `audio_url` or `media_name` (Telnyx's own music without one), `region`."""

    sound = Media("Music", required=False)

    def clean(self) -> dict[str, Any]:
        split_media(self.cleaned_data, "sound", "audio_url", "media_name")
        return self.cleaned_data


class TakeOut(Regional):
    """→ `beep_enabled`, `region`."""

    beep_enabled = choice(*BEEPS, label="Beep")


class Exits(forms.Form):
    """→ `end_conference_on_exit` and `soft_end_…` (switches: off is sent too), `beep_enabled`."""

    end_conference_on_exit = forms.BooleanField(required=False)
    soft_end_conference_on_exit = forms.BooleanField(required=False)
    beep_enabled = choice(*BEEPS, label="Beep")


class Role(Regional):
    """→ `supervisor_role`, `region`. To whom a whisper goes is chosen among the people: `whisper_to`."""

    supervisor_role = forms.ChoiceField(
        choices=[(role, role) for role in ROLES],
        label="Role",
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the list."},
    )
