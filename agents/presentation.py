"""What an agent sees of themselves: plain values; what passes with time is given as `since`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.signs import Sign
from agents.states import State
from conferences.presentation import ConferenceShown, HandShown, Happening, Person
from dashboard.shown import Refusal


@dataclass(frozen=True, slots=True)
class Reason:
    """One of the reasons to raise a hand for."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """A hand that was not raised, because nobody would have seen it: since when, and whom to call instead."""

    at: datetime
    number: str


@dataclass(frozen=True, slots=True)
class MyCall:
    """One conference that the agent is in. `people` are those whom they are told of, `me` among them;
    `caller` is whom their buttons act on, `hand` their own, if it is up."""

    conference: ConferenceShown
    team: str
    me: Person
    caller: Person | None
    people: Sequence[Person]
    signs: Sequence[Sign]
    hand: HandShown | None
    unheard: Unheard | None
    refusals: Sequence[Refusal]
    happenings: Sequence[Happening]
    reasons: Sequence[Reason]

    @property
    def id(self) -> str:
        return self.conference.id

    @property
    def version(self) -> int:
        return self.conference.version


@dataclass(frozen=True, slots=True)
class MyState:
    """What the agent does now. `phone` is where calls reach them; `beside` are their legs that are up and in
    no conference: one that rings, or a call that Earshot sees from outside only."""

    agent: int
    version: int
    phone: str
    state: State
    beside: Sequence[State]
    in_conference: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """The whole page. `state` is None for who is in no directory."""

    state: MyState | None
    calls: Sequence[MyCall]
