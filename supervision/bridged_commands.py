"""Listen and barge on a call of two bridged legs. Whisper is not there, whoever asks for it."""

from uuid import uuid4

from django.utils import timezone

import bridged_calls.commands
import bridged_calls.show
from bridged_calls.models import BridgedCall, BridgedLeg
from dashboard.commands import Refused
from dashboard.legs import legs
from dashboard.models import User
from supervision import bridged, commands, preflight, words
from supervision.models import LIVE, Phone, Supervision


def press(user: User, pk: int, mode: str) -> None:
    """Listen or barge. Raises `Refused`; nothing was sent then."""
    if mode == "whisper":
        raise Refused(409, preflight.NO_WHISPER.title, preflight.NO_WHISPER.text)
    preflight.refuse(preflight.right(mode, user.actions))
    call = bridged_calls.commands.live(user, pk)
    current = Supervision.objects.current(user)
    if current is not None and bridged.call_of(current) == call:
        commands.switch(user, current, mode, [])
        return
    if current is not None:
        # No command of Telnyx's brings a leg to another call.
        commands.anew(user, current)
    _dial(user, call, mode)


def again(user: User, number: str) -> bool:
    """The same press as one that came to nothing; False if that was not on such a call. Raises `Refused`."""
    before = Supervision.objects.filter(pk=number, user=user).exclude(state__in=LIVE).first()
    call = bridged.call_of(before) if before else None
    if before is None or call is None:
        return False
    failed = before.state == Supervision.State.FAILED
    press(user, call.pk, words.VERBS[before.asked_role if failed else before.role])
    return True


def _dial(user: User, call: BridgedCall, mode: str) -> None:
    phone = Phone.objects.filter(user=user, active=True).first()
    preflight.refuse(preflight.line(phone))
    assert phone is not None  # noqa: S101 - preflight has just said so
    commands.begin(user, _asked(user, call, mode, phone.address), mode, [])


def _asked(user: User, call: BridgedCall, mode: str, phone: str) -> Supervision:
    number, leg = uuid4(), _supervised(call)
    return Supervision(
        id=number,
        root=number,
        user=user,
        user_name=str(user),
        conference_name=bridged_calls.show.name(call),
        bridged_leg=leg.call_control_id,
        bridged_stay=leg.opened_by,
        phone=phone,
        asked_role=words.MODES[mode],
        role=words.MODES[mode],
        requested_at=timezone.now(),
    )


def _supervised(call: BridgedCall) -> BridgedLeg:
    """The leg to name in the dial: the agent's, if one of the two is in the directory."""
    there = list(call.legs.all())
    if not there:
        raise Refused(409, "This call has just become another.", "Look and press again. Nothing was sent.")
    about = legs([leg.call_control_id for leg in there], full_numbers=False)
    return next((leg for leg in there if about[leg.call_control_id].kind == "agent"), there[0])
