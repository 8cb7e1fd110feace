"""A button's way to Telnyx: require → log → send → log.

    run       one press: refused, or logged, committed, tried once, and its outcome logged
    log       the same as far as the log, for a caller that writes more with it

A command is committed before its request goes out. The web process makes one try; what its outcome means,
and the tries after it, are in `dashboard.attempts`. An accepted command enters the inbox as a `reply` event,
so that its effect takes the same way to the screen as everything else.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from dashboard.attempts import LEASE, Bump, Desk, attempt
from dashboard.models import Command, User
from dashboard.pokes import stepwise
from dashboard.roles import Action
from telephony.projection import Change
from telephony.statements import Select

__all__ = [
    "EARSHOT",
    "LOGGED",
    "OVERTAKEN",
    "Desk",
    "Press",
    "Refused",
    "attempt",
    "called_off",
    "log",
    "require",
    "run",
    "settled",
]

EARSHOT = "Earshot"
# The log has an entry that nothing else on a page shows.
LOGGED: Change = ("activity", "log")
OVERTAKEN = " was pressed"  # how the reason ends of a command that a later press put an end to
ANSWER_WITHIN = 5.0  # seconds that the opposite press waits for it

_OPEN = Select(Command, "subject = %s AND family = %s AND settled_at IS NULL", order="created_at DESC")
State = Command.State


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody pressed. `legs` are call control ids, `target_key` tells one person from another;
    `detail` is JSON (the options); `seen` is what the page showed (refused as stale when `now` is something
    else). Telnyx would do twice what is not `repeatable` and comes twice. Without a `user` it is Earshot's
    own doing: a rule of the settings."""

    user: User | None
    action: str
    permission: Action
    family: str
    subject: str
    subject_name: str
    legs: Sequence[str] = ()
    target: str = ""
    target_key: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    seen: str = ""
    now: str = ""
    repeatable: bool = True


class Refused(Exception):
    """A press that never became a request. `status` is HTTP's, `title` and `text` are for people."""

    def __init__(self, status: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status, self.title, self.text = status, title, text


def run(press: Press, desk: Desk) -> Command | None:
    """One press, from the click to the first answer. None: the same command is on its way already.

    Raises `Refused`.
    """
    command = log(press, desk)
    if command is not None:
        attempt(command, desk)
    return command


def log(press: Press, desk: Desk) -> Command | None:
    """The press as a command in flight; None: the same one is on its way already. Raises `Refused`.

    For a caller that writes more in the same transaction, and calls `attempt` once that is committed. Not for
    a subject that may have an older command: what that one is waited for would hold the transaction.
    """
    if press.user:
        require(press.user, press.permission)
    _refuse_stale(press)
    return _log(press, desk.bump)


def settled(
    user: User | None,
    action: str,
    family: str,
    subject: str,
    subject_name: str,
    *,
    permission: str = "",
    target: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Command:
    """An entry of the log about what was done here and asks nothing of Telnyx. Not saved yet."""
    now = timezone.now()
    return Command(
        user=user,
        user_name=str(user or EARSHOT),
        action=action,
        permission=permission,
        family=family,
        subject=subject,
        subject_name=subject_name,
        target=target,
        detail=dict(detail or {}),
        state=State.DONE,
        created_at=now,
        settled_at=now,
    )


def require(user: User, action: Action) -> None:
    if not user.may(action):
        raise Refused(403, "Your role may not do this.", f"It needs the right to {action.value}.")


def _refuse_stale(press: Press) -> None:
    if press.seen and press.seen != press.now:
        raise Refused(409, "This changed while you pressed.", "Look and press again.")


def _log(press: Press, bump: Bump) -> Command | None:
    """The press as a committed command, in flight; None if the same one is on its way already."""
    while not _is_under_way(press):
        command = _command(press)
        if _insert(command, press, bump):
            return command
    return None


def _command(press: Press) -> Command:
    now = timezone.now()
    return Command(
        user=press.user,
        user_name=str(press.user or EARSHOT),
        action=press.action,
        permission=press.permission.value,
        family=press.family,
        subject=press.subject,
        subject_name=press.subject_name,
        target=press.target,
        target_key=press.target_key,
        legs=list(press.legs),
        detail=dict(press.detail),
        seen=press.seen,
        repeatable=press.repeatable,
        in_flight=True,
        created_at=now,
        first_sent_at=now,
        next_try_at=now + LEASE,
    )


def _insert(command: Command, press: Press, bump: Bump) -> bool:
    """False when another press came between the look and the insertion."""
    try:
        with stepwise(), transaction.atomic():
            # Locks the subject: the index alone tells one person's mute and everybody's apart.
            bump(press.subject)
            if _open_on_the_same(press):
                return False
            command.save(force_insert=True)
    except IntegrityError:
        if _open_on_the_same(press):
            return False
        raise Refused(409, "Somebody else just pressed this.", "Look and press again.") from None
    return True


def _is_under_way(press: Press) -> bool:
    """True when the same press is open already (a double click); the opposite one is overtaken."""
    for other in _open_on_the_same(press):
        if (other.action, other.detail) == (press.action, press.detail):
            return True
        _overtake(other, press)
    return False


def open_of(subject: str, family: str) -> list[Command]:
    """The family's commands on this subject that are not settled, the newest first."""
    return _OPEN.rows(subject, family)


def _open_on_the_same(press: Press) -> list[Command]:
    """Open commands of the family that name a leg this one names, or the same whole subject."""
    legs = set(press.legs)
    return [
        other
        for other in open_of(press.subject, press.family)
        if not legs or not other.legs or legs & set(other.legs)
    ]


def _overtake(other: Command, press: Press) -> None:
    """The opposite press ends the tries of the older one. One that is in flight must be answered first:
    Telnyx might carry out the two in the wrong order."""
    waiting = Command.objects.filter(pk=other.pk, settled_at=None)
    deadline = time.monotonic() + ANSWER_WITHIN
    # One statement: between a look and a change the worker could take it and send it again.
    while not waiting.filter(in_flight=False).update(**_overtaken(press)):
        if not waiting.exists():
            return
        if time.monotonic() > deadline:
            text = "Wait a moment and press again."
            raise Refused(409, "Telnyx has not answered the last press yet.", text)
        threading.Event().wait(0.05)


def called_off() -> Case:
    """The state of an open command that gets no further try: failed, unless a try may have done something
    that Telnyx did not tell."""
    return Case(When(state=State.UNKNOWN, then=Value(State.UNKNOWN)), default=Value(State.FAILED))


def _overtaken(press: Press) -> dict[str, Any]:
    now = timezone.now()
    return {
        "state": called_off(),
        "settled_at": now,
        "next_try_at": None,
        "reason": f"{press.action}{OVERTAKEN}",
        "dismissed_at": now,  # nobody needs to be told: that is what they wanted
    }
