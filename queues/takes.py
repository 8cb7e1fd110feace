"""Taking a waiting caller to an agent: the agent is called first, the caller follows when they answer.

One press is one call. The row is committed before Telnyx is asked, and the database keeps a second one from
being made for the same caller or the same agent, however often and by whomever it is pressed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from dashboard.commands import Refused, called_off
from dashboard.legs import legs
from dashboard.models import Agent, Command, User
from queues.commands import bump, found, run, waits
from queues.models import Queue, QueuedCall, Take
from queues.takes_transitions import CANCELLED
from queues.transitions import subject
from telephony import status
from telephony.clock import database_now
from telephony.events import encode
from telephony.projection import Arrival, arrive

AGAIN = timedelta(seconds=5)  # between two tries to hang up a leg that nobody owns
NOTHING = QueryDict()


@dataclass(frozen=True, slots=True)
class Goal:
    """To whom a caller is taken, and the name of the conference that is made for the two: of no other."""

    agent: Agent
    conference_name: str


def take(user: User, pk: int, call: int, goal: Goal) -> None:
    """Call the agent for one who waits (`call` is the number of the stay). Raises `Refused`."""
    queue = found(user, pk, "call-agent")
    stay = waits(queue, call)
    if not stay.is_alive:
        raise Refused(409, "This caller has hung up.", "Only the kept place is left. Nothing was sent.")
    _refuse(goal.agent)
    live = Take.objects.live().filter(Q(call_control_id=stay.call_control_id) | Q(agent=goal.agent))
    for other in live:
        _refuse_other(other, stay, goal.agent)
        return  # pressed twice: it is on its way
    if not _begin(user, queue, stay, goal):
        take(user, pk, call, goal)  # somebody was quicker: say what they did


def take_next(user: User, pk: int, goal: Goal) -> None:
    """The same for whoever is first in the queue, and not on the way already. Raises `Refused`."""
    queue = found(user, pk, "call-agent")
    _refuse(goal.agent)
    for stay in _free(queue):
        other = Take.objects.live().filter(agent=goal.agent).first()
        if other and other.queue_id == queue.pk:
            return  # pressed twice
        if other:
            _refuse_other(other, stay, goal.agent)
        if _begin(user, queue, stay, goal):
            return
    raise Refused(409, f"Nobody waits in {queue}.", "Nobody was called.")


def _free(queue: Queue) -> Iterable[QueuedCall]:
    """Who waits and nobody has laid hands on, in the order in which they came."""
    pressed = Command.objects.filter(subject=subject(queue.name), family="caller", settled_at=None)
    busy = {leg for command in pressed for leg in command.legs}
    busy |= set(queue.takes.filter(state__in=Take.LIVE).values_list("call_control_id", flat=True))
    there = queue.calls.filter(left_at=None, is_alive=True).order_by("enqueued_at", "id")
    return there.exclude(call_control_id__in=busy)


def _refuse(agent: Agent) -> None:
    """What stands against calling this agent, before anything is sent."""
    if not (agent.number or agent.sip_address):
        raise Refused(
            409, f"{agent} has no phone.", "An admin writes it into the directory. Nothing was sent."
        )
    if not (settings.TELNYX_CONNECTION_ID and settings.TELNYX_FROM_NUMBER):
        text = "An admin sets TELNYX_CONNECTION_ID and TELNYX_FROM_NUMBER, the caller id, first."
        raise Refused(409, "Earshot cannot call agents.", text)
    if trouble := status.current().trouble:
        raise Refused(503, f"{trouble}.", "Nothing was sent. Press again when it answers.")


def _refuse_other(other: Take, stay: QueuedCall, agent: Agent) -> None:
    """Unless it is the same take."""
    if other.call_control_id != stay.call_control_id:
        text = "Choose somebody else, or wait. Nothing was sent."
        raise Refused(409, f"{agent} is being called for another caller.", text)
    if other.agent_id != agent.pk:
        raise Refused(409, f"{other.agent_name} is being called for this caller.", "Cancel that first.")


def _begin(user: User, queue: Queue, stay: QueuedCall, goal: Goal) -> bool:
    """Have the agent called. False: the caller or the agent has been laid hands on since the look."""
    row = Take(
        id=uuid4(),
        queue=queue,
        call_control_id=stay.call_control_id,
        user=user,
        agent=goal.agent,
        agent_name=goal.agent.name,
        address=goal.agent.number or goal.agent.sip_address,
        conference_name=goal.conference_name,
        requested_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            bump(subject(queue.name))
    except IntegrityError:
        return False
    detail = {"take": str(row.pk), "from_queue": queue.name, "options": {"agent": row.agent_name}}
    run(user, queue.name, "call-agent", NOTHING, leg=row.call_control_id, target=_caller(row), detail=detail)
    conclude(row)
    return True


def _caller(row: Take) -> str:
    return legs([row.call_control_id], full_numbers=False)[row.call_control_id].label


def bring_in(row: Take) -> None:
    """The agent has answered: the caller follows into the conference. Earshot's own doing."""
    region = {"region": settings.TELNYX_REGION} if settings.TELNYX_REGION else {}
    detail = {
        "take": str(row.pk),
        "from_queue": row.queue.name,
        "conference_name": row.conference_name,
        "options": region,
    }
    name = row.queue.name
    run(None, name, "bring-in", NOTHING, leg=row.call_control_id, target=_caller(row), detail=detail)


