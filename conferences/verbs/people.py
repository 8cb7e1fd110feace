"""Commands on people in a conference. They name their legs: to Telnyx an empty list means everybody."""

from collections.abc import Mapping
from typing import Any

from conferences.options import people
from dashboard.fields import Enqueue
from dashboard.models import Command
from dashboard.roles import Action
from dashboard.verbs import Verb, options
from telephony.client import TelnyxClient
from telephony.wire import Json

ROLE_WORDS = {
    "none": "takes part",
    "barge": "takes part as a supervisor",
    "monitor": "listens, nobody hears them",
    "whisper": "whispers to those who were chosen",
}
_EXITS = {
    "end_conference_on_exit": "everybody is hung up",
    "soft_end_conference_on_exit": "the conference ends, nobody is hung up",
}


def _update_exits(telnyx: TelnyxClient, conference_id: str, command: Command) -> Json:
    return telnyx.update_participant(conference_id, command.detail["participant_id"], **options(command))


def _change_role(telnyx: TelnyxClient, conference_id: str, command: Command) -> Json:
    return telnyx.update_role(conference_id, command.legs[0], command_id=command.pk, **options(command))


def _take_out(telnyx: TelnyxClient, conference_id: str, command: Command) -> Json:
    return telnyx.leave_conference(conference_id, command.legs[0], command.pk, **options(command))


def _exits_words(chosen: Mapping[str, Any]) -> str:
    ends = [words for name, words in _EXITS.items() if chosen.get(name)]
    beep = f", beep {str(chosen['beep_enabled']).replace('_', ' ')}" if chosen.get("beep_enabled") else ""
    return (" and ".join(ends) or "the conference goes on") + beep


MUTE = Verb(
    family="mute",
    permission=Action.MUTE,
    noun="Mute",
    doing="Muting",
    past="muted {target}",
    icon="mute",
    send=lambda telnyx, id_, command: telnyx.mute(id_, command.legs, **options(command)),
    options=people.Regional,
)
UNMUTE = Verb(
    family="mute",
    permission=Action.MUTE,
    noun="Unmute",
    doing="Unmuting",
    past="unmuted {target}",
    icon="unmute",
    send=lambda telnyx, id_, command: telnyx.unmute(id_, command.legs, **options(command)),
    options=people.Regional,
)
HOLD = Verb(
    family="hold",
    permission=Action.HOLD,
    noun="Hold",
    doing="Holding",
    past="put {target} on hold",
    icon="hold",
    send=lambda telnyx, id_, command: telnyx.hold(id_, command.legs, **options(command)),
    options=people.Hold,
    note=lambda chosen: chosen.get("media_name") or chosen.get("audio_url", "").partition("?")[0],
)
RESUME = Verb(
    family="hold",
    permission=Action.HOLD,
    noun="Resume",
    doing="Resuming",
    past="took {target} off hold",
    icon="resume",
    send=lambda telnyx, id_, command: telnyx.unhold(id_, command.legs, **options(command)),
    options=people.Regional,
)
REMOVE = Verb(
    family="remove",
    permission=Action.REMOVE,
    noun="Remove",
    doing="Removing",
    past="removed {target}",
    icon="remove",
    send=lambda telnyx, id_, command: telnyx.hangup(command.legs[0], command.pk),
)
TAKE_OUT = Verb(
    family="remove",
    permission=Action.MOVE,
    noun="Take out",
    doing="Taking out",
    past="took {target} out, the call goes on",
    icon="left",
    send=_take_out,
    options=people.TakeOut,
)
ENQUEUE = Verb(
    family="remove",
    permission=Action.MOVE,
    noun="Send to a queue",
    doing="Sending",
    past="sent {target} to a queue",
    icon="moved",
    send=lambda telnyx, id_, command: telnyx.enqueue(
        command.legs[0], command_id=command.pk, **options(command)
    ),
    options=Enqueue,
    note=lambda chosen: f"to {chosen['queue_name']}",
)
EXITS = Verb(
    family="exits",
    permission=Action.CHANGE_PERSON,
    noun="What follows their leaving",
    doing="Saving",
    past="changed what follows when {target} leaves",
    icon="left",
    send=_update_exits,
    options=people.Exits,
    note=_exits_words,
)
ROLE = Verb(
    family="role",
    permission=Action.CHANGE_PERSON,
    noun="Role",
    doing="Changing",
    past="changed the role of {target}",
    icon="supervisor",
    send=_change_role,
    options=people.Role,
    note=lambda chosen: ROLE_WORDS[chosen["supervisor_role"]],
)
PERSONAL = {
    "mute": MUTE,
    "unmute": UNMUTE,
    "hold": HOLD,
    "resume": RESUME,
    "remove": REMOVE,
    "take-out": TAKE_OUT,
    "enqueue": ENQUEUE,
    "exits": EXITS,
    "role": ROLE,
}
# The button on everybody → the command that names everybody.
EVERYONE = {
    "mute-everyone": "mute",
    "unmute-everyone": "unmute",
    "hold-everyone": "hold",
    "resume-everyone": "resume",
}
