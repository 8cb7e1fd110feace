"""Short stories of events, told to the projections without a server: who called, joined, left, hung up."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from bridged_calls.models import BridgedCall, BridgedLeg
from conferences.models import Conference, Participant
from queues.models import Queue, QueuedCall
from supervisor_site.webhooks import project_now
from telephony.events import identity
from telephony.models import Call, Fact, InboxEvent
from telephony.projection import Arrival, store
from tests.support.events import event

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
CALLER, AGENT, CONFERENCE = "v3:caller", "v3:agent", "7f2d0c1e-conference"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def told(kind: str, seconds: float, leg: str = "", *, name: str | None = None, **payload: Any) -> bytes:
    """One event of the story, `seconds` after noon. `name` is its event id, derived unless given."""
    identity = name or f"{kind}-{leg}-{seconds}"
    if leg:
        payload |= {"call_control_id": leg, "call_leg_id": f"leg-{leg}", "call_session_id": "session"}
    if kind.startswith("conference.") or kind == "read.conference":
        payload.setdefault("conference_id", CONFERENCE)
    return event(kind, at=at(seconds), event_id=identity, **payload)


def tell(bodies: Iterable[bytes]) -> None:
    """Put events into the inbox as the door does, each in its own batch, and project them."""
    for body in bodies:
        tell_at_once([body])


def tell_at_once(bodies: Iterable[bytes]) -> None:
    """The same, all in one batch."""
    now = datetime.now(UTC)
    named = ((identity(body), source_of(body), body) for body in bodies)
    store([Arrival(event_id, source, kind, body, now) for (event_id, kind), source, body in named])
    project_now()


def source_of(body: bytes) -> str:
    """Our own events are named after where they come from."""
    source = identity(body)[1].partition(".")[0]
    return source if source in {"read", "reply"} else "webhook"


def forget() -> None:
    """Everything that was told, so that the next telling starts from nothing."""
    for model in (
        BridgedLeg,
        BridgedCall,
        Participant,
        Conference,
        QueuedCall,
        Queue,
        Call,
        Fact,
        InboxEvent,
    ):
        model._default_manager.all().delete()


def rows() -> dict[str, object]:
    """What the projections made of it, without row numbers, versions and times of receipt."""
    ours = {"version", "first_seen_at", "read_at", "end_read_at", "keys", "figures_at", "stale_since"}
    hidden = ours | {"id", "pk", "queue_id", "conference_id", "call_id"}
    found: dict[str, object] = {}
    for model in (Conference, Participant, Queue, QueuedCall, BridgedCall, BridgedLeg, Call):
        named = [field.attname for field in model._meta.concrete_fields if field.attname not in hidden]
        found[model.__name__] = sorted(map(repr, model._default_manager.values(*named)))
    found["facts"] = sorted(Fact.objects.values_list("event", "subject", "leg", "kind"))
    return found
