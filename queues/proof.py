"""What proves that a command on a queue took effect: that the caller left, that a read shows the new size."""

from collections.abc import Container, Iterable
from datetime import datetime

from dashboard import attempts
from dashboard.models import Command
from queues.models import Queue, QueuedCall
from queues.transitions import subject

_LEAVING = ("enqueue", "join", "create", "leave-queue", "remove", "remove-inactive", "bring-in")


def by_facts(queues: Iterable[Queue], shown_by: str) -> None:
    """Commands that the newest facts of these queues show as done."""
    about = {subject(queue.name): queue for queue in queues}
    actions = {*_LEAVING, "limit", "delete", "new"}
    waiting = [command for command in attempts.waiting(about) if command.action in actions]
    done = [command for command in waiting if _is_done(command, about[command.subject])]
    if done:
        attempts.proven(done, shown_by)


def _is_done(command: Command, queue: Queue) -> bool:
    if command.action in _LEAVING:
        there = QueuedCall.objects.filter(queue=queue, left_at=None, call_control_id__in=command.legs)
        return not there.exists()
    if command.action == "limit":
        return bool(queue.max_size == command.detail["options"]["max_size"])
    return (queue.absent_since is not None) == (command.action == "delete")


def by_read(name: str, callers: Container[str], started: datetime) -> bool:
    """Commands that a read of who waits shows as not done, begun well after their last try. True if any."""
    waiting = attempts.undecided([subject(name)]).filter(action__in=_LEAVING, in_flight=False)
    not_done = [
        command
        for command in waiting
        if attempts.is_decided_by(command, started) and any(leg in callers for leg in command.legs)
    ]
    attempts.disproven(not_done, "read from Telnyx")
    return bool(not_done)
