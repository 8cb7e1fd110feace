"""From rows to what a page shows of queues, set-wise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from dashboard.legs import Leg, legs
from dashboard.models import Command
from dashboard.shown import commands_shown, pending, refusal
from queues import windows
from queues.models import Queue, QueuedCall, Take
from queues.presentation import Gone, QueueShown, TakeShown, Waiting
from queues.reaches import THREE_HOURS, Reach
from queues.transitions import subject
from queues.verbs import TARGETS, VERBS
from queues.windows import GONE, Windows
from telephony.statements import Select

Outcome = Literal["answered", "abandoned", "timeout", "moved", "unknown"]

_OUTCOMES: dict[str, tuple[Outcome, str]] = {
    "bridged": ("answered", "Answered"),
    "bridging-in-process": ("answered", "Answered"),
    "hangup": ("abandoned", "Hung up"),
    "timeout": ("timeout", "Timed out"),
    "leave": ("moved", "Taken out"),
}

# What somebody may have pressed where a caller left for this reason, and the outcome in words then.
_PRESSES = {"leave": {"enqueue": "Moved", "leave-queue": "Taken out"}, "hangup": {"remove": "Removed"}}
_LEFT_WITHIN = timedelta(seconds=60)  # of the press; a command is tried for so long

_CALLERS = Select(QueuedCall, "queue_id IN {} AND left_at IS NULL", order="enqueued_at, id")


def shown(queues: Iterable[Queue], *, full_numbers: bool) -> list[QueueShown]:
    """These queues as the strip shows them, in the order given."""
    found = list(queues)
    waiting = _waiting(found)
    callers = {call.call_control_id for some in waiting.values() for call in some}
    about = legs(callers, full_numbers=full_numbers)
    figures, commands = windows.of(found), _commands(found)
    return [
        _one(queue, waiting[queue.pk], about, figures[queue.pk], commands[subject(queue.name)])
        for queue in found
    ]


def whole(queue: Queue, *, full_numbers: bool, reach: Reach = THREE_HOURS) -> QueueShown:
    """One queue with who is on the way to an agent, who left it in the last 15 minutes, newest first, who
    changed its targets last, and a chart that goes back so far."""
    (row,) = shown([queue], full_numbers=full_numbers)
    chart = () if reach is THREE_HOURS else windows.chart(queue, reach)
    row = replace(row, waiting=_with_takes(queue, row.waiting), reach=reach, chart=chart)
    left = QueuedCall.objects.filter(queue=queue, left_at__gte=queue.figures_at - GONE)
    recent = list(left.order_by("-left_at", "-id")[:200])
    about = legs({call.call_control_id for call in recent}, full_numbers=full_numbers)
    pressed = _pressed(queue, recent)
    gone = [_gone(call, about[call.call_control_id], pressed.get(call.pk)) for call in recent]
    changes = Command.objects.filter(subject=subject(queue.name), action=TARGETS)
    aimed = changes.order_by("-created_at").first()
    if aimed is None:
        return replace(row, gone=gone)
    return replace(row, gone=gone, aimed_by=aimed.user_name, aimed_at=aimed.created_at)


def _with_takes(queue: Queue, waiting: Sequence[Waiting]) -> list[Waiting]:
    live = {take.call_control_id: _take(take) for take in Take.objects.live().filter(queue=queue)}
    return [replace(caller, take=live.get(caller.leg.call_control_id)) for caller in waiting]


def _take(take: Take) -> TakeShown:
    return TakeShown(take.agent_name, take.requested_at, take.state == Take.State.READY)


def _waiting(queues: Sequence[Queue]) -> dict[int, list[QueuedCall]]:
    found: dict[int, list[QueuedCall]] = defaultdict(list)
    for call in _CALLERS.rows([queue.pk for queue in queues]):
        found[call.queue_id].append(call)
    return found


def _commands(queues: Sequence[Queue]) -> dict[str, list[Command]]:
    found: dict[str, list[Command]] = defaultdict(list)
    for command in commands_shown(subject(queue.name) for queue in queues):
        found[command.subject].append(command)
    return found


def _one(
    queue: Queue,
    waiting: Sequence[QueuedCall],
    about: dict[str, Leg],
    figures: Windows,
    commands: Sequence[Command],
) -> QueueShown:
    open_ones = [command for command in commands if command.is_open]
    return QueueShown(
        pk=queue.pk,
        version=queue.version,
        name=queue.name,
        target_seconds=queue.wait_target_seconds,
        service_level_target=queue.service_level_percent,
        risk_percent=queue.risk_percent,
        longest_limit=queue.longest_limit,
        longest_limit_set=queue.longest_limit_seconds,
        short_seconds=queue.short_abandon_seconds,
        waiting_limit=queue.waiting_limit,
        abandoned_limit=queue.abandoned_limit_percent,
        max_size=queue.max_size,
        absent_since=queue.absent_since,
        waiting=[
            _waits(call, place, about[call.call_control_id], open_ones)
            for place, call in enumerate(waiting, start=1)
        ],
        windows=figures,
        average_since=queue.average_since if waiting and not queue.absent_since else None,
        average_at_enqueue=queue.average_at_enqueue,
        counted=None if queue.absent_since else queue.current_size,
        made_at=queue.created_at,
        changed_at=queue.updated_at,
        pending={command.family: pending(command, VERBS) for command in open_ones if not command.legs},
        refusals=[refusal(command, VERBS) for command in commands if not command.is_open],
    )


def _waits(call: QueuedCall, place: int, leg: Leg, open_ones: Iterable[Command]) -> Waiting:
    longest = call.max_wait_seconds
    mine = [command for command in open_ones if call.call_control_id in command.legs]
    return Waiting(
        pk=call.pk,
        place=place,
        leg=leg,
        since=call.enqueued_at,
        alive=call.is_alive,
        kept=call.keep_after_hangup,
        leaves_at=call.enqueued_at + timedelta(seconds=longest) if longest and call.is_alive else None,
        came_as=call.position_at_enqueue,
        pending={command.family: pending(command, VERBS) for command in mine},
        moving_to=next((_goal(command) for command in mine if command.family == "caller"), ""),
    )


def _goal(command: Command) -> str:
    """Where the command has the caller go: a queue, or a conference by name."""
    chosen = command.detail.get("options", {})
    return str(chosen.get("queue_name") or chosen.get("name") or command.detail.get("conference_name") or "")


def outcome(call: QueuedCall) -> str:
    """How a wait ended, in words within a sentence; "" while it goes on."""
    return _outcome(call)[1].lower() if call.left_at else ""


def _outcome(call: QueuedCall) -> tuple[Outcome, str]:
    return _OUTCOMES.get(call.left_because, ("unknown", "Not known"))


def _pressed(queue: Queue, left: Sequence[QueuedCall]) -> dict[int, Command]:
    """By stay, the press with which it ended. Each change of a command makes its queue's page new."""
    first = min((call.enqueued_at for call in left), default=None)
    if first is None:
        return {}
    done = Command.objects.filter(subject=subject(queue.name), state__in=_DONE, created_at__gte=first)
    commands = list(done.filter(family="caller").order_by("created_at"))
    found = ((call.pk, command) for command in commands for call in left if _has_ended(command, call))
    return dict(found)


_DONE = [Command.State.ACCEPTED, Command.State.DONE]


def _has_ended(command: Command, call: QueuedCall) -> bool:
    is_of_it = call.call_control_id in command.legs and command.action in _PRESSES.get(call.left_because, ())
    left_at = call.left_at or call.enqueued_at
    return (
        is_of_it and call.enqueued_at <= command.created_at and left_at - command.created_at <= _LEFT_WITHIN
    )


def _gone(call: QueuedCall, leg: Leg, pressed: Command | None) -> Gone:
    kind, words = _outcome(call)
    if pressed:
        words = _PRESSES[call.left_because][pressed.action]
    return Gone(
        pk=call.pk,
        at=call.left_at or call.enqueued_at,
        leg=leg,
        waited_seconds=call.waited_seconds,
        outcome=kind,
        words=words,
        where=_where(call, pressed),
        by=pressed.user_name if pressed else "",
        place=call.position_at_leaving,
    )


def _where(call: QueuedCall, pressed: Command | None) -> str:
    if pressed:
        return f"to {_goal(pressed)}" if pressed.action == "enqueue" else ""
    if call.left_because == "timeout":
        return "longest allowed wait"
    if call.left_because == "hangup" and call.waited_seconds is not None:
        return "while waiting"
    return ""
