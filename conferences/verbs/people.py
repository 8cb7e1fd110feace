"""Commands on people in a conference. They name their legs: to Telnyx an empty list means everybody."""

from conferences.verbs.verb import Verb
from dashboard.roles import Action

MUTE = Verb(
    family="mute",
    permission=Action.MUTE,
    noun="Mute",
    doing="Muting",
    past="muted {target}",
    icon="mute",
    send=lambda telnyx, id_, command: telnyx.mute(id_, command.legs),
)
UNMUTE = Verb(
    family="mute",
    permission=Action.MUTE,
    noun="Unmute",
    doing="Unmuting",
    past="unmuted {target}",
    icon="unmute",
    send=lambda telnyx, id_, command: telnyx.unmute(id_, command.legs),
)
HOLD = Verb(
    family="hold",
    permission=Action.HOLD,
    noun="Hold",
    doing="Holding",
    past="put {target} on hold",
    icon="hold",
    send=lambda telnyx, id_, command: telnyx.hold(id_, command.legs),
)
RESUME = Verb(
    family="hold",
    permission=Action.HOLD,
    noun="Resume",
    doing="Resuming",
    past="took {target} off hold",
    icon="resume",
    send=lambda telnyx, id_, command: telnyx.unhold(id_, command.legs),
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

PERSONAL = {"mute": MUTE, "unmute": UNMUTE, "hold": HOLD, "resume": RESUME, "remove": REMOVE}
# The button on everybody → the command that names everybody.
EVERYONE = {
    "mute-everyone": "mute",
    "unmute-everyone": "unmute",
    "hold-everyone": "hold",
    "resume-everyone": "resume",
}
