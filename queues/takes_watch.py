"""What the worker does for takes: who has answered gets the caller, no phone of an agent is left that nobody
needs, no record stays untrue.

Every few seconds, while there is or was just one, Telnyx's list of active calls is compared with what we
have.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from dashboard.models import Command
from dashboard.roles import Action
from queues import takes
from queues.models import Queue, QueuedCall, Take
from queues.takes_projection import number_of
from queues.takes_transitions import NOBODYS, subject
from queues.transitions import subject as of_queue
from telephony import marks
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import TelnyxError
from telephony.models import Call
from telephony.reads import Absences, found

log = logging.getLogger("earshot.takes")

EVERY = 3.0  # seconds between two lists of active calls
LATELY = timedelta(minutes=10)
NOBODY_SENT = timedelta(seconds=10)  # a press whose process died before its command was logged
State = Take.State


class Watch:
    """`look` does what is due. `clock` counts seconds."""

    def __init__(self, telnyx: TelnyxClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._telnyx, self._clock = telnyx, clock
        self._next_list = 0.0
        self._absences = Absences()

    def look(self) -> None:
        for row in Take.objects.live().select_related("queue", "user", "agent"):
            _look_after(row)
        _release()
        if self._clock() >= self._next_list and settings.TELNYX_CONNECTION_ID:
            self._next_list = self._clock() + EVERY
            if _lately().exists():
                self._list()

    def _list(self) -> None:
        started = database_now()
        try:
            active = self._telnyx.list_active_calls(settings.TELNYX_CONNECTION_ID)
        except TelnyxError as problem:
            log.warning("The active calls cannot be read: %s", problem.words)
            return
        there = {str(call.get("call_control_id", "")): call.get("client_state") for call in active}
        marked = {leg: number for leg, state in there.items() if (number := marks.read_take(state))}
        with transaction.atomic():
            ours = _ours(marked)
            known = {row.leg for row in ours.values()}
            news = {leg: of for leg, of in marked.items() if leg not in known and of in ours}
            gone = self._gone(set(there))
            if news or gone:
                found("read.takes", {"marked": news, "gone": gone}, started)
        _hang_up_strays(marked)

    def _gone(self, there: set[str]) -> dict[str, str]:
        """Legs that are in the list no more, in two reads; of these no hang-up came."""
        since = timezone.now() - timedelta(seconds=2)  # one that was dialled during the read may be missing
        live = Take.objects.live().filter(accepted_at__lt=since).exclude(leg="")
        ours = {row.leg: str(row.pk) for row in live}
        absent = self._absences.proven("takes", set(ours) - there, timezone.now())
        return {leg: ours[leg] for leg in absent}


def _lately() -> QuerySet[Take]:
    return Take.objects.filter(Q(state__in=Take.LIVE) | Q(requested_at__gte=timezone.now() - LATELY))


def _ours(marked: Mapping[str, str]) -> dict[str, Take]:
    """The takes that these legs are marked with, by their numbers."""
    numbers = {number for one in marked.values() if (number := number_of(subject(one)))}
    return {str(row.pk): row for row in Take.objects.filter(pk__in=numbers).select_related("queue")}


def _hang_up_strays(marked: Mapping[str, str]) -> None:
    """Legs with our mark that are no take's, though theirs has another: never two for one press."""
    rows = _ours(marked)
    for leg, number in marked.items():
        row = rows.get(number)
        if row is not None and row.leg not in {"", leg}:
            row.leg = leg  # of this copy: it is what is hung up
            takes.let_go(row, NOBODYS)


def _look_after(row: Take) -> None:
    if row.state == State.REQUESTED and _nobody_sent(row):
        takes.say(row, "take-undone", "unknown")
    if takes.conclude(row):
        return
    if not _may(row):
        takes.let_go(row, "right lost")
        return
    join = Command.objects.filter(
        subject=of_queue(row.queue.name), action="bring-in", detail__take=str(row.pk)
    ).first()
    if join is None:
        _follow(row)
    elif join.settled_at:
        _decide(row, join)


def _nobody_sent(row: Take) -> bool:
    late = row.requested_at < timezone.now() - NOBODY_SENT
    return late and not takes.pressed(row).exists()


def _may(row: Take) -> bool:
    """The right, and the queue in the scope, of who pressed it."""
    here = Queue.objects.within(row.user.scope).filter(pk=row.queue_id)
    return row.user.is_active and row.user.may(Action.MOVE) and here.exists()


def _follow(row: Take) -> None:
    stays = QueuedCall.objects.filter(queue=row.queue, call_control_id=row.call_control_id, left_at=None)
    if not stays.filter(is_alive=True).exists():
        takes.let_go(row, "caller left")
    elif row.state == State.READY:
        takes.bring_in(row)


def _decide(row: Take, join: Command) -> None:
    """The answer that took the caller over may have been lost: that they left the queue has shown it then."""
    hung_up = Call.objects.filter(call_control_id=row.call_control_id, ended_at__isnull=False).exists()
    if hung_up:
        takes.let_go(row, "caller left")
    elif join.state in {Command.State.ACCEPTED, Command.State.DONE}:
        takes.say(row, "take-joined")
    else:
        takes.let_go(row, join.reason or "unknown")


def _release() -> None:
    """Hang up the agents' legs of takes that came to nothing."""
    over = Take.objects.filter(state__in=[State.FAILED, State.CANCELLED]).exclude(leg="")
    lately = over.filter(requested_at__gte=timezone.now() - LATELY)
    rows = {row.leg: row for row in lately.select_related("queue")}
    ended = Call.objects.filter(call_control_id__in=rows, ended_at__isnull=False)
    for leg in set(rows) - set(ended.values_list("call_control_id", flat=True)):
        takes.let_go(rows[leg], NOBODYS)
