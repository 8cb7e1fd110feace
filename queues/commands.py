"""What people can do to a queue and to who waits in it. Each press goes through `dashboard.commands`.

What each command is stands in `queues.verbs`; here is whom it concerns and what stands against it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone

from dashboard import commands
from dashboard.attempts import Desk
from dashboard.commands import Press, Refused
from dashboard.legs import legs
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from dashboard.verbs import first_error
from queues import intervals
from queues.models import AIMS, Queue, QueuedCall, Take
from queues.options import Targets
from queues.transitions import subject
from queues.verbs import INACTIVE, TARGETS, VERBS
from telephony import status
from telephony.client import client
from telephony.wire import Json

Detail = Mapping[str, Any]


def visible(user: User) -> QuerySet[Queue]:
    """The queues this person may see; every command and page finds its object here."""
    seen = Queue.objects.within(user.scope)
    return seen if user.may(Action.SEE_QUEUES) else seen.none()


def on_caller(
    user: User, pk: int, call: int, action: str, posted: QueryDict, detail: Detail | None = None
) -> Command | None:
    """A command on somebody who waits (`call` is the number of the stay). Raises `Refused`."""
    queue = found(user, pk, action)
    stay = waits(queue, call)
    _refuse_ended(stay, action)
    refuse_taken(stay)
    if action == "enqueue" and posted.get("queue_name", "").strip() == queue.name:
        raise Refused(409, f"They wait in {queue} already.", "Choose another queue. Nothing was sent.")
    leg = stay.call_control_id
    label = legs([leg], full_numbers=False)[leg].label
    about = {"queue": queue.name} if action == "keep" else {"from_queue": queue.name}
    return run(user, queue.name, action, posted, leg=leg, target=label, detail={**about, **(detail or {})})


def on_callers(user: User, pk: int, action: str, calls: Sequence[int], posted: QueryDict) -> None:
    """The same on several who wait: one command each, all tried. Raises `Refused` after the last, with
    how many were refused, and why."""
    if not calls:
        raise Refused(400, "Choose who.", "Nobody is selected. Nothing was sent.")
    refused: list[Refused] = []
    for call in calls:
        try:
            on_caller(user, pk, call, action, posted)
        except Refused as one:
            refused.append(one)
    if len(refused) == 1 == len(calls):
        raise refused[0]
    if refused:
        whys = " ".join(dict.fromkeys(one.title for one in refused))
        raise Refused(refused[0].status, f"Not sent for {len(refused)} of {len(calls)}.", whys)


def waits(queue: Queue, call: int) -> QueuedCall:
    """The stay of this number, which goes on. Raises `Refused`."""
    stay = queue.calls.filter(pk=call, left_at=None).first()
    if stay is None:
        raise Refused(409, "This caller waits no more.", f"They left {queue}. Nothing was sent.")
    return stay


def refuse_taken(stay: QueuedCall) -> None:
    """Who is on the way to an agent stays where they are until that is decided. Raises `Refused`."""
    take = Take.objects.live().filter(call_control_id=stay.call_control_id).first()
    if take:
        raise Refused(409, f"{take.agent_name} is being called for this caller.", "Cancel that first.")


def _refuse_ended(stay: QueuedCall, action: str) -> None:
    if action in INACTIVE and stay.is_alive:
        raise Refused(409, "This caller has not hung up.", "Remove hangs up who still waits.")
    if action not in INACTIVE and not stay.is_alive:
        raise Refused(409, "This caller has hung up.", "Only the kept place is left. Nothing was sent.")


def on_queue(user: User, pk: int, action: str, posted: QueryDict) -> Command | None:
    """Change how many may wait at Telnyx, or delete the queue there. Raises `Refused`."""
    queue = found(user, pk, action)
    if action == "delete":
        _refuse_filled(queue)
    command = run(user, queue.name, action, posted)
    status.ask_now()  # no webhook tells of a queue itself
    return command


def _refuse_filled(queue: Queue) -> None:
    waiting = queue.calls.filter(left_at=None).count()
    if waiting:
        many = "1 caller waits" if waiting == 1 else f"{waiting} callers wait"
        raise Refused(409, f"{many} in {queue}.", "Telnyx deletes only an empty queue. Nothing was sent.")
    if queue.absent_since:
        raise Refused(409, f"Telnyx has no {queue} now.", "Its history and its settings stay here.")


def make(user: User, posted: QueryDict) -> str:
    """Make a queue at Telnyx; its name. Raises `Refused`, with Telnyx's reason too: no page could show it."""
    commands.require(user, Action.MANAGE_QUEUES)
    name = posted.get("queue_name", "").strip()
    if Queue.objects.filter(name=name, absent_since=None).exists():
        raise Refused(409, f"There is a queue {name} already.", "Choose another name. Nothing was sent.")
    command = run(user, name, "new", posted)
    status.ask_now()
    if command and command.state in {Command.State.REFUSED, Command.State.FAILED}:
        raise Refused(409, "New queue failed.", command.reason)
    return name


