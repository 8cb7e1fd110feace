"""What an agent sees of themselves, and supervisors of them: plain values; what passes with time is given as
`since`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.signs import Sign
from agents.states import State
from agents.strip import Strip
from bridged_calls.presentation import CallShown
from conferences.presentation import ConferenceShown, Deed, HandShown, Happening, Person
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
class Spent:
    """What is `over` of one figure of a day; `since` is from when it goes on, None: it does not."""

    over: timedelta
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Today, as docs/metrics.md defines it."""

    calls: int
    talk: Spent
    hold: Spent
    after_call: Spent


@dataclass(frozen=True, slots=True)
class CallToday:
    """One call of the day. `over` is how long the agent was in it, `running` since when they are again, None:
    they are not; the two make a `Spent`. `conference_id` "" is a bridged call, `caller` "" is nobody;
    `moved_to` is the queue that a caller was put into from there."""

    since: datetime
    conference_id: str
    name: str
    caller: str
    moved_to: str
    over: timedelta
    running: datetime | None

    @property
    def length(self) -> Spent:
        return Spent(self.over, self.running)


@dataclass(frozen=True, slots=True)
class Longest:
    """The longest call of a day: of those that are over, and when the one that goes on would have to have
    begun in one piece, None: none does. Which of the two is longer passes with time."""

    over: timedelta
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Today:
    """An agent's day on their own page: the figures, and the newest of `every` calls."""

    agent: int
    version: int
    figures: Figures
    longest: Longest
    calls: Sequence[CallToday]
    every: int


@dataclass(frozen=True, slots=True)
class Mine:
    """The whole page. `state` and `today` are None for who is in no directory."""

    state: MyState | None
    calls: Sequence[MyCall]
    today: Today | None = None


@dataclass(frozen=True, slots=True)
class LastIn:
    """The conference or bridged call that somebody was in last, and when it ended, None: it goes on."""

    name: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ringer:
    """Whose call rings at an agent. `since` is from when they wait in a queue, None: in none, and then
    `waited_seconds` is how long they did, if that is known."""

    label: str
    since: datetime | None
    waited_seconds: int | None


@dataclass(frozen=True, slots=True)
class AgentShown:
    """An agent as supervisors see them. `conference` or `call` is where the state is of, `me` they themselves
    in that conference; in `others` more conferences they are as well. `ringer` is whose call rings, None:
    none does, or nobody tells. `last` is where they were, if they are nowhere now."""

    pk: int
    version: int
    name: str
    title: str
    team: str
    number: str
    sip_address: str
    state: State
    conference: ConferenceShown | None
    me: Person | None
    call: CallShown | None
    others: int
    ringer: Ringer | None
    last: LastIn | None
    today: Figures

    @property
    def hand(self) -> HandShown | None:
        """Their own hand, if it is up."""
        raised = self.conference.hands if self.conference else ()
        return next((hand for hand in raised if self.me and hand.stay == self.me.pk), None)

    @property
    def caller(self) -> Person | None:
        return self.conference.caller if self.conference else None

    @property
    def supervised(self) -> ConferenceShown | CallShown | None:
        return self.conference or self.call


@dataclass(frozen=True, slots=True)
class AgentDetails:
    """One agent beside the list. `strip` is their day by the hour, None: nothing was yet; `latest` is what
    they did, and what was done with them, newest first."""

    version: int
    agent: AgentShown
    strip: Strip | None
    latest: Sequence[Deed]


@dataclass(frozen=True, slots=True)
class Raised:
    """A hand that is up, and the conference in which its agent is."""

    hand: HandShown
    conference: ConferenceShown

    @property
    def pk(self) -> int:
        return self.hand.pk

    @property
    def version(self) -> int:
        return self.conference.version
