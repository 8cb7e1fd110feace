"""The widest role that a supervisor in a conference may have, while nobody knows what a change of it did."""

from collections.abc import Iterable

from conferences.models import Participant
from dashboard.audible import ROLES, undecided, wanted, widest
from dashboard.models import Command


def widen(stays: Iterable[Participant]) -> None:
    """Let these rows, which are shown and not saved, have the widest role that is possible."""
    supervising = [stay for stay in stays if stay.left_at is None and stay.supervisor_role in ROLES]
    changes = undecided(stay.call_control_id for stay in supervising)
    for stay in supervising:
        for command in changes[stay.call_control_id]:
            _widen(stay, command)


def _widen(stay: Participant, command: Command) -> None:
    role = widest([stay.supervisor_role, wanted(command)])
    if role != stay.supervisor_role:
        stay.supervisor_role, stay.role_at = role, command.created_at
