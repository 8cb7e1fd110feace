"""Dead letters on the health page: what each says, where and about whom, why it failed; and their replay."""

from typing import Any

from conferences.models import Conference
from dashboard import legs
from telephony.events import Event, Unreadable, parse
from telephony.models import InboxEvent
from telephony.replay import requeue

MOST = 20


def shown() -> dict[str, Any]:
    """The oldest dead letters, and how many there are in all."""
    dead = InboxEvent.objects.filter(state=InboxEvent.State.DEAD)
    rows = [_letter(row) for row in dead.order_by("id")[:MOST]]
    return {"count": dead.count() if len(rows) == MOST else len(rows), "letters": rows}


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


def replay(pk: int) -> int:
    """How many wait again: 0 when somebody else has replayed it already."""
    return requeue([pk])


def replay_all() -> int:
    return requeue(InboxEvent.objects.filter(state=InboxEvent.State.DEAD).values_list("pk", flat=True))
