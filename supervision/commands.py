"""Listen, whisper, barge, leave: one leg for each supervisor, whatever they press and however often.

Who is in no conference is called; who is in this one changes the role; who is in another is brought over.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

import conferences.commands
from conferences.models import Conference, Participant
from dashboard import commands
from dashboard.audible import FAMILY
from dashboard.commands import Press, Refused
from dashboard.legs import legs
from dashboard.models import Command, User
from dashboard.pokes import stepwise
from dashboard.roles import Action
from supervision import preflight, transitions, words
from supervision.desk import DESK
from supervision.models import LIVE, Phone, Supervision, turn
from supervision.preflight import RIGHTS
from supervision.undoing import nothing_came_of, overtake, undo

DOWN_WITHIN = 4.0  # seconds that a press waits for the end of the leg before it
AGAIN = timedelta(seconds=5)  # between two tries to hang up a leg that nobody owns
State = Supervision.State


def press(user: User, conference_id: str, mode: str, chosen: Sequence[str]) -> None:
    """Listen, whisper (to the chosen, by the numbers of their stays, or to all agents) or barge.

    Raises `Refused`; nothing was sent then.
    """
    preflight.refuse(preflight.right(mode, user.actions))
    conference = _live(user, conference_id)
    to = whispered_to(conference, chosen) if mode == "whisper" else []
    current = Supervision.objects.current(user)
    if current is None:
        _dial(user, conference, mode, to)
    elif current.bridged_stay:
        anew(user, current)
        _dial(user, conference, mode, to)
    elif current.conference_id != conference.id:
        _move(user, current, conference, mode, to)
    else:
        switch(user, current, mode, to)


def again(user: User, number: str) -> None:
    """The same press as one that came to nothing, for the same people. Raises `Refused`."""
    before = Supervision.objects.filter(pk=number, user=user).exclude(state__in=LIVE).first()
    if before is None:
        raise Refused(409, "This changed while you pressed.", "Look and press again.")
    failed = before.state == State.FAILED
    there = Participant.objects.filter(conference_id=before.conference_id, left_at=None)
    wanted = there.filter(call_control_id__in=before.asked_to if failed else before.whisper_to)
    # Nobody: a whisper to all agents would be heard by more than were chosen.
    to = [str(pk) for pk in wanted.values_list("pk", flat=True)] or ["nobody"]
    press(user, before.conference_id, words.VERBS[before.asked_role if failed else before.role], to)


def leave(user: User) -> None:
    """Hang up the supervisor's leg, or stop calling it. The conference goes on. Raises `Refused`."""
    current = Supervision.objects.current(user)
    if current is None:
        raise Refused(409, "You are in no conference.", "Nothing was sent.")
    hang_up(current, user)


def hang_up(supervision: Supervision, by: User | None) -> None:
    """End a leg; `by` None: Earshot's own doing. A dial that nothing has named a leg for is called off."""
    if not supervision.leg:
        overtake(supervision.subject)
        undo(supervision, "cancelled" if by else "right lost")
        return
    permission = next((action for action in RIGHTS.values() if by and by.may(action)), None)
    # Whoever lost the right may leave all the same: then Earshot does it.
    commands.run(
        _press(
            supervision,
            by if permission else None,
            "leave",
            permission or Action.LISTEN,
            {},
            [supervision.leg],
        ),
        DESK,
    )


def release(supervision: Supervision, leg: str, reason: str) -> None:
    """Hang up a leg, for a reason of Earshot's own, unless that is on its way or was tried just now."""
    tried = Command.objects.filter(subject=supervision.subject, action="leave", legs=[leg])
    lately = Q(settled_at=None) | Q(created_at__gte=timezone.now() - AGAIN)
    if tried.filter(lately).exists():
        return
    commands.run(_press(supervision, None, "leave", Action.LISTEN, {}, [leg], {"reason": reason}), DESK)


def whispered_to(conference: Conference, chosen: Sequence[str]) -> list[str]:
    """The legs of the agents in the conference, or of those of them whom the supervisor chose. To Telnyx a
    whisper to nobody is silent listening, and nobody may believe that they are heard."""
    there = agents(conference)
    preflight.refuse(preflight.agents(there))
    wanted = [stay for stay in there if not chosen or str(stay.pk) in chosen]
    if not wanted:
        raise Refused(409, "Whom you chose has left.", "Look who is there and press again. Nothing was sent.")
    return [stay.call_control_id for stay in wanted]


def agents(conference: Conference) -> list[Participant]:
    """Who is in the conference and in the directory."""
    there = list(conference.participants.filter(left_at=None))
    about = legs([stay.call_control_id for stay in there], full_numbers=False)
    return [stay for stay in there if about[stay.call_control_id].kind == "agent"]


def _live(user: User, conference_id: str) -> Conference:
    conference = conferences.commands.visible(user).filter(pk=conference_id).first()
    if conference is None:
        raise Refused(404, "There is no such conference.", "It may have ended long ago. Nothing was sent.")
    if not conference.is_live:
        raise Refused(409, f"{conference} has ended.", "Nothing was sent.")
    return conference


# --- from nowhere: called ------------------------------------------------------------------------------
def _dial(user: User, conference: Conference, mode: str, to: list[str]) -> None:
    phone = Phone.objects.filter(user=user, active=True).first()
    preflight.refuse(preflight.line(phone))
    assert phone is not None  # noqa: S101 - preflight has just said so
    number = uuid4()
    begin(user, _asked(number, number, user, conference, mode, to, phone.address), mode, to)


