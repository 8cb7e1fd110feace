"""What one command is: its words, who may press it, and the one request that it makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings

from dashboard.commands import Refused
from dashboard.models import Command
from dashboard.roles import Action
from telephony.client import TelnyxClient
from telephony.wire import Json

# Given Telnyx, the key of the subject (a conference's id, a queue's name) and the logged command
# (`legs`, `pk`, `detail["options"]`).
Send = Callable[[TelnyxClient, str, Command], Json]


@dataclass(frozen=True, slots=True)
class Verb:
    """No two commands of a `family` run at once on the same people.

    `noun` is the button's name, `doing` what the page says while it runs, `past` what the log says when it
    took effect (with `{target}`). `options` is the form that reads what was posted beside the button; what
    it cleaned is sent as `detail["options"]`. What is not `repeatable` (no command id at Telnyx, and twice
    is not once) is sent again only if surely nothing was done.
    """

    family: str
    permission: Action
    noun: str
    doing: str
    past: str
    icon: str
    send: Send
    options: type[forms.Form] | None = None
    note: Callable[[Mapping[str, Any]], str] | None = None
    repeatable: bool = True

    def read(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """The options that were posted, as they are sent: what was left empty is left out.

        Raises `Refused` with the first error in the words of the form.
        """
        if self.options is None:
            return {}
        form = self.options(posted)
        if not form.is_valid():
            raise Refused(400, f"{self.noun}: nothing was sent.", first_error(form))
        given = {"region": settings.TELNYX_REGION} if "region" in form.fields else {}
        given |= {name: value for name, value in form.cleaned_data.items() if value not in _EMPTY}
        return {name: value for name, value in given.items() if value not in _EMPTY}


_EMPTY: tuple[object, ...] = (None, "", [])


def first_error(form: forms.Form) -> str:
    """What is wrong with a form, in one sentence."""
    name, errors = next(iter(form.errors.items()))
    if name == "__all__":
        return str(errors[0])
    return f"{form.fields[name].label or name.replace('_', ' ').capitalize()}: {errors[0]}"


def options(command: Command) -> dict[str, Any]:
    """What a logged command was pressed with."""
    return dict(command.detail.get("options", {}))
