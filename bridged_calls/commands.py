"""What people can do to a bridged call. Each press goes through `dashboard.commands`."""

from django.db import transaction
from django.db.models import F
from django.http import QueryDict

from bridged_calls import show
from bridged_calls.models import BridgedCall, BridgedCalls
from bridged_calls.verbs import VERBS, subject
from dashboard import commands
from dashboard.commands import Desk, Press, Refused
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from telephony.client import client
from telephony.wire import Json


def visible(user: User) -> BridgedCalls:
    """The bridged calls that this person may see; every command and page finds its object here."""
    found = BridgedCall.objects.within(user.scope)
    return found if user.may(Action.SEE_FLOOR) else found.none()


def on_call(user: User, pk: int, action: str, posted: QueryDict) -> Command | None:
    """A command on the call as a whole. Raises `Refused`."""
    verb = VERBS[action]
    commands.require(user, verb.permission)
    call = live(user, pk)
    people = [leg.call_control_id for leg in call.legs.all()]
    press = Press(
        user=user,
        action=action,
        permission=verb.permission,
        family=verb.family,
        subject=subject(call.pk),
        subject_name=show.name(call),
        legs=people,
        target="everyone",
        target_key="everyone",
        detail={"options": verb.read(posted)},
        seen=str(posted.get("seen", ""))[:100],
        now=str(len(people)),
        repeatable=verb.repeatable,
    )
    return commands.run(press, DESK)


def live(user: User, pk: int) -> BridgedCall:
    """The call, found through what this person may see. Raises `Refused`."""
    call = visible(user).filter(pk=pk).first()
    if call is None:
        raise Refused(404, "There is no such call.", "It may have ended long ago. Nothing was sent.")
    if not call.is_live:
        raise Refused(409, f"{show.name(call)} has ended.", "Nothing was sent.")
    return call


def send(command: Command) -> Json:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    return VERBS[command.action].send(client(), command.subject.partition(":")[2], command)


def bump(about: str) -> None:
    """Make a call's fragments new: an open or answered command shows on them."""
    key = about.partition(":")[2]
    BridgedCall.objects.filter(pk=key).update(version=F("version") + 1)
    transaction.on_commit(lambda: poke([("bridged", key)]))


DESK = Desk(send, bump)
