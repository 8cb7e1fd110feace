"""What the worker does for supervisors: no leg of ours stays up that nobody owns, no record stays untrue.

Each look: presses that came to nothing are said to be over; legs whose record is over, whose role is not
known after 30 s, or whose supervisor may not any more are hung up; a whisper to nobody becomes listening.
Every few seconds, and at the start, Telnyx's list of active calls is compared with what we have.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conferences.models import Conference, Participant
from dashboard.legs import legs
from dashboard.models import Command
from supervision import bridged, commands, phone_tests, words
from supervision.models import LATELY, LIVE, PhoneTest, Supervision
from supervision.preflight import RIGHTS
from supervision.transitions import NOBODYS
from supervision.undoing import undo
from telephony import marks
from telephony.client import TelnyxClient
from telephony.clock import database_now
from telephony.errors import TelnyxError
from telephony.models import Call
from telephony.reads import Absences, found
from telephony.wire import Json

log = logging.getLogger("earshot.supervision")

EVERY = 3.0  # seconds between two lists of active calls, while somebody is or was just in a conference
NOBODY_SENT = timedelta(seconds=10)  # a press whose process died before its command was logged
State = Supervision.State


class Watch:
    """`look` does what is due. `clock` counts seconds."""

    def __init__(self, telnyx: TelnyxClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._telnyx, self._clock = telnyx, clock
        self._next_list = 0.0
        self._absences = Absences()

    def look(self) -> None:
        live = list(Supervision.objects.live().select_related("user"))
        for supervision in live:
            _look_after(supervision)
        release()
        phone_tests.look()
        if self._clock() >= self._next_list and settings.TELNYX_CONNECTION_ID:
            self._list()

    def _list(self) -> None:
        """Compare the active calls with what we have; without any of ours lately there is nothing to ask."""
        first, self._next_list = self._next_list == 0.0, self._clock() + EVERY
        lately = Supervision.objects.filter(Q(state__in=LIVE) | _lately())
        if not (first or lately.exists() or PhoneTest.objects.lately().exists()):
            return
        started = database_now()
        try:
            active = self._telnyx.list_active_calls(settings.TELNYX_CONNECTION_ID)
        except TelnyxError as problem:
            self._next_list = self._clock() + 2 * EVERY
            log.warning("The active calls cannot be read: %s", problem.words)
            return
        there = {str(call.get("call_control_id", "")): call for call in active}
        marked = _marked(there)
        with transaction.atomic():
            news = _unknown(marked)
            gone = self._gone(set(there))
            if news or gone:
                found("read.calls", {"marked": news, "gone": gone}, started)
        _hang_up_strays(marked)

    def _gone(self, there: set[str]) -> dict[str, str]:
        """Legs of ours that are in the list no more, in two reads; of these no hang-up came."""
        since = timezone.now() - timedelta(seconds=2)  # one that was dialled during the read may be missing
        live = Supervision.objects.live().filter(accepted_at__lt=since).exclude(leg="")
        ours = {row.leg: str(row.root) for row in live}
        tests = PhoneTest.objects.live().filter(accepted_at__lt=since).exclude(leg="")
        ours |= {row.leg: str(row.pk) for row in tests}
        absent = self._absences.proven("calls", set(ours) - there, timezone.now())
        return {leg: ours[leg] for leg in absent}


def _marked(there: dict[str, Json]) -> dict[str, str]:
    """Legs with our mark → the supervision that they were dialled for."""
    known = {leg: marks.read(call.get("client_state")) for leg, call in there.items()}
    return {leg: mark.supervision for leg, mark in known.items() if mark}


def _unknown(marked: dict[str, str]) -> dict[str, str]:
    """Those that no record has: the answer to the dial was lost, and so were the webhooks."""
    known = set(Supervision.objects.filter(leg__in=marked).values_list("leg", flat=True))
    known |= set(PhoneTest.objects.filter(leg__in=marked).values_list("leg", flat=True))
    return {leg: number for leg, number in marked.items() if leg not in known}


def _hang_up_strays(marked: dict[str, str]) -> None:
    """Legs with our mark that are no record's, though theirs has another: never two for one press."""
    numbers = [number for number in marked.values() if _is_number(number)]
    rows = {str(row.pk): row for row in Supervision.objects.filter(pk__in=numbers)}
    for leg, number in marked.items():
        row = rows.get(number)
        if row is not None and row.leg and row.leg != leg:
            commands.release(row, leg, NOBODYS)
    tests = {str(row.pk): row for row in PhoneTest.objects.filter(pk__in=numbers)}
    for leg, number in marked.items():
        if number in tests and tests[number].leg not in {"", leg}:
            phone_tests.release(tests[number], leg, NOBODYS)


