"""What events mean for a supervision. Pure: no database, no clock.

    occurrences   an event → the facts in it about supervisions
    leg_of        facts → the leg that was dialled
    record        all that is told → the fields of the record

The record is a function of the set of facts alone, so that neither their order nor their repetition matters.
The steps of the call and of the conference are other packages' facts about the same leg.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from telephony import marks
from telephony.events import Event
from telephony.facts import Dated, Occurrence, in_order
from telephony.stays import Stay

# Accepted commands → our kinds of fact. The first three dial or, with a leg that is there, bring it over.
_REPLIES = {
    "reply.listen": "dialled",
    "reply.whisper": "dialled",
    "reply.barge": "dialled",
    "reply.to-listen": "switched",
    "reply.to-whisper": "switched",
    "reply.to-barge": "switched",
    "reply.leave": "leaving",
    "reply.test-call": "dialled",
    "reply.end-test": "leaving",
    "reply.undone": "undone",
}
_NAMING = {"dialled", "marked"}
# Why Earshot hangs up a leg that was over already: no reason of the record's end.
NOBODYS = "nobody's leg"
# The answer to a hang-up that came too late to be the reason of the end.
ENDED_ALREADY: Mapping[str, str] = {"result": "ended already"}
# What one cause announces in several events has almost the same time in each.
TOGETHER = timedelta(seconds=2)


def subject(number: str) -> str:
    return f"supervision:{number}"


# --- facts -------------------------------------------------------------------------------------------
def occurrences(event: Event) -> list[Occurrence]:
    """The facts about supervisions in one event; none for events that are about something else."""
    if event.type in _REPLIES:
        return list(_of_reply(event))
    if event.type == "read.calls":
        return list(_of_read(event))
    if event.type.startswith("call."):
        mark, leg = marks.read(event.payload.get("client_state")), event.payload.get("call_control_id")
        if mark and isinstance(leg, str):
            return [_told(event, mark.supervision, leg, "marked", {})]
    return []


def _of_reply(event: Event) -> Iterator[Occurrence]:
    number, answer = event.payload.get("supervision"), event.payload.get("answer")
    dialled = answer.get("call_control_id") if isinstance(answer, dict) else None
    options = event.payload.get("options") or {}
    detail = {
        name: value
        for name, value in (
            ("role", options.get("supervisor_role")),
            ("whisper_to", options.get("whisper_call_control_ids")),
            ("reason", event.payload.get("reason")),
            ("late", answer == ENDED_ALREADY),
        )
        if value
    }
    for leg in event.payload.get("legs") or [dialled or ""]:
        yield _told(event, str(number), leg, _REPLIES[event.type], detail)


def _of_read(event: Event) -> Iterator[Occurrence]:
    """What the list of active calls says: legs with our mark, and legs of ours that are in it no more."""
    for leg, number in event.payload.get("marked", {}).items():
        yield _told(event, number, leg, "marked", {})
    for leg, number in event.payload.get("gone", {}).items():
        yield _told(event, number, leg, "gone", {})


def _told(event: Event, number: str, leg: str, kind: str, detail: dict[str, Any]) -> Occurrence:
    return Occurrence(event.id, subject(number), leg, kind, event.at, event.source, detail)


def leg_of(told: Iterable[Dated]) -> str:
    """The leg that the dial made; "" while nothing has named it."""
    return next((fact.leg for fact in in_order(told) if fact.kind in _NAMING and fact.leg), "")


# --- the record --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Step:
    """When something happened, and the event that says so."""

    at: datetime
    event: str


@dataclass(frozen=True, slots=True)
class Line:
    """The call to the supervisor's phone, as far as anything told of it."""

    initiated: Step | None = None
    answered: Step | None = None
    ended: Step | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is known of one supervision.

    `own` are the facts of `occurrences` about it, and about the one that its leg was dialled for; `stay` is
    its stay in the conference, `ended` the conference's end. `moved`: the leg was sent to another conference.
    `place` is what it is a stay in: a conference, or a call of two legs.
    """

    role: str
    whisper_to: Sequence[str]
    own: Sequence[Dated]
    line: Line = Line()
    stay: Stay | None = None
    ended: Step | None = None
    moved: bool = False
    place: str = "conference"


def record(told: Told) -> dict[str, Any]:
    """The fields that events decide."""
    own = in_order(told.own)
    accepted = next((fact for fact in own if fact.kind in _NAMING), None)
    steps: dict[str, Step | None] = {
        "accepted": Step(accepted.at, accepted.event) if accepted else None,
        "calling": told.line.initiated,
        "answered": told.line.answered,
        "connected": _opening(told.stay),
    }
    state, reason, end = _state(told, own, steps)
    role, to, proof, since = _role(told, own)
    found = {f"{name}_at": step.at if step else None for name, step in steps.items()}
    proven = {**steps, "ended": end, "role": proof}
    return found | {
        "state": state,
        "reason": reason[:300],
        "ended_at": end.at if end else None,
        "role": role,
        "whisper_to": list(to),
        "role_at": since or found["connected_at"],
        "proofs": {name: step.event for name, step in proven.items() if step},
    }


def _opening(stay: Stay | None) -> Step | None:
    return Step(stay.opened_at, stay.opening.event) if stay else None


def _state(
    told: Told, own: Sequence[Dated], steps: Mapping[str, Step | None]
) -> tuple[str, str, Step | None]:
    undone = next((fact for fact in own if fact.kind == "undone"), None)
    if undone:
        # We have said that it is over, and somebody may have gone on from there: nothing brings it back.
        reason = str(undone.detail.get("reason", ""))
        state = "ended" if reason == "cancelled" else "failed"
        return state, reason, Step(undone.at, undone.event)
    if told.stay:
        return _of_stay(told, told.stay, own)
    return _on_the_way(told, own, steps)


def _of_stay(told: Told, stay: Stay, own: Sequence[Dated]) -> tuple[str, str, Step | None]:
    gone = _gone(own)
    if stay.closed_at is None and gone is None:
        return "connected", "", None
    if stay.closed_at is None:
        return "ended", _why_ended(told, own, None), gone
    event = stay.closing.event if stay.closing else _ender(told, stay.closed_at)
    return "ended", _why_ended(told, own, stay.closed_at), Step(stay.closed_at, event)


def _gone(own: Sequence[Dated]) -> Step | None:
    gone = next((fact for fact in own if fact.kind == "gone"), None)
    return Step(gone.at, gone.event) if gone else None


def _ender(told: Told, at: datetime) -> str:
    ends = [end for end in (told.line.ended, told.ended) if end]
    return min(ends, key=lambda end: abs(end.at - at)).event if ends else ""


def _why_ended(told: Told, own: Sequence[Dated], at: datetime | None) -> str:
    if why := _leaving(own):
        return why
    if told.moved:
        return "moved"
    if at and told.ended and abs(told.ended.at - at) <= TOGETHER:
        return f"{told.place} ended"
    if any(fact.detail.get("reason") == NOBODYS and not fact.detail.get("late") for fact in own):
        return "taken out"  # Earshot hung up what was in no conference any more
    if at is None or (told.line.ended and abs(told.line.ended.at - at) <= TOGETHER):
        return "hung up"
    return "taken out"


def _leaving(own: Sequence[Dated]) -> str:
    """`left` if the supervisor did, else why Earshot hung up; "" if nobody asked for it."""
    whys = [str(fact.detail.get("reason") or "left") for fact in own if fact.kind == "leaving"]
    return "left" if "left" in whys else next((why for why in whys if why != NOBODYS), "")


def _on_the_way(
    told: Told, own: Sequence[Dated], steps: Mapping[str, Step | None]
) -> tuple[str, str, Step | None]:
    ends = [(end, why) for end, why in ((told.line.ended, "call"), (told.ended, "conference")) if end]
    if not ends and (gone := _gone(own)):
        ends = [(gone, "call")]
    if not ends:
        under_way = any(steps[name] for name in ("accepted", "calling", "answered"))
        return ("calling" if under_way else "requested"), "", None
    end, why = min(ends, key=lambda pair: (pair[0].at, pair[1]))
    if leaving := _leaving(own):
        return "ended", "cancelled" if leaving == "left" else leaving, end
    return "failed", _cause(told) if why == "call" else f"{told.place} ended", end


def _cause(told: Told) -> str:
    return told.line.cause or "hung up"


def _role(told: Told, own: Sequence[Dated]) -> tuple[str, Sequence[str], Step | None, datetime | None]:
    """What was asked for at the start, then the newest accepted switch: no read tells a role. With the event
    that says so, and since when it is this role, whoever is whispered to."""
    role, to, proof, since = told.role, told.whisper_to, None, None
    for fact in own:
        if fact.kind != "switched":
            continue
        wanted = str(fact.detail.get("role", ""))
        since = since if wanted == role else fact.at
        role, to, proof = wanted, fact.detail.get("whisper_to", []), Step(fact.at, fact.event)
    return role, to, proof, since


# --- a test call ---------------------------------------------------------------------------------------
def phone_test(told: Iterable[Dated], line: Line) -> dict[str, Any]:
    """The fields of a call that only shows whether the phone works. `told`: the facts about it."""
    own = in_order(told)
    accepted = next((fact for fact in own if fact.kind in _NAMING), None)
    undone = next((fact for fact in own if fact.kind == "undone"), None)
    over = Step(undone.at, undone.event) if undone else line.ended or _gone(own)
    state, reason = _tried(own, line, undone, over)
    return {
        "state": state,
        "reason": reason[:300],
        "accepted_at": accepted.at if accepted else None,
        "calling_at": line.initiated.at if line.initiated else None,
        "answered_at": line.answered.at if line.answered else None,
        "ended_at": over.at if over else None,
    }


def _tried(own: Sequence[Dated], line: Line, undone: Dated | None, over: Step | None) -> tuple[str, str]:
    if undone:
        reason = str(undone.detail.get("reason", ""))
        return ("cancelled" if reason == "cancelled" else "failed"), reason
    if line.answered:
        return ("worked" if over else "answered"), ""
    if over:
        leaving = _leaving(own)
        return ("cancelled", "") if leaving == "left" else ("failed", leaving or line.cause or "hung up")
    called = line.initiated or any(fact.kind in _NAMING for fact in own)
    return ("calling" if called else "requested"), ""
