"""A button's way to Telnyx and back: require → log → send → log.

    run       one press: refused, or logged, committed, tried once, and its answer logged
    retry     the worker's way: what is open and due is sent again with the same command id

A command is committed before its request goes out. The web process makes one try; what Telnyx could not
take yet is tried again until 45 s after the first, and never later: Telnyx forgets command ids after 60 s,
and a late mute is a surprise. An accepted command enters the inbox as a `reply` event, so that its effect
takes the same way to the screen as everything else.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard.models import Command, User
from dashboard.roles import Action
from telephony.clock import database_now
from telephony.errors import RateLimited, TelnyxError, Unavailable, UnknownOutcome
from telephony.events import encode
from telephony.projection import Arrival, arrive
from telephony.wire import Json

log = logging.getLogger("earshot.commands")

GIVE_UP_AFTER = timedelta(seconds=45)
# A try takes 4 s at most; one that has not come back by then died with its process.
LEASE = timedelta(seconds=8)
ANSWER_WITHIN = 5.0  # seconds that the opposite press waits for it
State = Command.State


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody pressed. `legs` are call control ids, `target_key` tells one person from another;
    `detail` is JSON (the options); `seen` is what the page showed (refused as stale when `now` is something
    else). Telnyx would do twice what is not `repeatable` and comes twice."""

    user: User
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


