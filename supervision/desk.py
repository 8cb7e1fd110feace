"""What is sent to Telnyx for a supervision's commands, now or again, and what is made new by them."""

import contextlib
from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid5

from django.conf import settings
from django.db.models import F

import bridged_calls.commands
import bridged_calls.verbs
import conferences.commands
from dashboard.attempts import Desk
from dashboard.models import Command
from supervision import bridged
from supervision.models import Supervision, of_subject, turn
from supervision.transitions import ENDED_ALREADY
from telephony import marks
from telephony.api_types import ConferenceConfig
from telephony.client import client
from telephony.errors import Invalid, NotFound
from telephony.wire import Json

RING = 25  # seconds


def send(command: Command) -> Json | None:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    supervision = Supervision.objects.get(**of_subject(command.subject))
    if command.action == "leave":
        return hang_up_leg(command)
    if supervision.bridged_leg:
        return bridged.send(command, supervision, RING)
    if command.action.startswith("to-"):
        given = _regional(command.detail["options"])
        return client().update_role(
            supervision.conference_id, command.legs[0], command_id=command.pk, **given
        )
    return _bring(command, supervision) if command.legs else _call(command, supervision)


def _regional(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options} | ({"region": settings.TELNYX_REGION} if settings.TELNYX_REGION else {})


def hang_up_leg(command: Command) -> Json:
    """End the leg that a command names. Raises `TelnyxError`."""
    try:
        return client().hangup(command.legs[0], command.pk)
    except Invalid as refusal:
        if refusal.code == "90018":  # ended meanwhile, which is what was wanted
            return dict(ENDED_ALREADY)
        raise


def _call(command: Command, supervision: Supervision) -> Json:
    """In the room with its role from the first instant: the role is in the dial itself."""
    into = {
        "id": supervision.conference_id,
        "early_media": False,
        "beep_enabled": "never",
        "end_conference_on_exit": False,
        **command.detail["options"],
    }
    mark = marks.Mark(
        str(supervision.pk),
        supervision.user_id,
        supervision.conference_id,
        supervision.asked_role,
        tuple(supervision.asked_to),
    )
    return client().dial(
        supervision.phone,
        settings.TELNYX_FROM_NUMBER,
        settings.TELNYX_CONNECTION_ID,
        command.pk,
        conference_config=cast(ConferenceConfig, into),
        timeout_secs=RING,
        client_state=marks.write(mark),
    )


def _bring(command: Command, supervision: Supervision) -> Json:
    """Out of where the leg was, into the other conference. What has ended or let it go needs no leaving."""
    (leg,) = command.legs
    with contextlib.suppress(Invalid, NotFound):
        client().leave_conference(
            command.detail["from_conference_id"], leg, uuid5(command.pk, "leave"), beep_enabled="never"
        )
    return client().join_conference(
        supervision.conference_id,
        leg,
        command.pk,
        beep_enabled="never",
        end_conference_on_exit=False,
        **_regional(command.detail["options"]),
    )


def bump(about: str) -> None:
    """Make what shows a supervision's command new: the conference's story, and the supervisor's own cell."""
    row = Supervision.objects.filter(**of_subject(about))
    if (found := row.first()) is None:
        return
    if call := bridged.call_of(found):
        bridged_calls.commands.bump(bridged_calls.verbs.subject(call.pk))
    else:
        conferences.commands.bump(f"conference:{found.conference_id}")
    row.update(version=F("version") + 1)
    turn({found.user_id})


# The supervisor waits for "Calling your phone"; the row of the conference may come a moment later.
DESK = Desk(send, bump, at_once=frozenset({"supervision"}))
