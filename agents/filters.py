"""Which agents somebody wants to see: read from the address, written back into it, asked of the directory."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from agents.states import Kind
from dashboard import addresses
from dashboard.addresses import View, known, numbered, page_of, texts_of
from dashboard.models import Agent, Team
from dashboard.scope import Scope

PER_PAGE = 100
STATES = {
    "": "All",
    "free": "Free",
    "ringing": "Ringing",
    "call": "On a call",
    "hold": "On hold",
    "after": "After-call",
}
KINDS = {
    "free": Kind.FREE,
    "ringing": Kind.RINGING,
    "call": Kind.ON_A_CALL,
    "hold": Kind.ON_HOLD,
    "after": Kind.AFTER_CALL,
}
SORTS = {"": "Attention", "longest": "Longest in state", "name": "Name"}


@dataclass(frozen=True, slots=True)
class Filters(View):
    """One view of the agents. Every field is its text in the address; "" is not set. `team` is a name."""

    q: str = ""
    team: str = ""
    state: str = ""
    sort: str = ""

    @classmethod
    def read(cls, told: Mapping[str, str]) -> "Filters":
        """From an address's query; what cannot be is as if it were not there."""
        texts = texts_of(cls, told)
        for name, values in (("state", STATES), ("sort", SORTS)):
            texts[name] = known(texts[name], values)
        return cls(page_of(told), **texts)

    @classmethod
    def of_key(cls, key: str) -> "Filters":
        """From the part of a live scope after its colon."""
        return cls.read(addresses.of_key(key))

    @property
    def is_set(self) -> bool:
        return Filters(sort=self.sort).query() != self.query()

    def words(self) -> list[str]:
        """What is set, as people say it: `No agent matches “Priya”, Sales, On hold`."""
        texts = [f"“{self.q}”" if self.q else "", self.team, STATES[self.state] if self.state else ""]
        return [text for text in texts if text]

    def found(self, scope: Scope, *, full_numbers: bool) -> QuerySet[Agent]:
        """Who fits but for the state, which is in no column; by name."""
        found = within(scope).select_related("team", "seat").order_by("name", "pk")
        if self.q:
            found = found.filter(_searched(self.q, full_numbers))
        return found.filter(team__name=self.team) if self.team else found

    def on_page(self) -> slice:
        return self.places(PER_PAGE)


def within(scope: Scope) -> QuerySet[Agent]:
    """The agents of these teams; who is in no team is seen by those alone who see all teams."""
    return Agent.objects.all() if scope is None else Agent.objects.filter(team__in=scope)


def teams(scope: Scope) -> list[str]:
    """The names of the teams whose agents somebody sees."""
    seen = Team.objects.all() if scope is None else Team.objects.filter(pk__in=scope)
    return list(seen.values_list("name", flat=True))


def _searched(text: str, full_numbers: bool) -> Q:
    named = Q(name__icontains=text) | Q(title__icontains=text)
    addressed = Q(sip_address__icontains=text) if full_numbers else Q(sip_address=text)
    return named | addressed | numbered(text, "number", full_numbers=full_numbers)
