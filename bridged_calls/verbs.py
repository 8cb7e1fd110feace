"""What people can do to a bridged call: Telnyx knows no command to a pair, so both legs are hung up.

The keys are the last part of the button's address, the `action` of the command log, and `reply.<key>` in the
inbox.
"""

from uuid import uuid5

from dashboard.models import Command
from dashboard.roles import Action
from dashboard.verbs import Verb
from telephony.client import TelnyxClient
from telephony.errors import Invalid
from telephony.wire import Json

OVER = "90018"  # ended meanwhile, which is what was wanted


def subject(key: int) -> str:
    return f"bridged:{key}"


def _hang_up(telnyx: TelnyxClient, key: str, command: Command) -> Json:
    """Each leg, with an id of its own for the second: where one hangs up, Telnyx may have ended the other."""
    for number, leg in enumerate(command.legs):
        try:
            telnyx.hangup(leg, uuid5(command.pk, str(number)) if number else command.pk)
        except Invalid as refusal:
            if refusal.code != OVER:
                raise
    return {}


END = Verb(
    family="end",
    permission=Action.END,
    noun="End call",
    doing="Ending",
    past="ended the call",
    icon="end",
    send=_hang_up,
)
VERBS: dict[str, Verb] = {"end": END}
