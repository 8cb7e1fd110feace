"""Who may hear a supervisor while nobody knows what a change of their role did: the widest audience.

A change is a command of the family `supervise` on the supervisor's leg. It is undecided while it is open, and
when it was settled as not known, until a later one is accepted; an accepted one is the role already.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from dashboard.models import Command
from telephony.statements import Select

FAMILY = "supervise"
ROLES = ("monitor", "whisper", "barge")  # from nobody to everybody
_DIALS = ("listen", "whisper", "barge")
# A phone rings for up to 25 s, and the tries of a dial go on for 45.
NOT_KNOWN_FOR = timedelta(minutes=2)
NO_LEG_IS_OLDER = timedelta(days=1)
_DECIDED = (Command.State.ACCEPTED, Command.State.DONE)

# Two questions, so that each has its index.
_CHANGES = "family = 'supervise' AND action LIKE 'to-%%' AND created_at >= %s AND "
_OPEN = Select(Command, _CHANGES + "settled_at IS NULL")
_UNKNOWN = Select(Command, _CHANGES + "state = 'unknown'")


def widest(roles: Iterable[str]) -> str:
    """Of several roles that a leg may have now, the one that most people hear."""
    return max(roles, key=ROLES.index)


def undecided(legs: Iterable[str]) -> Mapping[str, Sequence[Command]]:
    """The changes of each leg's role of which nobody knows what they did, oldest first."""
    found: dict[str, list[Command]] = {leg: [] for leg in legs}
    if not found:
        return found
    since = timezone.now() - NO_LEG_IS_OLDER
    several = {*_OPEN.rows(since), *_UNKNOWN.rows(since)}
    for command in sorted(several, key=lambda one: one.created_at):
        for leg in found.keys() & set(command.legs):
            if command.is_open or not _is_outdone(command):
                found[leg].append(command)
    return found


def is_called_into(conference_id: str) -> bool:
    """Whether a supervisor's phone was called into it so lately that its leg may be there and not be known:
    the answer to the dial and the webhooks of the call may be late or lost."""
    lately = timezone.now() - NOT_KNOWN_FOR
    dials = Command.objects.filter(created_at__gte=lately, family=FAMILY, action__in=_DIALS)
    return dials.filter(subject__startswith=f"supervision:{conference_id}:").exists()


def _is_outdone(command: Command) -> bool:
    """Whatever it did, a later change that was accepted is the role."""
    later = Command.objects.filter(subject=command.subject, action__startswith="to-", state__in=_DECIDED)
    return later.filter(created_at__gt=command.created_at).exists()


def wanted(command: Command) -> str:
    """The role that a change asks for."""
    return str(command.detail["options"]["supervisor_role"])
