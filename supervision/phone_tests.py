"""A test call to one's own phone: it is called, answers, and Earshot hangs up. Into no conference.

It is kept as a supervision is: the press writes what was asked for, events make the rest of the record, the
mark in the leg's `client_state` finds it again, and a leg that nobody owns is hung up.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from dashboard import commands
from dashboard.attempts import Desk
from dashboard.commands import Press, Refused
from dashboard.legs import masked
from dashboard.models import Command, User
from dashboard.roles import Action
from supervision import preflight
from supervision.commands import AGAIN
from supervision.desk import RING, hang_up_leg
from supervision.models import Phone, PhoneTest, Supervision, turn
from supervision.preflight import RIGHTS
from supervision.transitions import NOBODYS
from supervision.undoing import nothing_came_of, overtake, undo
from telephony import marks
from telephony.client import client
from telephony.models import Call
from telephony.wire import Json

FAMILY = "phone test"
HEARD = timedelta(seconds=4)  # after the answer: long enough to know that it works
SHORTEST = 30  # seconds; Telnyx takes no shorter limit of a call, which ends it if nothing of ours does
NOBODY_SENT = timedelta(seconds=10)
State = PhoneTest.State


def press(user: User, pk: int) -> None:
    """Call one of their phones. Raises `Refused`; nothing was sent then."""
    phone = Phone.objects.filter(pk=pk, user=user).first()
    if phone is None:
        raise Refused(404, "There is no such phone.", "You may have forgotten it meanwhile.")
    if PhoneTest.objects.current(user):
        return  # pressed twice: it is being called
    if current := Supervision.objects.current(user):
        raise Refused(409, f"Your phone is in use for {current.conference_name}.", "Leave first.")
    problem = preflight.line(phone)
    if problem and PhoneTest.objects.current(user):
        return  # in two tabs at once: it has begun since the look above
    preflight.refuse(problem)
    row = PhoneTest(id=uuid4(), user=user, phone=phone.address, requested_at=timezone.now())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            turn({user.pk})
    except IntegrityError:
        return  # in two tabs at once: the other one's call is on its way
    _run(row, user, "test-call")
    conclude(row)


def cancel(user: User) -> bool:
    """Hang up a test call, or stop calling; False if there is none."""
    row = PhoneTest.objects.current(user)
    if row is not None and not row.leg:
        overtake(row.subject)
        undo(row, "cancelled")
    elif row is not None:
        _run(row, user, "end-test", [row.leg])
    return row is not None


def conclude(row: PhoneTest) -> None:
    """Say that it is over when the press has come to nothing."""
    nothing_came_of(row, ["test-call"])


def _run(
    row: PhoneTest,
    user: User | None,
    action: str,
    named: Iterable[str] = (),
    detail: Mapping[str, Any] | None = None,
) -> None:
    right = next((one for one in RIGHTS.values() if user and user.may(one)), Action.LISTEN)
    commands.run(
        Press(
            user=user if user and user.may(right) else None,
            action=action,
            permission=right,
            family=FAMILY,
            subject=row.subject,
            subject_name=f"the phone of {row.user}",
            legs=list(named),
            target=masked(row.phone),
            detail={"supervision": str(row.pk), **(detail or {})},
        ),
        DESK,
    )


# --- the desk --------------------------------------------------------------------------------------------
def send(command: Command) -> Json | None:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    if command.action == "end-test":
        return hang_up_leg(command)
    row = PhoneTest.objects.get(pk=command.subject.partition(":")[2])
    return client().dial(
        row.phone,
        settings.TELNYX_FROM_NUMBER,
        settings.TELNYX_CONNECTION_ID,
        command.pk,
        timeout_secs=RING,
        time_limit_secs=SHORTEST,
        client_state=marks.write(marks.Mark(str(row.pk), row.user_id)),
    )


def bump(about: str) -> None:
    """Make new what shows it: the supervisor's own cell and the page of their phones."""
    turn(set(PhoneTest.objects.filter(pk=about.partition(":")[2]).values_list("user_id", flat=True)))


DESK = Desk(send, bump)


# --- looked after by the worker ----------------------------------------------------------------------------
def look() -> None:
    """Hang up who has answered long enough, may not any more, or is over; end what came to nothing."""
    now = timezone.now()
    for row in PhoneTest.objects.live().select_related("user"):
        conclude(row)
        if row.state == State.REQUESTED:
            _ask_for_command(row)
        if not any(row.user.may(right) for right in RIGHTS.values()):
            _give_up(row)
        elif row.answered_at and row.answered_at < now - HEARD:
            release(row, row.leg, "heard")
    over = PhoneTest.objects.lately().exclude(state__in=PhoneTest.LIVE).exclude(leg="")
    ended = Call.objects.filter(ended_at__isnull=False).values("call_control_id")
    for row in over.exclude(leg__in=ended):
        release(row, row.leg, NOBODYS)


def release(row: PhoneTest, leg: str, reason: str) -> None:
    """Hang up a leg, for a reason of Earshot's own, unless that is on its way or was tried just now."""
    lately = Q(settled_at=None) | Q(created_at__gte=timezone.now() - AGAIN)
    if not Command.objects.filter(lately, subject=row.subject, action="end-test", legs=[leg]).exists():
        _run(row, None, "end-test", [leg], {"reason": reason})


def _ask_for_command(row: PhoneTest) -> None:
    late = row.requested_at < timezone.now() - NOBODY_SENT
    if late and not Command.objects.filter(subject=row.subject).exists():
        undo(row, "unknown")


def _give_up(row: PhoneTest) -> None:
    if row.leg:
        release(row, row.leg, "right lost")
    else:
        overtake(row.subject)
        undo(row, "right lost")