def aim(user: User, pk: int, posted: Mapping[str, Any]) -> Command | None:
    """Change our own targets of a queue, by the names of its fields; logged from what to what. Telnyx knows
    none of them, so it is done at once. None: they were so already. Raises `Refused`."""
    queue = found(user, pk, TARGETS)
    form = Targets(posted)
    if not form.is_valid():
        raise Refused(400, "Our targets: nothing was changed.", first_error(form))
    with transaction.atomic():
        queue = Queue.objects.select_for_update().get(pk=queue.pk)
        before = {name: getattr(queue, name) for name in form.cleaned_data}
        after = {name: value for name, value in form.cleaned_data.items() if value != before[name]}
        if not after:
            return None
        Queue.objects.filter(pk=pk).update(**after)
        queue.refresh_from_db(fields=AIMS)
        intervals.note_aims(queue, {name: before[name] for name in after}, timezone.now())
        bump(subject(queue.name))
        changes = {name: [before[name], value] for name, value in after.items()}
        entry = commands.settled(
            user,
            TARGETS,
            TARGETS,
            subject(queue.name),
            queue.name,
            permission=Action.MANAGE_QUEUES.value,
            detail={"changes": changes},
        )
        entry.save()
        return entry


def found(user: User, pk: int, action: str) -> Queue:
    """The queue, found through what this person may see; the right is required first."""
    commands.require(user, Action.MANAGE_QUEUES if action == TARGETS else VERBS[action].permission)
    queue = visible(user).filter(pk=pk).first()
    if queue is None:
        raise Refused(404, "There is no such queue.", "Load the page again. Nothing was sent.")
    return queue


def run(
    user: User | None,
    name: str,
    action: str,
    posted: QueryDict,
    *,
    leg: str = "",
    target: str = "",
    detail: Detail | None = None,
) -> Command | None:
    """One press, logged and sent once; without a `user` it is Earshot's own doing. Raises `Refused`."""
    verb = VERBS[action]
    press = Press(
        user=user,
        action=action,
        permission=verb.permission,
        family=verb.family,
        subject=subject(name),
        subject_name=name,
        legs=[leg] if leg else [],
        target=target,
        target_key=leg,
        detail={"options": verb.read(posted), **(detail or {})},
        repeatable=verb.repeatable,
    )
    return commands.run(press, DESK)


def send(command: Command) -> Json:
    """Send a logged command to Telnyx, now or again. Raises `TelnyxError`."""
    return VERBS[command.action].send(client(), command.subject.partition(":")[2], command)


def bump(about: str) -> None:
    """Make a queue's fragments new: an open or answered command shows on them."""
    name = about.partition(":")[2]
    Queue.objects.filter(name=name).update(version=F("version") + 1)
    transaction.on_commit(lambda: poke([("queue", name)]))


DESK = Desk(send, bump)
