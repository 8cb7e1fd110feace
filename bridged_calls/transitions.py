"""What events mean for calls of two bridged legs. Pure: no database, no clock.

    occurrences   an event → the facts in it about legs that are bridged, or are so no more
    halves        all facts of a leg → its stays in bridges
    pairs         stays → which two are one call, and what tells it

Telnyx announces each leg alone, and with whom only by chance: a transferred or linked leg shares its call
session, two calls that a program bridges do not. So two legs are one call if they were bridged within 2 s in
one session, or within half a second of each other while nobody else was. What is in doubt stays apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from telephony import marks
from telephony.events import Event
from telephony.facts import Dated, Occurrence, moment, order
from telephony.stays import End, Stay, stays

# Where a leg goes that leaves a bridge, by the event that says so.
_ELSEWHERE = {"conference.participant.joined": "conference", "call.enqueued": "queue"}
_HOLD = {"call.hold": "held", "call.unhold": "resumed"}
IN_ONE_SESSION = timedelta(seconds=2)
AT_ONE_MOMENT = timedelta(seconds=0.5)


def subject(leg: str) -> str:
    return f"bridge:{leg}"


# --- facts -------------------------------------------------------------------------------------------
def occurrences(event: Event) -> list[Occurrence]:
    """The facts about bridged legs in one event; none for events that are about something else."""
    if event.type == "read.bridged":
        return list(_of_read(event))
    leg = event.payload.get("call_control_id")
    if not isinstance(leg, str) or not leg:
        return []
    if event.type == "call.bridged":
        # A supervisor's own leg is never one side of a call.
        return [] if marks.read(event.payload.get("client_state")) else [_bridged(event, leg)]
    if event.type in _ELSEWHERE:
        return [_told(event, leg, "parted", {"reason": _ELSEWHERE[event.type]})]
    return [_told(event, leg, _HOLD[event.type], {})] if event.type in _HOLD else []


def _bridged(event: Event, leg: str) -> Occurrence:
    return _told(event, leg, "bridged", {"session": str(event.payload.get("call_session_id", ""))[:100]})


def _of_read(event: Event) -> Iterator[Occurrence]:
    """Legs that Telnyx says are over: of these no hang-up came. Dated by Telnyx where it does so."""
    for leg, ended in event.payload.get("gone", {}).items():
        at = moment(ended) or event.at
        yield Occurrence(event.id, subject(leg), leg, "gone", at, event.source, {})


def _told(event: Event, leg: str, kind: str, detail: dict[str, Any]) -> Occurrence:
    return Occurrence(event.id, subject(leg), leg, kind, event.at, event.source, detail)


# --- the stays of one leg ------------------------------------------------------------------------------
def halves(facts: Iterable[Dated], hung_up_at: datetime | None) -> list[tuple[Stay, dict[str, Any]]]:
    """The stays of one leg in bridges, oldest first, with the fields of their rows."""
    told = list(facts)
    gone = min((fact.at for fact in told if fact.kind == "gone"), default=None)
    ended_at = hung_up_at or gone  # a read's end is a guess about the moment
    ends = [End(ended_at, "hangup")] if ended_at else []
    there = [fact for fact in told if fact.kind != "gone"]
    return [(stay, _fields(stay)) for stay in stays(there, opens="bridged", closes="parted", ends=ends)]


def _fields(stay: Stay) -> dict[str, Any]:
    moved_on = stay.closed_at is not None and not stay.because
    return {
        "opened_by": stay.opened_by,
        "session": str(stay.opening.detail.get("session", "")),
        "bridged_at": stay.opened_at,
        "left_at": stay.closed_at,
        "left_because": "bridge" if moved_on else stay.because,
        "held_at": _held_since(stay),
    }


def _held_since(stay: Stay) -> datetime | None:
    newest = max(stay.during, key=order, default=None)
    held = newest is not None and newest.kind == "held" and stay.closed_at is None
    return newest.at if newest and held else None


# --- which two are one call ----------------------------------------------------------------------------
class Half(Protocol):
    """A stay of one leg: a row, or what stands for one."""

    @property
    def call_control_id(self) -> str: ...
    @property
    def opened_by(self) -> str: ...
    @property
    def session(self) -> str: ...
    @property
    def bridged_at(self) -> datetime: ...


H = TypeVar("H", bound=Half)
Group = tuple[tuple[H, ...], str]  # one or two stays, and what tells that they are one call


def pairs(found: Iterable[H]) -> list[Group[H]]:
    """Every stay in exactly one group, whatever order they are given in."""
    ordered = sorted(found, key=lambda half: (half.bridged_at, half.opened_by))
    by_session = _by_session(ordered)
    paired = {half.opened_by for both in by_session for half in both}
    left = [half for half in ordered if half.opened_by not in paired]
    by_moment = _by_moment(left)
    paired |= {half.opened_by for both in by_moment for half in both}
    alone = [half for half in left if half.opened_by not in paired]
    return [
        *((both, "session") for both in by_session),
        *((both, "moment") for both in by_moment),
        *(((half,), "") for half in alone),
    ]


def _by_session(ordered: Sequence[H]) -> list[tuple[H, H]]:
    """Neighbours in time within one session: a transfer bridges the same leg again, with another."""
    sessions: dict[str, list[H]] = defaultdict(list)
    for half in ordered:
        if half.session:
            sessions[half.session].append(half)
    return [both for some in sessions.values() for both in _neighbours(some)]


def _neighbours(some: Sequence[H]) -> Iterator[tuple[H, H]]:
    at = 0
    while at + 1 < len(some):
        one, other = some[at], some[at + 1]
        together = other.bridged_at - one.bridged_at <= IN_ONE_SESSION
        if together and one.call_control_id != other.call_control_id:
            yield one, other
            at += 1
        at += 1


def _by_moment(ordered: Sequence[H]) -> list[tuple[H, H]]:
    """Two that nobody else was near: with a third at the same moment nobody knows who talks to whom."""
    found = []
    for at, (one, other) in enumerate(pairwise(ordered)):
        before = ordered[at - 1].bridged_at if at else None
        after = ordered[at + 2].bridged_at if at + 2 < len(ordered) else None
        alone = (before is None or one.bridged_at - before > AT_ONE_MOMENT) and (
            after is None or after - other.bridged_at > AT_ONE_MOMENT
        )
        together = other.bridged_at - one.bridged_at <= AT_ONE_MOMENT
        if together and alone and one.call_control_id != other.call_control_id:
            found.append((one, other))
    return found