Bump = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the commands on one kind of subject are carried out.

    `send` makes the one request (its answer, a JSON object or None, goes into the `reply` event); `bump`
    makes the subject's fragments new, within the transaction that writes the command.
    """

    send: Callable[[Command], Json | None]
    bump: Bump


def run(press: Press, desk: Desk) -> Command | None:
    """One press, from the click to the first answer. None: the same command is on its way already.

    Raises `Refused`.
    """
    require(press.user, press.permission)
    _refuse_stale(press)
    command = _log(press, desk.bump)
    if command is not None:
        attempt(command, desk)
    return command


def require(user: User, action: Action) -> None:
    if not user.may(action):
        raise Refused(403, "Your role may not do this.", f"It needs the right to {action.value}.")


def _refuse_stale(press: Press) -> None:
    if press.seen and press.seen != press.now:
        raise Refused(409, "This changed while you pressed.", "Look and press again.")


def _log(press: Press, bump: Bump) -> Command | None:
    if _is_under_way(press):
        return None
    now = timezone.now()
    command = Command(
        user=press.user,
        user_name=str(press.user),
        action=press.action,
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
    try:
        with transaction.atomic():
            command.save(force_insert=True)
            bump(press.subject)
    except IntegrityError:
        if _is_under_way(press):
            return None
        raise Refused(409, "Somebody else just pressed this.", "Look and press again.") from None
    return command


def _is_under_way(press: Press) -> bool:
    """True when the same press is open already (a double click); the opposite one is overtaken."""
    for other in _open_on_the_same(press):
        if (other.action, other.detail) == (press.action, press.detail):
            return True
        _overtake(other, press)
    return False


def _open_on_the_same(press: Press) -> list[Command]:
    """Open commands of the family that name a leg this one names, or the same whole subject."""
    open_ones = Command.objects.filter(subject=press.subject, family=press.family, settled_at=None)
    legs = set(press.legs)
    return [other for other in open_ones if not legs or not other.legs or legs & set(other.legs)]


def _overtake(other: Command, press: Press) -> None:
    """The opposite press ends retries of the older one. One that is in flight must be answered first:
    Telnyx might carry out the two in the wrong order."""
    waiting = Command.objects.filter(pk=other.pk, settled_at=None)
    deadline = time.monotonic() + ANSWER_WITHIN
    while waiting.filter(in_flight=True).exists():
        if time.monotonic() > deadline:
            text = "Wait a moment and press again."
            raise Refused(409, "Telnyx has not answered the last press yet.", text)
        threading.Event().wait(0.05)
    waiting.update(
        state=State.FAILED,
        settled_at=timezone.now(),
        next_try_at=None,
        reason=f"{press.action} was pressed",
        dismissed_at=timezone.now(),  # nobody needs to be told: that is what they wanted
    )


def attempt(command: Command, desk: Desk) -> None:
    """One try, outside any transaction, and its outcome. The row says already that it is in flight."""
    command.attempts += 1
    try:
        answer = desk.send(command)
    except (RateLimited, Unavailable, UnknownOutcome) as problem:
        _try_again(command, problem, desk.bump)
    except TelnyxError as problem:
        _settle(command, desk.bump, state=State.REFUSED, reason=problem.words, error_code=problem.code)
    else:
        _accept(command, answer or {}, desk.bump)


def _accept(command: Command, answer: Json, bump: Bump) -> None:
    """The accepted reply is the fact: Telnyx sends no webhook for mute, hold or recording."""
    at = database_now()
    payload = {
        **command.detail,
        "legs": command.legs,
        "by": command.user_name,
        "command_id": str(command.pk),
        "answer": answer,
    }
    event_id, event_type = f"reply:{command.pk}", f"reply.{command.action}"
    body = encode(event_type, event_id, at, payload)
    with transaction.atomic():
        _settle(command, bump, state=State.ACCEPTED)
        arrive([Arrival(event_id, "reply", event_type, body, at)])


def _try_again(command: Command, problem: TelnyxError, bump: Bump) -> None:
    """Busy or silent: open until the deadline. Silence may mean that it took effect: that is said."""
    next_try = timezone.now() + _pause(command.attempts, problem)
    started = command.first_sent_at or command.created_at
    unknown = isinstance(problem, UnknownOutcome) or command.state == State.UNKNOWN
    if not command.repeatable and _may_have_worked(problem):
        _settle(command, bump, state=State.UNKNOWN, reason=problem.words, error_code=problem.code)
        return
    if next_try > started + GIVE_UP_AFTER:
        state = State.UNKNOWN if unknown else State.FAILED
        _settle(command, bump, state=state, reason=problem.words, error_code=problem.code)
        return
    state = State.UNKNOWN if unknown else State.OPEN
    _record(command, bump, state=state, next_try_at=next_try, reason=problem.words, error_code=problem.code)


def _may_have_worked(problem: TelnyxError) -> bool:
    """True unless it is sure that nothing was done: refused for its rate, or never sent."""
    return isinstance(problem, UnknownOutcome) or problem.status >= 500


def _pause(attempts: int, problem: TelnyxError) -> timedelta:
    told = problem.reset if isinstance(problem, RateLimited) else None
    return timedelta(seconds=min(told or 0.5 * 2**attempts, 15))


def _settle(command: Command, bump: Bump, **fields: object) -> None:
    _record(command, bump, settled_at=timezone.now(), next_try_at=None, **fields)


def _record(command: Command, bump: Bump, **fields: object) -> None:
    for name, value in fields.items():
        setattr(command, name, value)
    command.in_flight = False
    with transaction.atomic():
        # The subject first: projections lock it before its commands, and two orders would be a deadlock.
        bump(command.subject)
        # A webhook or a read may have shown the effect before the answer came: that outcome stays.
        unproven = Command.objects.filter(pk=command.pk).exclude(state=State.DONE)
        unproven.update(attempts=command.attempts, in_flight=False, **fields)


def retry(desks: Mapping[str, Desk], now: datetime | None = None) -> int:
    """Send again what is open and due, each at the desk of its kind of subject; give up what is too old.
    Returns how many were tried."""
    moment = now or timezone.now()
    due = Command.objects.filter(settled_at=None, next_try_at__lte=moment)
    tried = 0
    for command in due.order_by("next_try_at")[:50]:
        tried += _retry_one(command, moment, desks[command.subject.partition(":")[0]])
    return tried


def _retry_one(command: Command, now: datetime, desk: Desk) -> int:
    # Only one worker takes it: whoever moves the time wins.
    taken = Command.objects.filter(pk=command.pk, next_try_at=command.next_try_at, settled_at=None)
    if not taken.update(next_try_at=now + LEASE, in_flight=True):
        return 0
    if command.in_flight:
        command.state = State.UNKNOWN  # its process died while Telnyx was working on it
    too_late = now > (command.first_sent_at or command.created_at) + GIVE_UP_AFTER
    if too_late or (command.state == State.UNKNOWN and not command.repeatable):
        state = State.UNKNOWN if command.state == State.UNKNOWN else State.FAILED
        _settle(command, desk.bump, state=state, reason=command.reason or "Telnyx did not answer")
        return 0
    attempt(command, desk)
    return 1


def proven(commands: Sequence[Command], shown_by: str) -> None:
    """Commands whose effect a webhook or a read has shown. The caller makes the fragments new."""
    Command.objects.filter(pk__in=[command.pk for command in commands]).update(
        state=State.DONE,
        shown_by=shown_by[:200],
        settled_at=Coalesce("settled_at", timezone.now()),
        next_try_at=None,
        in_flight=False,
    )
