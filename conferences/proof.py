"""What proves that a command took effect: a webhook for remove, end, stop and for what is heard or keyed;
a read for what the list of participants says."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from conferences.models import Conference, Participant
from conferences.persons import CLOCKS_DIFFER
from conferences.transitions import call_subject, subject
from dashboard import attempts
from dashboard.models import Command
from telephony.models import Fact
from telephony.wire import Json

# What Telnyx's participant must say after each command.
_SHOWN = {
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "hold": ("on_hold", True),
    "resume": ("on_hold", False),
}
# The facts that a webhook tells after each command on what is heard, about each of its legs or everybody.
_HEARD = {
    "play": ("playing",),
    "speak": ("speaking",),
    "stop-audio": ("played", "spoken"),
    "gather": ("keyed",),
}
_EXITS = ("end_conference_on_exit", "soft_end_conference_on_exit")
_BY_FACTS = ("end", "remove", "take-out", "enqueue", "stop", *_HEARD)
_BY_READ = (*_SHOWN, "exits", "end", "remove", "take-out", "enqueue")
People = Mapping[str, Json]


def by_facts(conferences: Iterable[Conference], shown_by: str) -> None:
    """Commands that the newest facts of these conferences show as done."""
    about = {subject(conference.id): conference for conference in conferences}
    waiting = [command for command in attempts.waiting(about) if command.action in _BY_FACTS]
    done = [command for command in waiting if _is_done(command, about[command.subject])]
    if done:
        attempts.proven(done, shown_by)


def _is_done(command: Command, conference: Conference) -> bool:
    if command.action in _HEARD:
        return _is_heard(command)
    if not conference.is_live:
        return True
    if command.action == "stop":
        return conference.recording == Conference.Recording.OFF
    there = Participant.objects.filter(conference=conference, left_at=None, call_control_id__in=command.legs)
    return command.family == "remove" and not there.exists()


def _is_heard(command: Command) -> bool:
    """Whether a webhook told it since the command was sent, of the first leg at least."""
    leg = command.legs[0] if command.legs else ""
    told = Fact.objects.filter(
        subject__in=[command.subject, call_subject(leg)],
        leg=leg,
        kind__in=_HEARD[command.action],
        at__gte=command.created_at - CLOCKS_DIFFER,
    )
    return told.exists()


def unproven(since: datetime) -> set[str]:
    """The conferences on which a command waits for the read that shows it: accepted, or not known."""
    accepted = Q(state=Command.State.ACCEPTED, created_at__gte=since)
    checked = Q(state=Command.State.UNKNOWN, settled_at=None)
    waiting = Command.objects.filter(accepted | checked, action__in=_BY_READ)
    return {about.partition(":")[2] for about in waiting.values_list("subject", flat=True)}


def switched(conference_id: str) -> set[str]:
    """Whose exit switches were pressed and are not shown yet: each is read alone too."""
    pressed = attempts.undecided([subject(conference_id)]).filter(action="exits")
    return {leg for command in pressed for leg in command.legs}


def by_read(conference_id: str, people: People, started: datetime) -> bool:
    """Commands that this read of a live conference shows as done, or as not done. True if any.

    For the first it must have begun after they were sent, for the second well after their last try.
    """
    waiting = attempts.undecided([subject(conference_id)]).filter(
        action__in=_BY_READ, in_flight=False, first_sent_at__lt=started
    )
    unsettled = [command for command in waiting if command.settled_at is None or _is_accepted(command)]
    done = [command for command in unsettled if _is_shown(command, people)]
    not_done = [
        command
        for command in unsettled
        if attempts.is_decided_by(command, started) and _is_opposite(command, people)
    ]
    attempts.proven(done, "read from Telnyx")
    attempts.disproven(not_done, "read from Telnyx")
    return bool(done or not_done)


def _is_accepted(command: Command) -> bool:
    return command.state == Command.State.ACCEPTED


def _is_shown(command: Command, people: People) -> bool:
    if command.family == "remove":
        return not any(leg in people for leg in command.legs)
    return all(_flag(command, people)) and bool(_flag(command, people))


def _is_opposite(command: Command, people: People) -> bool:
    """Whether nothing of what was wanted is there. What holds for some of many is neither."""
    if command.action == "end":
        return True  # or it would not be read as live
    if command.family == "remove":
        return any(leg in people for leg in command.legs)
    return not any(_flag(command, people)) and bool(_flag(command, people))


def _flag(command: Command, people: People) -> list[bool]:
    """Of each leg that is still there, whether it is as the command wanted it."""
    wanted = _wanted(command)
    there = [people[leg] for leg in command.legs if leg in people and wanted]
    return [all(person.get(name) is value for name, value in wanted.items()) for person in there]


def _wanted(command: Command) -> dict[str, bool]:
    """What Telnyx's participant must say, as far as it says it: no beep, no role."""
    if command.action in _SHOWN:
        name, value = _SHOWN[command.action]
        return {name: value}
    options = command.detail.get("options", {}) if command.action == "exits" else {}
    return {name: options[name] for name in _EXITS if name in options}
