"""What events mean for a take: a waiting caller who is taken to an agent. Pure: no database, no clock.

    occurrences   an event → the facts in it about takes
    record        all that is told → the fields of the record

The record is a function of the set of facts alone, so that neither their order nor their repetition matters.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telephony import marks
from telephony.events import Event
from telephony.facts import Dated, Occurrence, in_order

# Accepted commands, and what Earshot itself says → our kinds of fact.
_REPLIES = {
    "reply.call-agent": "dialled",
    "reply.let-go": "leaving",
    "reply.take-undone": "undone",
    "reply.bring-in": "joined",
    "reply.take-joined": "joined",
}
_NAMING = {"dialled", "marked"}
CANCELLED = "cancelled"
# Why Earshot hangs up a leg of a take that is over already: no reason of its end.
NOBODYS = "nobody's leg"


def subject(number: str) -> str:
    return f"take:{number}"


def occurrences(event: Event) -> list[Occurrence]:
    """The facts about takes in one event; none for events that are about something else."""
    if event.type in _REPLIES:
        return list(_of_reply(event))
    if event.type == "read.takes":
        return list(_of_read(event))
    if event.type.startswith("call."):
        number, leg = marks.read_take(event.payload.get("client_state")), event.payload.get("call_control_id")
        if number and isinstance(leg, str):
            return [_told(event, number, leg, "marked")]
    return []


def _of_reply(event: Event) -> Iterator[Occurrence]:
    number, answer = event.payload.get("take"), event.payload.get("answer")
    reason = {"reason": event.payload["reason"]} if event.payload.get("reason") else {}
    kind, leg = _REPLIES[event.type], ""
    if kind == "dialled" and isinstance(answer, dict):
        leg = str(answer.get("call_control_id") or "")
    if isinstance(number, str):
        yield _told(event, number, leg, kind, **reason)


def _of_read(event: Event) -> Iterator[Occurrence]:
    """What the list of active calls says: legs with our mark, and legs of ours that are in it no more."""
    for kind in ("marked", "gone"):
        for leg, number in event.payload.get(kind, {}).items():
            yield _told(event, number, leg, kind)


def _told(event: Event, number: str, leg: str, kind: str, **detail: Any) -> Occurrence:
    return Occurrence(event.id, subject(number), leg, kind, event.at, event.source, detail)


def leg_of(told: Iterable[Dated]) -> str:
    """The leg that the dial made; "" while nothing has named it."""
    return next((fact.leg for fact in in_order(told) if fact.kind in _NAMING and fact.leg), "")


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is known of one take: its own facts, and of the agent's leg when it was answered, when
    it ended, and why."""

    own: Sequence[Dated]
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: str = ""


def record(told: Told) -> dict[str, Any]:
    """The fields that events decide."""
    own = in_order(told.own)
    accepted = next((fact.at for fact in own if fact.kind in _NAMING), None)
    state, reason, ended = _state(told, own, accepted)
    return {
        "state": state,
        "reason": reason[:300],
        "accepted_at": accepted,
        "answered_at": told.answered_at,
        "ended_at": ended,
    }


def _state(told: Told, own: Sequence[Dated], accepted: datetime | None) -> tuple[str, str, datetime | None]:
    joined = next((fact.at for fact in own if fact.kind == "joined"), None)
    if joined:
        return "joined", "", joined
    undone = next((fact for fact in own if fact.kind == "undone"), None)
    if undone:
        # We have said that it is over, and the agent may be called for another by now.
        return *_ended(_reason(undone)), undone.at
    gone = next((fact.at for fact in own if fact.kind == "gone"), None)
    over = told.ended_at or gone
    if over:
        whys = [_reason(fact) for fact in own if fact.kind == "leaving"]
        why = next((why for why in whys if why != NOBODYS), "")
        return *_ended(why or told.cause or "hung up"), over
    if told.answered_at:
        return "ready", "", None
    return ("calling" if accepted else "requested"), "", None


def _reason(fact: Dated) -> str:
    return str(fact.detail.get("reason", ""))


def _ended(reason: str) -> tuple[str, str]:
    return ("cancelled" if reason == CANCELLED else "failed"), reason


_CAUSES = {
    "timeout": "{agent} did not answer within 25 s",
    "no_answer": "{agent} did not answer within 25 s",
    "user_busy": "{agent} is busy",
    "call_rejected": "{agent} rejected the call",
    "not_found": "{agent}’s phone cannot be reached",
    "unspecified": "{agent} could not be called, Telnyx does not say why",
    "originator_cancel": "the call to {agent} was cancelled",
    "normal_clearing": "{agent} hung up before the caller came",
    "hung up": "{agent} hung up before the caller came",
    "unknown": "Telnyx gave no answer",
    "right lost": "who pressed it may not move callers any more",
    "caller left": "the caller left the queue first",
}


def words(reason: str, agent: str) -> str:
    """Why nothing came of it; what Telnyx refused for is in its own words already."""
    return _CAUSES[reason].format(agent=agent) if reason in _CAUSES else reason
