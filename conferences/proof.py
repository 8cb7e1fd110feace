"""What proves that a command took effect: a webhook for end and remove, a read for mute and hold."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from conferences.models import Conference, Participant
from conferences.transitions import subject
from dashboard.commands import proven
from dashboard.models import Command
from telephony.wire import Json

# What Telnyx's participant must say after each command.
_SHOWN = {
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "hold": ("on_hold", True),
    "resume": ("on_hold", False),
}
_UNPROVEN = [Command.State.OPEN, Command.State.UNKNOWN, Command.State.ACCEPTED]


def by_facts(conferences: Iterable[Conference], shown_by: str) -> None:
    """Commands to end or to remove that the newest facts of these conferences show as done."""
    about = {subject(conference.id): conference for conference in conferences}
    waiting = Command.objects.filter(subject__in=about, family__in=["end", "remove"], state__in=_UNPROVEN)
    done = [command for command in waiting if _is_done(command, about[command.subject])]
    if done:
        proven(done, shown_by)


def _is_done(command: Command, conference: Conference) -> bool:
    if not conference.is_live:
        return True
    there = Participant.objects.filter(conference=conference, left_at=None, call_control_id__in=command.legs)
    return command.family == "remove" and not there.exists()


def by_read(conference_id: str, people: Mapping[str, Json], started: datetime) -> bool:
    """Commands that this read shows as done; it must have started after they were sent. True if any."""
    waiting = Command.objects.filter(
        subject=subject(conference_id), action__in=_SHOWN, state__in=_UNPROVEN, first_sent_at__lt=started
    )
    done = [command for command in waiting if not command.in_flight and _is_shown(command, people)]
    if done:
        proven(done, "read from Telnyx")
    return bool(done)


def _is_shown(command: Command, people: Mapping[str, Json]) -> bool:
    flag, value = _SHOWN[command.action]
    return all(people.get(leg, {}).get(flag) is value for leg in command.legs)
