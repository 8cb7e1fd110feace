"""What comes of a command's tries at Telnyx: accepted, refused, tried again, checked, settled.

    attempt     one try, and what its outcome means
    retry       the worker's way: what is due is sent again with the same command id, or settled
    proven      what a webhook or a read has shown: it was done
    disproven   what a read has shown: it was not done

What was refused is refused. What surely did nothing (429, no connection) comes again until 45 s after the
first try and has failed then. What may have done something (5xx, silence, an answer that cannot be read)
makes the outcome *unknown*; it comes again for a shorter time, so that an answer, a webhook or a read that
began after the last try settles it within 30 s of the press. What none of them settles ends as not known.
Nothing is sent after that, and nothing after the right to it was lost.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from dashboard.models import Command
from dashboard.pokes import stepwise
from telephony import status, trace
from telephony.clock import database_now
from telephony.errors import RateLimited, TelnyxError, Unavailable, UnknownOutcome
from telephony.events import encode
from telephony.projection import Arrival, arrive, give_way
from telephony.statements import Select
from telephony.wire import Json

log = logging.getLogger("earshot.commands")

TRY = timedelta(seconds=4)  # the longest
# One that has not come back by then died with its process.
LEASE = timedelta(seconds=8)
# The last try, after the first. Telnyx forgets command ids after 60 s, and a late mute is a surprise.
RETRY_FOR = timedelta(seconds=45)
# The same for what may have been done: with the last try and what follows it, 29 s.
RETRY_UNKNOWN_FOR = timedelta(seconds=18)
# A request whose answer was lost may still be carried out: a read decides if it began this much later.
SHOWN_AFTER = timedelta(seconds=3)
KNOWN_WITHIN = timedelta(seconds=7)  # of the last try: time for that read
LONGEST_PAUSE = 15.0  # seconds, unless Telnyx asks for more
ROUND = 1.0  # seconds; then what is due is looked up anew, so that nothing waits behind slow tries
LATE_WEBHOOKS = timedelta(seconds=60)
# What is told at once is shown before the reply is projected, and drawn by then (seconds).
DRAWN = 0.15
State = Command.State
Bump = Callable[[str], None]

_UNDECIDED = Select(
    Command,
    "(settled_at IS NULL OR state = 'accepted' OR (state = 'unknown' AND settled_at >= %s))"
    " AND subject IN {}",
    order="created_at DESC",
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the commands on one kind of subject are carried out.

    `send` makes the one request (its answer, a JSON object or None, goes into the `reply` event); `bump`
    makes the subject's fragments new, within the transaction that writes the command. Changes of the kinds
    `at_once` are told as soon as Telnyx has accepted: somebody waits for them.
    """

    send: Callable[[Command], Json | None]
    bump: Bump
    at_once: AbstractSet[str] = frozenset()


def attempt(command: Command, desk: Desk) -> None:
    """One try, outside any transaction, and its outcome. The row says already that it is in flight."""
    if command.next_try_at is None or timezone.now() > command.next_try_at - TRY:
        return  # this process slept after it took the command: a worker has it, or will
    command.attempts += 1
    with trace.about(command=str(command.pk)):
        _try(command, desk)


def _try(command: Command, desk: Desk) -> None:
    if desk.at_once:
        give_way(DRAWN)  # the webhook of what this does may come before the answer
    try:
        answer = desk.send(command)
    except TelnyxError as problem:
        _weigh(command, problem, desk.bump)
    except Exception:
        # A mistake of ours must not keep the commands behind it from being tried.
        log.exception("A command could not be sent")
        _weigh(command, UnknownOutcome(), desk.bump)
    else:
        _accept(command, answer or {}, desk)


def _accept(command: Command, answer: Json, desk: Desk) -> None:
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
    if desk.at_once:
        give_way(DRAWN)
    with stepwise(desk.at_once), transaction.atomic():
        _settle(command, desk.bump, State.ACCEPTED)
        arrive([Arrival(event_id, "reply", event_type, body, at)])


def _weigh(command: Command, problem: TelnyxError, bump: Bump) -> None:
    """What a try that was not accepted means: the end, another try, or the question what the tries did."""
    if _may_have_worked(problem):
        command.state = State.UNKNOWN
    command.reason, command.error_code = problem.words, problem.code
    may_come_again = isinstance(problem, RateLimited | Unavailable | UnknownOutcome)
    next_try = timezone.now() + _pause(command.attempts, problem)
    if may_come_again and next_try <= _last_try_at(command):
        _record(command, bump, next_try_at=next_try)
    else:
        _end_tries(command, bump, State.FAILED if may_come_again else State.REFUSED)


def _may_have_worked(problem: TelnyxError) -> bool:
    """True unless it is sure that nothing was done: refused, refused for its rate, or never sent."""
    return isinstance(problem, UnknownOutcome) or (isinstance(problem, Unavailable) and problem.status > 0)


def _pause(attempts: int, problem: TelnyxError) -> timedelta:
    own = min(0.5 * 2**attempts, LONGEST_PAUSE)
    return timedelta(seconds=max(own, problem.reset) if isinstance(problem, RateLimited) else own)


