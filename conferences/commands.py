"""What people can do to a conference and to who is in it. Each press goes through `dashboard.commands`.

What each command is stands in `conferences.verbs`; here is whom it concerns and what stands against it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict

from conferences.models import Conference, Conferences, Participant
from conferences.transitions import subject
from conferences.verbs import EVERYONE, RECORDING, VERBS
from dashboard import audible, commands
from dashboard.commands import Desk, Press, Refused
from dashboard.fields import row_number
from dashboard.legs import legs
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from telephony.client import client
from telephony.wire import Json

Posted = QueryDict


def visible(user: User) -> Conferences:
    """The conferences this person may see; every command and page finds its object here."""
    found = Conference.objects.within(user.scope)
    return found if user.may(Action.SEE_FLOOR) else found.none()


def on_person(user: User, conference_id: str, pk: int, action: str, posted: Posted) -> Command | None:
    """A command on one person who is in the conference. Raises `Refused`."""
    conference = _live(user, conference_id, action)
    person = conference.participants.filter(pk=pk, left_at=None).first()
    if person is None:
        text = f"They are not in {conference} any more. Nothing was sent."
        raise Refused(409, "This person has left.", text)
    _refuse_supervising(person, action)
    leg = person.call_control_id
    label = legs([leg], full_numbers=False)[leg].label
    now, more = state_of(person, VERBS[action].family), _more(conference, person, action, posted)
    return _run(user, conference, action, posted, legs=[leg], target=label, target_key=leg, now=now, **more)


def _more(conference: Conference, person: Participant, action: str, posted: Posted) -> dict[str, Any]:
    """What a command on a person needs besides its options."""
    if action == "exits":
        if not person.participant_id:
            text = "Earshot asks for it. Press again in some seconds; nothing was sent."
            raise Refused(409, "Telnyx has not told yet who this is.", text)
        return {"detail": {"participant_id": person.participant_id}}
    if action == "role" and posted.get("supervisor_role") == "whisper":
        return {"chosen": {"whisper_call_control_ids": _whispered_to(conference, person, posted)}}
    return {}


def _whispered_to(conference: Conference, person: Participant, posted: Posted) -> list[str]:
    """To Telnyx a whisper to nobody is silent listening: nobody may believe that they are heard."""
    chosen = _present(conference, posted.getlist("whisper_to"))
    named = [other.call_control_id for other in chosen if other.pk != person.pk]
    if not named:
        raise Refused(400, "Choose whom they whisper to.", "A whisper to nobody is heard by nobody.")
    return named


def _refuse_supervising(person: Participant, action: str) -> None:
    leg = person.call_control_id
    ours = legs([leg], full_numbers=False)[leg].kind == "supervisor"
    if VERBS[action].family in {"mute", "hold"} and (ours or person.supervisor_role not in {"", "none"}):
        text = "A listener is never muted, un-muted or held by a button."
        raise Refused(409, "This is a supervisor.", text)


def state_of(person: Participant, family: str) -> str:
    """The fact that a button on a person is pressed against; the page sends what it showed."""
    if family == "mute":
        return "muted" if person.muted else "unmuted"
    if family == "hold":
        return "held" if person.on_hold else "free"
    return "present"


def on_everyone(user: User, conference_id: str, name: str, posted: Posted) -> Command | None:
    """Mute, unmute, hold or resume everybody by name: an empty list would mean everybody to Telnyx,
    supervising legs included. Raises `Refused`."""
    action = EVERYONE[name]
    conference = _live(user, conference_id, action)
    named = [person.call_control_id for person in everyone(conference)]
    if not named:
        raise Refused(409, "Nobody is in the conference.", "Nothing was sent.")
    options = posted.copy()
    options.pop("seen", None)  # each of them has a state of their own
    return _run(user, conference, action, options, legs=named, target="everyone", target_key="everyone")


def everyone(conference: Conference) -> Sequence[Participant]:
    """Everybody whom Mute and Hold may touch: never a supervising leg."""
    there = list(conference.participants.filter(left_at=None, supervisor_role__in=["", "none"]))
    about = legs([person.call_control_id for person in there], full_numbers=False)
    # One whose role no answer has told is known by its mark, as soon as anything is known of its call.
    may_listen = {"supervisor", "unknown"} if audible.is_called_into(conference.id) else {"supervisor"}
    return [person for person in there if about[person.call_control_id].kind not in may_listen]


def on_conference(user: User, conference_id: str, action: str, posted: Posted) -> Command | None:
    """A command on the conference as a whole, or on its recording. Raises `Refused`."""
    conference = _live(user, conference_id, action)
    now = conference.recording if action in RECORDING else str(_people(conference))
    return _run(user, conference, action, posted, now=now)


def on_chosen(user: User, conference_id: str, action: str, posted: Posted) -> Command | None:
    """Audio, speech, digits: to the people under `to` (numbers of stays), or everybody. Raises `Refused`."""
    conference = _live(user, conference_id, action)
    chosen = posted.getlist("to")
    if not chosen:
        return _run(user, conference, action, posted, target="everyone", target_key="everyone")
    people = _present(conference, chosen)
    named = [person.call_control_id for person in people]
    about = legs(named, full_numbers=False)
    words = ", ".join(about[leg].label for leg in named)
    together = f"chosen:{sha256(' '.join(sorted(named)).encode()).hexdigest()[:32]}"
    return _run(user, conference, action, posted, legs=named, target=words[:255], target_key=together)


def on_own(
    user: User, conference: Conference, action: str, posted: Posted, person: Participant | None = None
) -> Command | None:
    """A command of an agent in a conference that they are in themselves, on one person there or on its
    recording. Who calls this found both through the agent's own leg. The right is that of one's own call,
    whatever the same command needs elsewhere. Raises `Refused`.
    """
    if not conference.is_live:
        raise Refused(409, f"{conference} has ended.", "Nothing was sent.")
    if person is None:
        now = conference.recording
        return _run(user, conference, action, posted, now=now, permission=Action.OWN_CALL)
    _refuse_supervising(person, action)
    leg, now = person.call_control_id, state_of(person, VERBS[action].family)
    label = legs([leg], full_numbers=False)[leg].label
    whom: dict[str, Any] = {"legs": [leg], "target": label, "target_key": leg}
    return _run(user, conference, action, posted, now=now, permission=Action.OWN_CALL, **whom)


def _present(conference: Conference, numbers: Sequence[str]) -> list[Participant]:
    """The chosen people. Refused when one has left: the others were chosen together with them."""
    wanted = {row_number(number) for number in numbers}
    there = list(conference.participants.filter(pk__in=wanted, left_at=None))
    if len(there) < len(set(numbers)):
        raise Refused(
            409, "Somebody you chose has left.", "Look who is there and press again. Nothing was sent."
        )
    return there


def _run(
    user: User | None,
    conference: Conference,
    action: str,
    posted: Posted,
    *,
    legs: Sequence[str] = (),
    target: str = "",
    target_key: str = "",
    now: str = "",
    detail: Mapping[str, Any] | None = None,
    chosen: Mapping[str, Any] | None = None,
    permission: Action | None = None,
) -> Command | None:
    verb = VERBS[action]
    options = {**verb.read(posted), **(chosen or {})}
    press = Press(
        user=user,
        action=action,
        permission=permission or verb.permission,
        family=verb.family,
        subject=subject(conference.id),
        subject_name=str(conference),
        legs=legs,
        target=target,
        target_key=target_key,
        detail={"conference_id": conference.id, "options": options, **(detail or {})},
        seen=str(posted.get("seen", ""))[:100],
        now=now,
        repeatable=verb.repeatable,
    )
    return commands.run(press, DESK)


def resume_overdue(now: datetime) -> int:
    """Resume recordings that were paused longer than RECORDING_RESUME_AFTER; Earshot itself is who did it.

    Returns how many. The next look tries again what Telnyx did not take.
    """
    if not settings.RECORDING_RESUME_AFTER:
        return 0
    before = now - timedelta(seconds=settings.RECORDING_RESUME_AFTER)
    overdue = Conference.objects.live().filter(recording=Conference.Recording.PAUSED, recording_at__lt=before)
    pressed = Command.objects.filter(family="record").filter(Q(settled_at=None) | Q(created_at__gt=before))
    under_way = {about.partition(":")[2] for about in pressed.values_list("subject", flat=True)}
    late = [conference for conference in overdue if conference.id not in under_way]
    for conference in late:
        _run(None, conference, "resume-recording", QueryDict(), now=conference.recording)
    return len(late)


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


def send(command: Command) -> Json:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    return VERBS[command.action].send(client(), command.detail["conference_id"], command)


def bump(about: str) -> None:
    """Make a conference's fragments new: an open or answered command shows on them."""
    conference_id = about.partition(":")[2]
    Conference.objects.filter(pk=conference_id).update(version=F("version") + 1)
    transaction.on_commit(lambda: poke([("conference", conference_id)]))


DESK = Desk(send, bump)