def _is_number(text: str) -> bool:
    return len(text) == 36 and text.replace("-", "").isalnum()


def _look_after(supervision: Supervision) -> None:
    if supervision.moved_at:
        return
    if supervision.state == State.REQUESTED:
        _ask_for_command(supervision)
    commands.conclude(supervision)
    if supervision.state == State.CONNECTED:
        if not _may(supervision):
            commands.release(supervision, supervision.leg, "right lost")
        elif _is_unsure(supervision):
            commands.release(supervision, supervision.leg, "role not known")
        elif supervision.role == "whisper":
            _fall_back(supervision)
    elif not _may(supervision) and not supervision.leg:
        commands.hang_up(supervision, None)
    elif not _may(supervision):
        commands.release(supervision, supervision.leg, "right lost")


def _ask_for_command(supervision: Supervision) -> None:
    late = supervision.requested_at < timezone.now() - NOBODY_SENT
    if late and not Command.objects.filter(subject=supervision.subject).exists():
        undo(supervision, "unknown")


def _may(supervision: Supervision) -> bool:
    """The right to the mode, and the conference or call in the scope: losing either ends it."""
    user, calls = supervision.user, bridged.seen(supervision)
    conferences = Conference.objects.within(user.scope).filter(pk=supervision.conference_id)
    here = conferences.exists() if calls is None else calls.exists()
    return user.is_active and user.may(RIGHTS[words.VERBS[supervision.role]]) and here


def _is_unsure(supervision: Supervision) -> bool:
    """The newest change of role has been settled as not known: nobody can say who hears this leg."""
    newest = Command.objects.filter(subject=supervision.subject, action__startswith="to-").first()
    return newest is not None and newest.state == Command.State.UNKNOWN and newest.settled_at is not None


def _fall_back(supervision: Supervision) -> None:
    """When the last whispered-to person has left, it becomes listening. It never widens by itself."""
    wanted = supervision.whisper_to
    there = Participant.objects.filter(
        conference_id=supervision.conference_id, left_at=None, call_control_id__in=wanted
    )
    ever = Participant.objects.filter(
        conference_id=supervision.conference_id, call_control_id__in=wanted, left_at__isnull=False
    )
    if there.exists() or not ever.exists() or commands.open_switch(supervision):
        return
    about = legs(wanted, full_numbers=False)
    commands.fall_back(supervision, words.several([about[leg].label for leg in wanted]))


def release() -> None:
    """Hang up the legs of records that are over, unless the leg has gone on to another conference."""
    over = Supervision.objects.exclude(state__in=LIVE).exclude(leg="").filter(_lately(), moved_at=None)
    legs_up = {row.leg: row for row in over.order_by("requested_at")}
    ended = Call.objects.filter(call_control_id__in=legs_up, ended_at__isnull=False)
    owned = Supervision.objects.live().filter(leg__in=legs_up, moved_at=None)
    done = {*ended.values_list("call_control_id", flat=True), *owned.values_list("leg", flat=True)}
    for leg, row in legs_up.items():
        if leg not in done:
            commands.release(row, leg, NOBODYS)


def _lately() -> Q:
    """It ended not long ago, or was asked for not long ago."""
    since = timezone.now() - LATELY
    return Q(ended_at__gte=since) | Q(requested_at__gte=since)
