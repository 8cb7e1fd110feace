"""Putting a failed command away, whatever it was pressed on: for everybody, as everybody sees it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_POST

import bridged_calls.commands
import conferences.commands
import queues.commands
import recordings.commands
from dashboard.commands import Refused
from dashboard.models import Command, User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from supervisor_site.desks import DESKS

# Whether this person sees what a command was pressed on, by the kind of its subject.
_SEES: Mapping[str, Callable[[User, str], bool]] = {
    "conference": lambda user, key: conferences.commands.visible(user).filter(pk=key).exists(),
    "bridged": lambda user, key: bridged_calls.commands.visible(user).filter(pk=key).exists(),
    "queue": lambda user, key: queues.commands.visible(user).filter(name=key).exists(),
    "recording": lambda user, key: recordings.commands.visible(user).filter(recording_id=key).exists(),
}


@require_POST
@button
def dismiss(request: HttpRequest, command_id: UUID) -> None:
    """A failed or unknown command is shown no more."""
    command = _found(viewer(request), command_id)
    kind = command.subject.partition(":")[0]
    with transaction.atomic():
        shown = Command.objects.filter(pk=command.pk, dismissed_at=None)
        if shown.update(dismissed_at=timezone.now()):
            DESKS[kind].bump(command.subject)


def _found(user: User, command_id: UUID) -> Command:
    command = Command.objects.filter(pk=command_id).first()
    if command is None or not _is_shown_to(user, command):
        raise Refused(404, "There is nothing to put away.", "Load the page again.")
    return command


def _is_shown_to(user: User, command: Command) -> bool:
    """Whoever sees the floor sees what failed there; an agent, what failed of their own."""
    if not user.may(Action.SEE_FLOOR):
        return user.may(Action.OWN_CALL) and command.user_id == user.pk
    kind, _, key = command.subject.partition(":")
    return kind in _SEES and _SEES[kind](user, key)
