"""What a page shows of a bridged call: plain values, the same for everybody with the same rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.legs import Leg
from dashboard.shown import Happening, Mark, Pending, Refusal


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `held_at`: since when their own telephone holds the call."""

    pk: int
    leg: Leg
    joined_at: datetime
    held_at: datetime | None

    @property
    def on_hold(self) -> bool:
        return self.held_at is not None


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Who listens or barges in. `leg` has their name and their number with us; `mode_since`: of the role."""

    leg: Leg
    role: str
    mode_since: datetime


@dataclass(frozen=True, slots=True)
class CallShown:
    """A bridged call as a row shows it; `happenings` are filled for the pane.

    `key` names it among conferences on the floor. `people` are one or two sides: with one the other is not
    known. `guessed`: only the moment tells that the two are one call.
    """

    pk: int
    key: str
    version: int
    name: str
    queue: str
    live: bool
    started_at: datetime
    ended_at: datetime | None
    end_words: str
    people: Sequence[Side]
    guessed: bool
    marks: Sequence[Mark]
    supervisors: Sequence[Supervisor]
    pending: Mapping[str, Pending]
    refusals: Sequence[Refusal]
    search: str
    happenings: Sequence[Happening] = field(default_factory=tuple)

    @property
    def id(self) -> str:
        return self.key

    @property
    def number(self) -> str:
        """For addresses."""
        return str(self.pk)

    @property
    def agent(self) -> Side | None:
        return next((side for side in self.people if side.leg.kind == "agent"), None)

    @property
    def caller(self) -> Side | None:
        return next((side for side in self.people if side is not self.agent), None)

    @property
    def half_known(self) -> bool:
        return len(self.people) < 2