def begin(user: User, supervision: Supervision, mode: str, to: Sequence[str]) -> None:
    """Have the phone called that a new record names."""
    press = _press(supervision, user, mode, RIGHTS[mode], _options(mode, to))
    try:
        with stepwise(), transaction.atomic():
            supervision.save(force_insert=True)
            command = commands.log(press, DESK)
    except IntegrityError:
        return  # the same person pressed in two tabs, or twice: the first press is on its way
    if command is not None:
        commands.attempt(command, DESK)
    conclude(supervision)


def _asked(
    number: UUID, root: UUID, user: User, conference: Conference, mode: str, to: list[str], phone: str
) -> Supervision:
    return Supervision(
        id=number,
        root=root,
        user=user,
        user_name=str(user),
        conference_id=conference.id,
        conference_name=str(conference),
        phone=phone,
        asked_role=words.MODES[mode],
        asked_to=to,
        role=words.MODES[mode],
        whisper_to=to,
        requested_at=timezone.now(),
    )


def _options(mode: str, to: Sequence[str]) -> dict[str, Any]:
    role = words.MODES[mode]
    return {"supervisor_role": role} | ({"whisper_call_control_ids": list(to)} if role == "whisper" else {})


# --- in this conference: another role --------------------------------------------------------------------
def switch(user: User, current: Supervision, mode: str, to: list[str]) -> None:
    """The leg stays, only who hears it changes."""
    same = (current.role, sorted(current.whisper_to)) == (words.MODES[mode], sorted(to))
    if current.state != State.CONNECTED:
        if same:
            return
        raise Refused(409, "Answer your phone first.", "Then press again; nothing was sent.")
    if same and not open_switch(current):
        return
    commands.run(_press(current, user, f"to-{mode}", RIGHTS[mode], _options(mode, to), [current.leg]), DESK)


def open_switch(supervision: Supervision) -> Command | None:
    """A change of role whose outcome is not known yet."""
    waiting = Command.objects.filter(subject=supervision.subject, family=FAMILY, settled_at=None)
    return waiting.filter(action__startswith="to-").first()


def fall_back(supervision: Supervision, left: str) -> None:
    """Whom it whispered to has left (in words): Telnyx is told that it listens, so that nobody who comes
    hears it."""
    options = _options("listen", [])
    commands.run(
        _press(supervision, None, "to-listen", Action.LISTEN, options, [supervision.leg], {"left": left}),
        DESK,
    )


# --- in another conference: brought over -----------------------------------------------------------------
def _move(user: User, current: Supervision, conference: Conference, mode: str, to: list[str]) -> None:
    _refuse_while_called(current)
    preflight.refuse(preflight.telnyx())
    supervision = _asked(uuid4(), current.root, user, conference, mode, to, current.phone)
    supervision.leg = current.leg
    before = Supervision.objects.filter(leg=current.leg, conference_id=conference.id)
    supervision.number = before.filter(connected_at__isnull=False).count()
    with transaction.atomic():
        here = Supervision.objects.filter(pk=current.pk, moved_at=None, state=State.CONNECTED)
        if not here.update(moved_at=timezone.now(), version=F("version") + 1):
            return  # the same press twice: the leg is on its way already
        supervision.save(force_insert=True)
        turn({user.pk})
    detail = {"from_conference_id": current.conference_id}
    commands.run(
        _press(supervision, user, mode, RIGHTS[mode], _options(mode, to), [current.leg], detail), DESK
    )
    conclude(supervision)


def _refuse_while_called(current: Supervision) -> None:
    if current.state != State.CONNECTED:
        text = f"Your phone is being called for {current.conference_name}. Cancel that, or answer it."
        raise Refused(409, "Answer your phone first.", text)


# --- between a conference and a bridged call: hung up, and called anew --------------------------------------
def anew(user: User, current: Supervision) -> None:
    """Hang up a leg that Telnyx cannot bring to the other place. Only when it is known to be down may another
    be dialled: never two for one supervisor. Raises `Refused`."""
    _refuse_while_called(current)
    preflight.refuse(preflight.line(Phone.objects.filter(user=user, active=True).first()))
    hang_up(current, user)
    live, deadline = Supervision.objects.live().filter(pk=current.pk), time.monotonic() + DOWN_WITHIN
    while live.exists():
        if time.monotonic() > deadline:
            text = f"You are leaving {current.conference_name}. Press again then; your phone was not called."
            raise Refused(409, "Your phone has not hung up yet.", text)
        threading.Event().wait(0.05)


# --- what came of it ---------------------------------------------------------------------------------------
def conclude(supervision: Supervision) -> None:
    """Say that it is over when the press that began it has come to nothing; hang up a leg that is left."""
    if nothing_came_of(supervision, words.MODES) and supervision.leg:
        release(supervision, supervision.leg, transitions.NOBODYS)


def _press(
    supervision: Supervision,
    user: User | None,
    action: str,
    permission: Action,
    options: Mapping[str, Any],
    named: Sequence[str] = (),
    detail: Mapping[str, Any] | None = None,
) -> Press:
    about = {
        "supervision": str(supervision.pk),
        "conference_id": supervision.conference_id,
        "options": dict(options),
        # As it is now: whoever asks later may find other roles.
        **({"right": user.right} if user else {}),
        **(detail or {}),
    }
    return Press(
        user=user,
        action=action,
        permission=permission,
        family=FAMILY,
        subject=supervision.subject,
        subject_name=supervision.conference_name,
        legs=named,
        target=supervision.user_name if user is None else "",
        detail=about,
    )
