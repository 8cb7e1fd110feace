"""What people can do to a conference and to who is in it. Each press goes through `dashboard.commands`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from conferences.models import Conference, Participant
from conferences.transitions import subject
from dashboard import commands
from dashboard.commands import Press, Refused
from dashboard.legs import legs
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from telephony.client import TelnyxClient, client

Send = Callable[[TelnyxClient, str, Command], object]


@dataclass(frozen=True, slots=True)
class Verb:
    """One command. `doing` is what the page says while it runs. No two of a family run at once."""

    family: str
    permission: Action
    doing: str
    send: Send


# The keys are the last part of the address, the `action` of the command log, and `reply.<key>` in the inbox.
VERBS: dict[str, Verb] = {
    "mute": Verb("mute", Action.MUTE, "Muting", lambda t, id_, c: t.mute(id_, c.legs)),
    "unmute": Verb("mute", Action.MUTE, "Unmuting", lambda t, id_, c: t.unmute(id_, c.legs)),
    "hold": Verb("hold", Action.HOLD, "Holding", lambda t, id_, c: t.hold(id_, c.legs)),
    "resume": Verb("hold", Action.HOLD, "Resuming", lambda t, id_, c: t.unhold(id_, c.legs)),
    "remove": Verb("remove", Action.REMOVE, "Removing", lambda t, id_, c: t.hangup(c.legs[0], c.pk)),
    "record": Verb("record", Action.RECORD, "Starting", lambda t, id_, c: t.record_start(id_, c.pk)),
    "pause": Verb("record", Action.RECORD, "Pausing", lambda t, id_, c: t.record_pause(id_, c.pk)),
    "resume-recording": Verb(
        "record", Action.RECORD, "Resuming", lambda t, id_, c: t.record_resume(id_, c.pk)
    ),
    "stop": Verb("record", Action.RECORD, "Stopping", lambda t, id_, c: t.record_stop(id_, c.pk)),
    "end": Verb("end", Action.END, "Ending", lambda t, id_, c: t.end_conference(id_, c.pk)),
}
PERSONAL = ("mute", "unmute", "hold", "resume", "remove")
EVERYONE = {
    "mute-everyone": "mute",
    "unmute-everyone": "unmute",
    "hold-everyone": "hold",
    "resume-everyone": "resume",
}
WHOLE = ("record", "pause", "resume-recording", "stop", "end")


def visible(user: User) -> QuerySet[Conference]:
    """The conferences this person may see; every command and page finds its object here."""
    found = Conference.objects.all()
    return found if user.may(Action.SEE_FLOOR) else found.none()


def on_person(user: User, conference_id: str, pk: int, action: str, seen: str) -> Command | None:
    """Mute, unmute, hold, resume or remove one person. Raises `Refused`."""
    conference = _live(user, conference_id, action)
    person = conference.participants.filter(pk=pk, left_at=None).first()
    if person is None:
        text = f"They are not in {conference} any more. Nothing was sent."
        raise Refused(409, "This person has left.", text)
    _refuse_supervising(person, action)
    leg = person.call_control_id
    label = legs([leg], full_numbers=False)[leg].label
    now = state_of(person, VERBS[action].family)
    return _run(user, conference, action, legs=[leg], target=label, target_key=leg, seen=seen, now=now)


def _refuse_supervising(person: Participant, action: str) -> None:
    if VERBS[action].family in {"mute", "hold"} and person.supervisor_role not in {"", "none"}:
        text = "A listener is never muted, un-muted or held by a button."
        raise Refused(409, "This is a supervisor.", text)


def state_of(person: Participant, family: str) -> str:
    """The fact that a button on a person is pressed against; the page sends what it showed."""
    if family == "mute":
        return "muted" if person.muted else "unmuted"
    if family == "hold":
        return "held" if person.on_hold else "free"
    return "present"


def on_everyone(user: User, conference_id: str, name: str) -> Command | None:
    """Mute, unmute, hold or resume everybody by name: an empty list would mean everybody to Telnyx,
    supervising legs included. Raises `Refused`."""
    action = EVERYONE[name]
    conference = _live(user, conference_id, action)
    named = [person.call_control_id for person in everyone(conference)]
    if not named:
        raise Refused(409, "Nobody is in the conference.", "Nothing was sent.")
    return _run(user, conference, action, legs=named, target="everyone", target_key="everyone")


def everyone(conference: Conference) -> Sequence[Participant]:
    """Everybody whom Mute and Hold may touch: never a supervising leg."""
    return list(conference.participants.filter(left_at=None, supervisor_role__in=["", "none"]))


def on_conference(user: User, conference_id: str, action: str, seen: str) -> Command | None:
    """Record, pause, resume, stop, or end the conference for everybody. Raises `Refused`."""
    conference = _live(user, conference_id, action)
    now = conference.recording if VERBS[action].family == "record" else str(_people(conference))
    return _run(user, conference, action, seen=seen, now=now)


def _run(
    user: User,
    conference: Conference,
    action: str,
    *,
    legs: Sequence[str] = (),
    target: str = "",
    target_key: str = "",
    seen: str = "",
    now: str = "",
) -> Command | None:
    press = Press(
        user=user,
        action=action,
        permission=VERBS[action].permission,
        family=VERBS[action].family,
        subject=subject(conference.id),
        subject_name=str(conference),
        legs=legs,
        target=target,
        target_key=target_key,
        detail={"conference_id": conference.id},
        seen=seen,
        now=now,
    )
    return commands.run(press, send, bump)


def _people(conference: Conference) -> int:
    return conference.participants.filter(left_at=None).count()


def _live(user: User, conference_id: str, action: str) -> Conference:
    """The conference, found through what this person may see; the right is required first."""
    commands.require(user, VERBS[action].permission)
    conference = visible(user).filter(pk=conference_id).first()
    if conference is None:
        raise Refused(
            404, "There is no such conference.", "It may have been ended long ago. Nothing was sent."
        )
    if not conference.is_live:
        raise Refused(409, f"{conference} has ended.", "Nothing was sent.")
    return conference


def send(command: Command) -> None:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    VERBS[command.action].send(client(), command.detail["conference_id"], command)


def unproven(since: datetime) -> set[str]:
    """The conferences on which an accepted mute or hold waits for the read that shows it."""
    waiting = Command.objects.filter(
        state=Command.State.ACCEPTED, family__in=["mute", "hold"], created_at__gte=since
    )
    return {about.partition(":")[2] for about in waiting.values_list("subject", flat=True)}


def bump(about: str) -> None:
    """Make a conference's fragments new: an open or answered command shows on them."""
    conference_id = about.partition(":")[2]
    Conference.objects.filter(pk=conference_id).update(version=F("version") + 1)
    transaction.on_commit(lambda: poke([("conference", conference_id)]))
