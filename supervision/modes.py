"""From rows to the modes of many supervisions: what they were in at each moment (`supervision.spans`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from dashboard.models import Command
from supervision import transitions
from supervision.models import Supervision
from supervision.spans import Mode, Pressed, Span, mode_of, spans, switches
from telephony.models import Fact


def modes_of(rows: Sequence[Supervision]) -> dict[UUID, list[Span]]:
    """By supervision; two queries for any number."""
    facts, commands = facts_of(rows), commands_of(rows)
    return {
        row.pk: modes(row, facts[transitions.subject(str(row.pk))], commands[row.subject]) for row in rows
    }


def facts_of(rows: Iterable[Supervision]) -> Mapping[str, list[Fact]]:
    """By the subject of facts."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in Fact.objects.filter(subject__in=[transitions.subject(str(row.pk)) for row in rows]):
        found[fact.subject].append(fact)
    return found


def commands_of(rows: Iterable[Supervision]) -> Mapping[str, list[Command]]:
    """By the subject of commands, the oldest first."""
    found: dict[str, list[Command]] = defaultdict(list)
    pressed = Command.objects.filter(subject__in=[row.subject for row in rows])
    for command in pressed.order_by("created_at", "pk"):
        found[command.subject].append(command)
    return found


def modes(row: Supervision, facts: Iterable[Fact], commands: Iterable[Command]) -> list[Span]:
    """While the supervisor was in the conference, of what was told and pressed about this one."""
    if row.connected_at is None:
        return []
    first = Mode(row.asked_role, frozenset(row.asked_to))
    changes = switches(facts, [_pressed(one) for one in commands if _is_switch(one)])
    return spans(row.connected_at, row.ended_at, first, changes)


def _is_switch(command: Command) -> bool:
    return command.action.startswith("to-")


def _pressed(command: Command) -> Pressed:
    return Pressed(
        id=str(command.pk),
        mode=mode_of(command.detail.get("options", {}), to="whisper_call_control_ids"),
        sent_at=command.first_sent_at or command.created_at,
        settled_at=command.settled_at,
        taken=command.state in {Command.State.ACCEPTED, Command.State.DONE},
        unsure=command.is_open or command.state == Command.State.UNKNOWN,
    )
