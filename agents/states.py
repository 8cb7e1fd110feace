"""What an agent does now, derived of their call legs. Pure.

Telnyx knows calls, not people. Who has left a conversation and not hung up yet is in after-call; of a pause
or of work after the leg was hung up it tells nothing, so both are `free`. Nothing here knows the time either:
a leg that has rung for too long is drawn as not known by whoever draws the seconds since.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    FREE = "free"
    RINGING = "ringing"
    ON_A_CALL = "on a call"
    ON_HOLD = "on hold"
    AFTER_CALL = "after-call"


@dataclass(frozen=True, slots=True)
class Line:
    """One call leg of an agent. `joined_at` and `held_at` are of the conference that it is in now, "" for
    none. `over_at`: when it left the last conversation that it was in, while it is in none."""

    call_control_id: str
    initiated_at: datetime | None = None
    answered_at: datetime | None = None
    bridged_at: datetime | None = None
    ended_at: datetime | None = None
    conference_id: str = ""
    joined_at: datetime | None = None
    held_at: datetime | None = None
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What they do, since when (None: not known), and on which leg ("" while free)."""

    kind: Kind
    since: datetime | None
    leg: str = ""

    @property
    def may_be_over(self) -> bool:
        """A hang-up ends it, and one whose webhook was lost is told by nothing else."""
        return self.kind in {Kind.RINGING, Kind.AFTER_CALL}


def state(lines: Iterable[Line]) -> State:
    """The state of who has these legs. A call in a conference counts before one that rings beside it."""
    every = list(lines)
    found = [of_line(line) for line in every if _is_up(line)]
    if found:
        return min(found, key=lambda one: (_ORDER[one.kind], one.since is None, _newest_first(one)))
    return State(Kind.FREE, max((line.ended_at for line in every if line.ended_at), default=None))


def of_line(line: Line) -> State:
    """The state that one leg which is up puts its agent into."""
    if line.conference_id and line.held_at:
        return State(Kind.ON_HOLD, line.held_at, line.call_control_id)
    if line.conference_id:
        return State(Kind.ON_A_CALL, line.joined_at, line.call_control_id)
    if line.over_at:
        return State(Kind.AFTER_CALL, line.over_at, line.call_control_id)
    if line.answered_at or line.bridged_at:
        return State(Kind.ON_A_CALL, line.bridged_at or line.answered_at, line.call_control_id)
    return State(Kind.RINGING, line.initiated_at, line.call_control_id)


def _is_up(line: Line) -> bool:
    """Who is in a conference is there, whatever an old event says of the leg."""
    return bool(line.conference_id) or line.ended_at is None


_FIRST = (Kind.ON_A_CALL, Kind.ON_HOLD, Kind.RINGING, Kind.AFTER_CALL, Kind.FREE)
_ORDER = {kind: place for place, kind in enumerate(_FIRST)}


def _newest_first(one: State) -> float:
    return -one.since.timestamp() if one.since else 0.0