def cancel(user: User, pk: int, call: int) -> None:
    """Hang up the agent's phone, or stop calling it; the caller waits on. Raises `Refused`."""
    queue = found(user, pk, "let-go")
    stay = queue.calls.filter(pk=call).first()
    leg = stay.call_control_id if stay else ""
    row = Take.objects.live().filter(queue=queue, call_control_id=leg).first()
    if row is None:
        raise Refused(409, "Nobody is being called for this caller any more.", "Nothing was sent.")
    let_go(row, CANCELLED, user)


def let_go(row: Take, reason: str, by: User | None = None) -> None:
    """End a take, for a reason (`takes_transitions.words`), unless that is on its way or was tried just now.
    A call that nothing has named a leg for is called off."""
    if not row.leg:
        overtake(row)
        say(row, "take-undone", reason)
        return
    tried = Command.objects.filter(subject=subject(row.queue.name), action="let-go", legs=[row.leg])
    lately = Q(settled_at=None) | Q(created_at__gte=timezone.now() - AGAIN)
    if tried.filter(lately).exists():
        return
    detail = {"take": str(row.pk), "reason": reason}
    run(by, row.queue.name, "let-go", NOTHING, leg=row.leg, target=row.agent_name, detail=detail)


def overtake(row: Take) -> None:
    """No further try of a call that was called off."""
    now = timezone.now()
    pressed(row).filter(settled_at=None).update(
        state=called_off(), settled_at=now, next_try_at=None, reason=CANCELLED, dismissed_at=now
    )


def pressed(row: Take) -> QuerySet[Command]:
    about = Command.objects.filter(subject=subject(row.queue.name), detail__take=str(row.pk))
    return about.filter(action="call-agent")


def conclude(row: Take) -> bool:
    """Whether the press has come to nothing; it is said to be over then."""
    command = pressed(row).filter(settled_at__isnull=False).first()
    if command is None or command.state in {Command.State.ACCEPTED, Command.State.DONE}:
        return False
    if Take.objects.live().filter(pk=row.pk).exists():
        reason = "unknown" if command.state == Command.State.UNKNOWN else command.reason
        say(row, "take-undone", reason)
    return True


def say(row: Take, what: str, reason: str = "") -> None:
    """Put it into the inbox what became of a take: once, whoever says so."""
    event_id, event_type, at = f"{what}:{row.pk}", f"reply.{what}", database_now()
    body = encode(event_type, event_id, at, {"take": str(row.pk), "reason": reason})
    with transaction.atomic():
        arrive([Arrival(event_id, "reply", event_type, body, at)])
