"""What Telnyx itself says of a leg that rings, or is in after-call, for too long: one read, which enters the
inbox as `read.call`:

    {"call_control_id", "alive": bool, "end_time": Telnyx's time of the end, or ""}

`alive` false: the leg is over. A leg that was just dialled is not alive either, but has no end yet.
"""

from django.db import transaction

from agents import show_one
from dashboard.asking import at, silent
from dashboard.commands import Refused
from dashboard.models import User
from dashboard.roles import Action
from telephony.client import client
from telephony.clock import database_now
from telephony.errors import NotFound, TelnyxError
from telephony.reads import found
from telephony.wire import Json


def ask(user: User, pk: int) -> str:
    """Ask about the leg of an agent whose state is not known; what Telnyx said. Raises `Refused`."""
    leg = _doubtful(user, pk)
    started = database_now()
    try:
        call: Json | None = client().retrieve_call(leg)
    except NotFound:
        call = None
    except TelnyxError as problem:
        raise silent(problem) from None
    alive = call is not None and not call.get("end_time")
    end_time = str(call.get("end_time") or "") if call else ""
    with transaction.atomic():
        found("read.call", {"call_control_id": leg, "alive": alive, "end_time": end_time}, started)
    return _words(call)


def _doubtful(user: User, pk: int) -> str:
    roll = show_one.roll_of(pk, user.scope, full_numbers=False)
    if not user.may(Action.SEE_FLOOR) or not roll.fitting:
        raise Refused(404, "There is no such agent.", "They may have left the directory.")
    state = roll.states[pk]
    if not state.may_be_over:
        raise Refused(409, "This changed while you pressed.", "Their state is known. Nothing was asked.")
    return state.leg


def _words(call: Json | None) -> str:
    if call is None:
        return "Telnyx does not know the call any more: it is over."
    if call.get("end_time"):
        return f"Telnyx: the call ended at {at(call['end_time'])}."
    since = at(call.get("start_time"))
    return f"Telnyx: the call goes on{f' since {since}' if since else ''}."
