"""Everything that ever happened, as the simulator's log of deliveries tells it and as Earshot's rows do.

Stronger than the floor, which shows only what is: nobody was there twice, nobody was forgotten, and each went
for the reason that Telnyx gave.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.soak_floor import Difference
from tests.support.earshot import Earshot

Json = dict[str, Any]
Place = tuple[str, str, str]  # conference or queue, its id or name, the leg

OPENS = {"conference.participant.joined": "conference", "call.enqueued": "queue"}
# A list says this of a conference that a command ended; its webhook knows no such reason. Both are true.
ONLY_READ = "ended_via_api"
CLOSES = {"conference.participant.left": "conference", "call.dequeued": "queue"}


@dataclass(frozen=True, slots=True)
class Stay:
    """From when until when (None: still there). `because` is told of queues only."""

    opened: datetime
    closed: datetime | None = None
    because: str = ""


@dataclass(slots=True)
class History:
    """The stays in each place, in order; why each conference ended; why each leg hung up."""

    stays: dict[Place, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    ends: dict[str, str] = field(default_factory=dict)
    hangups: dict[str, str] = field(default_factory=dict)


# --- as Telnyx told it -------------------------------------------------------------------------------
def told(events: Iterable[Json]) -> History:
    """The history by all events that ever were sent, delivered or lost."""
    history = History()
    for event in sorted(events, key=_time):
        kind, payload, at = event["event_type"], event["payload"], _moment(_time(event))
        if kind in OPENS:
            history.stays[_place(OPENS[kind], payload)].append(Stay(at))
        elif kind in CLOSES:
            stays = history.stays[_place(CLOSES[kind], payload)]
            stays[-1] = Stay(stays[-1].opened, at, payload.get("reason", ""))
        elif kind == "conference.ended":
            history.ends[payload["conference_id"]] = payload["reason"]
        elif kind == "call.hangup":
            history.hangups[payload["call_control_id"]] = payload["hangup_cause"]
    return history


def _time(event: Json) -> str:
    return str(event.get("occurred_at") or event["payload"].get("occurred_at") or "")


def _place(what: str, payload: Json) -> Place:
    which = payload["conference_id"] if what == "conference" else payload["queue"]
    return what, which, payload["call_control_id"]


def _moment(value: Any) -> datetime:
    """SQLite gives text without a zone, PostgreSQL times with one."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value or "0001-01-01")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# --- as Earshot has it ---------------------------------------------------------------------------------
PEOPLE = "SELECT conference_id, call_control_id, joined_at, left_at, '' FROM conferences_participant"
CALLERS = (
    "SELECT q.name, c.call_control_id, c.enqueued_at, c.left_at, c.left_because "
    "FROM queues_queuedcall c JOIN queues_queue q ON q.id = c.queue_id"
)
ENDS = "SELECT id, end_reason FROM conferences_conference WHERE status = 'completed'"
HANGUPS = "SELECT call_control_id, hangup_cause FROM telephony_call WHERE ended_at IS NOT NULL"


def kept(earshot: Earshot) -> History:
    """The history by Earshot's rows."""
    history = History()
    for what, query in (("conference", PEOPLE), ("queue", CALLERS)):
        for which, leg, opened, closed, because in earshot.rows(query):
            stay = Stay(_moment(opened), closed and _moment(closed), because)
            history.stays[what, which, leg].append(stay)
    for stays in history.stays.values():
        stays.sort(key=lambda stay: stay.opened)
    history.ends, history.hangups = dict(earshot.rows(ENDS)), dict(earshot.rows(HANGUPS))
    return history


# --- side by side --------------------------------------------------------------------------------------
def exact(ours: History, truth: History) -> list[Difference]:
    """Everything must be the same: each time to the microsecond, each reason."""
    found = [
        Difference(" ".join(place), _words(ours.stays.get(place, [])), _words(truth.stays.get(place, [])))
        for place in sorted(ours.stays.keys() | truth.stays.keys())
        if ours.stays.get(place, []) != truth.stays.get(place, [])
    ]
    ends = _unequal("why it ended: conference", ours.ends, truth.ends)
    found += [one for one in ends if one.ours != ONLY_READ]
    return found + _unequal("why it hung up: leg", ours.hangups, truth.hangups)


def _unequal(where: str, ours: Mapping[str, str], truth: Mapping[str, str]) -> list[Difference]:
    return [
        Difference(f"{where} {key}", ours.get(key, "(nothing)"), truth.get(key, "(nothing)"))
        for key in sorted(ours.keys() | truth.keys())
        if ours.get(key) != truth.get(key)
    ]


def _words(stays: Iterable[Stay]) -> str:
    spans = (
        f"{stay.opened:%H:%M:%S.%f}–{f'{stay.closed:%H:%M:%S.%f}' if stay.closed else ''} {stay.because}"
        for stay in stays
    )
    return "; ".join(span.strip() for span in spans) or "nobody"


def as_lists_tell(ours: History, truth: History) -> tuple[list[Difference], dict[str, int]]:
    """Without the lost webhooks: nothing twice and nothing false, but things may be not known.

    Returns what is wrong, and how many of each kind are not known.
    """
    wrong: list[Difference] = []
    unknown: dict[str, int] = defaultdict(int)
    for place in sorted(ours.stays.keys() | truth.stays.keys()):
        here, there = ours.stays.get(place, []), truth.stays.get(place, [])
        if len(here) > len(there) or _still(here) != _still(there):
            wrong.append(Difference(" ".join(place), _words(here), _words(there)))
        elif len(here) < len(there):
            unknown[f"stays in a {place[0]} between two reads"] += len(there) - len(here)
        else:
            wrong += _reasons(place, here, there, unknown)
    wrong += _weighed("why a conference ended", ours.ends, truth.ends, unknown)
    return wrong + _weighed("why a leg hung up", ours.hangups, truth.hangups, unknown), dict(unknown)


def _still(stays: list[Stay]) -> int:
    return sum(stay.closed is None for stay in stays)


def _reasons(place: Place, here: list[Stay], there: list[Stay], unknown: dict[str, int]) -> list[Difference]:
    pairs = [(ours, true) for ours, true in zip(here, there, strict=True) if ours.because != true.because]
    unknown["why a caller left a queue"] += sum(not ours.because for ours, _ in pairs)
    return [
        Difference(" ".join(place), _words([ours]), _words([true])) for ours, true in pairs if ours.because
    ]


def _weighed(
    what: str, ours: Mapping[str, str], truth: Mapping[str, str], unknown: dict[str, int]
) -> list[Difference]:
    differing = _unequal(what, ours, truth)
    unknown[what] += sum(one.ours in {"", "(nothing)"} for one in differing)
    return [one for one in differing if one.ours not in {"", "(nothing)", ONLY_READ}]