def _last_try_at(command: Command) -> datetime:
    """When the last try may begin, as far as is known now."""
    started = command.first_sent_at or command.created_at
    if command.state != State.UNKNOWN:
        return started + RETRY_FOR
    return started + (RETRY_UNKNOWN_FOR if command.repeatable else -TRY)


def _end_tries(command: Command, bump: Bump, otherwise: State) -> None:
    """No further try: settled, unless what the tries did is still the question. A read answers that for what
    may be sent twice; the others' only proof is a webhook, which settles them later too."""
    if command.state == State.UNKNOWN and command.repeatable:
        now = timezone.now()
        _record(command, bump, tries_ended_at=now, next_try_at=now + KNOWN_WITHIN)
    else:
        _settle(command, bump, State.UNKNOWN if command.state == State.UNKNOWN else otherwise)
        status.ask_now()  # what was refused may be otherwise than the page showed


def _settle(command: Command, bump: Bump, state: State) -> None:
    command.state = state
    _record(command, bump, settled_at=timezone.now(), next_try_at=None)


def _record(command: Command, bump: Bump, **fields: object) -> None:
    """Write what came of a try, and no longer in flight."""
    fields |= {name: getattr(command, name) for name in ("state", "reason", "error_code", "attempts")}
    with transaction.atomic():
        # The subject first: projections lock it before its commands, and two orders would be a deadlock.
        bump(command.subject)
        # A webhook or a read may have shown the effect before the answer came: that outcome stays.
        unproven = Command.objects.filter(pk=command.pk).exclude(state=State.DONE)
        unproven.update(in_flight=False, **fields)


def retry(desks: Mapping[str, Desk]) -> int:
    """Send again what is open and due, each at the desk of its kind of subject; settle what is too old.
    Returns how many were tried."""
    tried, until = 0, time.monotonic() + ROUND
    for command in _due():
        if time.monotonic() > until:
            break
        tried += _retry_one(command, desks[command.subject.partition(":")[0]])
    return tried


def _due() -> QuerySet[Command]:
    due = Command.objects.filter(settled_at=None, next_try_at__lte=timezone.now())
    # First what only has to be settled: it costs no request, and its time is promised.
    return due.order_by(F("tries_ended_at").asc(nulls_last=True), "next_try_at")[:50]


def _retry_one(command: Command, desk: Desk) -> int:
    lease = timezone.now() + LEASE
    # Only one worker takes it: whoever moves the time wins.
    taken = Command.objects.filter(pk=command.pk, next_try_at=command.next_try_at, settled_at=None)
    if not taken.update(next_try_at=lease, in_flight=True):
        return 0
    command.next_try_at = lease
    if command.tries_ended_at:
        _give_up(command, desk.bump)
        return 0
    if command.in_flight:
        command.state = State.UNKNOWN  # its process died while Telnyx was working on it
    if not _may_still(command):
        command.reason = "your role may not do this any more"
        _end_tries(command, desk.bump, State.REFUSED)
        return 0
    if timezone.now() > _last_try_at(command):
        command.reason = command.reason or "Telnyx did not answer"
        _end_tries(command, desk.bump, State.FAILED)
        return 0
    attempt(command, desk)
    return 1


def _give_up(command: Command, bump: Bump) -> None:
    """Neither an answer nor a webhook nor a read has told: that is said, and everything is read once more."""
    _settle(command, bump, State.UNKNOWN)
    status.ask_now()


def _may_still(command: Command) -> bool:
    """Whether who pressed it may do so now. The log is older than the right that it keeps."""
    if not command.permission or command.user is None:
        return True
    return command.user.is_active and command.permission in command.user.actions


def undecided(subjects: Iterable[str]) -> QuerySet[Command]:
    """What a webhook or a read about these subjects may settle: what is open or accepted, and for a while
    what is not known."""
    recent = Q(state=State.UNKNOWN, settled_at__gte=timezone.now() - LATE_WEBHOOKS)
    waiting = Q(settled_at=None) | Q(state=State.ACCEPTED) | recent
    return Command.objects.filter(waiting, subject__in=subjects)


def waiting(subjects: Iterable[str]) -> list[Command]:
    """The same as rows, read with every batch of events."""
    return _UNDECIDED.rows(timezone.now() - LATE_WEBHOOKS, list(subjects))


def is_decided_by(command: Command, started: datetime) -> bool:
    """Whether a read that began then saw everything that the tries of this command could do."""
    ended = command.tries_ended_at
    return ended is not None and command.settled_at is None and started >= ended + SHOWN_AFTER


def proven(commands: Sequence[Command], shown_by: str) -> None:
    """Commands whose effect a webhook or a read has shown. The caller makes the fragments new."""
    Command.objects.filter(pk__in=[command.pk for command in commands]).update(
        state=State.DONE,
        shown_by=shown_by[:200],
        settled_at=Coalesce("settled_at", timezone.now()),
        next_try_at=None,
        in_flight=False,
    )


def disproven(commands: Sequence[Command], shown_by: str) -> None:
    """Commands of which a read has shown that they had no effect. The caller makes the fragments new."""
    unsettled = Command.objects.filter(pk__in=[command.pk for command in commands], settled_at=None)
    unsettled.update(state=State.FAILED, shown_by=shown_by[:200], settled_at=timezone.now(), next_try_at=None)
