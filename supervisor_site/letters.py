"""Dead letters on the health page: what each says, where, about whom, why it failed; replayed or put aside.

What an admin does with one is written into the command log, which nobody can change.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conferences.models import Conference
from dashboard import legs
from dashboard.commands import LOGGED, settled
from dashboard.models import Command, User
from dashboard.pokes import poke
from dashboard.roles import Action
from telephony import replay as replaying
from telephony.events import Event, Unreadable, parse
from telephony.models import InboxEvent

MOST = 20
State = InboxEvent.State


def shown() -> dict[str, Any]:
    """The oldest dead letters, the newest that were put aside, and how many there are of each in all."""
    dead, aside = _in(State.DEAD), _in(State.ASIDE)
    return {
        "count": dead.count(),
        "letters": [_letter(row) for row in dead.order_by("id")[:MOST]],
        "aside_count": aside.count(),
        "aside": [_letter(row) | _put_aside(row) for row in aside.order_by("-id")[:MOST]],
    }


def _in(state: InboxEvent.State) -> QuerySet[InboxEvent]:
    return InboxEvent.objects.filter(state=state)


def _letter(row: InboxEvent) -> dict[str, Any]:
    event = _read(row)
    return {
        "pk": row.pk,
        "arrived": row.received_at,
        "type": row.event_type or "unreadable",
        "where": _where(event) if event else "",
        "who": _who(event) if event else "",
        "why": row.error.partition("\n")[0][:200],
        "tries": row.attempts,
    }


def _put_aside(row: InboxEvent) -> dict[str, Any]:
    return {"at": row.aside_at, "by": row.aside_by, "reason": row.aside_reason}


def _read(row: InboxEvent) -> Event | None:
    try:
        return parse(bytes(row.body), source=row.source, received_at=row.received_at)
    except Unreadable:
        return None


def _where(event: Event) -> str:
    queue, conference_id = event.payload.get("queue"), event.payload.get("conference_id")
    if isinstance(queue, str) and queue:
        return queue.replace("\x00", "")[:100]
    if not isinstance(conference_id, str) or "\x00" in conference_id:
        return ""
    found = Conference.objects.filter(pk=conference_id).first()
    return str(found) if found else "A conference that is not known"


def _who(event: Event) -> str:
    """Masked for everybody: a fault can be understood without the number."""
    leg = event.payload.get("call_control_id")
    if not isinstance(leg, str) or not leg or "\x00" in leg:
        return ""
    return legs.legs([leg], full_numbers=False)[leg].label


def replay(ids: Iterable[int], user: User) -> int:
    """How many wait again: 0 when somebody else was quicker."""
    chosen = InboxEvent.objects.filter(pk__in=ids, state__in=(State.DEAD, State.ASIDE)).defer("body")
    with transaction.atomic():
        rows = list(chosen.select_for_update())
        count = replaying.requeue([row.pk for row in rows])
        _log(user, "replay", rows)
        transaction.on_commit(lambda: poke([LOGGED]))
    return count


def replay_all(user: User) -> int:
    """Every dead letter; what was put aside stays there."""
    return replay(list(_in(State.DEAD).values_list("pk", flat=True)), user)


def put_aside(pk: int, user: User, reason: str) -> bool:
    """False when it is not dead any more."""
    with transaction.atomic():
        done = replaying.put_aside(pk, str(user), reason)
        if done:
            _log(user, "put-aside", InboxEvent.objects.filter(pk=pk).defer("body"), reason)
            transaction.on_commit(lambda: poke([LOGGED]))
    return done


def _log(user: User, action: str, rows: Iterable[InboxEvent], reason: str = "") -> None:
    Command.objects.bulk_create(
        settled(
            user,
            action,
            "letter",
            f"letter:{row.event_id}",
            row.event_type or "unreadable",
            permission=Action.ADMINISTER,
            detail={"reason": reason} if reason else {},
        )
        for row in rows
    )
