"""One view of the agents' page, read once: who fits, where they are, what they do, who is on the page."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from agents import own, states
from agents.filters import KINDS, PER_PAGE, STATES, Filters
from agents.states import Kind, Line, State
from bridged_calls.models import BridgedCall, BridgedLeg
from conferences.models import Hand, Participant
from dashboard.addresses import Tab
from dashboard.boards import FOR_EVER
from dashboard.models import Agent
from dashboard.scope import Scope

# A seat's version comes first, its calls' after it: where somebody is changes with their seat alone, and as
# long as they are there, what is told of their calls only grows.
_OF_CALLS = 10**9


@dataclass(frozen=True, slots=True)
class Head:
    """What the page says of itself. `everybody` counts whom the viewer may see, whatever the filters say."""

    version: int
    tabs: Sequence[Tab]
    everybody: int
    total: int
    first: int
    last: int
    pages: int
    filters: Filters
    some_teams: bool
    in_no_team: bool


class Roll:
    """Who fits the filters, in the scope. `only`: nobody but the agent of this number."""

    def __init__(self, wanted: Filters, scope: Scope, *, full_numbers: bool, only: int | None = None) -> None:
        self.wanted, self.scope, self.full_numbers = wanted, scope, full_numbers
        # First: what comes while the rest is read is a newer version.
        self._seats = {pk: at or 0 for pk, at in Agent.objects.values_list("pk", "seat__version")}
        found = wanted.found(scope, full_numbers=full_numbers)
        self.fitting = list(found if only is None else found.filter(pk=only))

    @property
    def directory(self) -> AbstractSet[int]:
        """Everybody in it, whether they fit or not."""
        return self._seats.keys()

    @cached_property
    def there(self) -> Mapping[int, Sequence[Participant]]:
        """The conferences that each of them is in, the newest first."""
        return own.stays_of(self.fitting)

    @cached_property
    def lines(self) -> Mapping[int, Sequence[Line]]:
        """Their legs of the last day."""
        stays = [stay for some in self.there.values() for stay in some]
        return own.lines_of(self.fitting, stays)

    @cached_property
    def states(self) -> Mapping[int, State]:
        return {agent.pk: states.state(self.lines[agent.pk]) for agent in self.fitting}

    @cached_property
    def bridged(self) -> Mapping[int, BridgedCall]:
        """The call of two legs that each of them is on, if their state is of one."""
        legs = {state.leg: number for number, state in self.states.items() if self._is_outside(number)}
        up = BridgedLeg.objects.filter(call_control_id__in=legs, left_at=None, call__ended_at=None)
        found = up.select_related("call").order_by("bridged_at", "opened_by")
        return {legs[leg.call_control_id]: leg.call for leg in found if leg.call}

    def _is_outside(self, number: int) -> bool:
        return self.states[number].kind is Kind.ON_A_CALL and not self.there[number]

    @cached_property
    def page(self) -> Sequence[Agent]:
        """Who is on the page, in its order."""
        return self._in_tab[self.wanted.on_page()]

    @cached_property
    def _in_tab(self) -> Sequence[Agent]:
        kind = KINDS.get(self.wanted.state)
        found = [agent for agent in self.fitting if kind is None or self.states[agent.pk].kind is kind]
        match self.wanted.sort:
            case "name":
                return found
            case "longest":
                return sorted(found, key=self._longest_first)
        return sorted(found, key=lambda agent: (agent.pk not in self._calling, self._longest_first(agent)))

    @cached_property
    def _calling(self) -> AbstractSet[int]:
        """Whose hand is up. What is amber passes with time: the browser orders by it within the page."""
        stays = {stay.pk: pk for pk, some in self.there.items() for stay in some}
        return {
            stays[stay] for stay in Hand.objects.up().filter(stay__in=stays).values_list("stay", flat=True)
        }

    def _longest_first(self, agent: Agent) -> tuple[bool, float]:
        since = self.states[agent.pk].since
        return since is None, since.timestamp() if since else 0.0

    def version(self, agent: Agent) -> int:
        calls = sum(stay.conference.version for stay in self.there[agent.pk])
        bridged = self.bridged.get(agent.pk)
        return self._seats.get(agent.pk, 0) * _OF_CALLS + calls + (bridged.version if bridged else 0)

    def gone_version(self, pk: int) -> int:
        """Of a tombstone for who does not fit, or is none of the scope's, any more: the directory made every
        seat new."""
        return self._seats[pk] * _OF_CALLS if pk in self._seats else FOR_EVER

    def version_away(self, pk: int) -> int:
        """Of a tombstone for who is on another page or fits no more: no less than any page shows of them."""
        return self.version(self._by_key[pk]) if pk in self._by_key else self.gone_version(pk)

    @cached_property
    def _by_key(self) -> Mapping[int, Agent]:
        return {agent.pk: agent for agent in self.fitting}

    @property
    def head_version(self) -> int:
        return sum(self._seats.values()) + len(self._seats)

    @cached_property
    def head(self) -> Head:
        kinds = Counter(state.kind for state in self.states.values())
        counts = {name: kinds[kind] for name, kind in KINDS.items()} | {"": len(self.fitting)}
        total, first = len(self._in_tab), self.wanted.on_page().start
        return Head(
            version=self.head_version,
            tabs=[Tab(name, word, counts[name]) for name, word in STATES.items()],
            everybody=Filters().found(self.scope, full_numbers=False).count(),
            total=total,
            first=min(first + 1, total),
            last=min(first + PER_PAGE, total),
            pages=max(-(-total // PER_PAGE), 1),
            filters=self.wanted,
            some_teams=self.scope is not None,
            in_no_team=self.scope is not None and not self.scope,
        )
