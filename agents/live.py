"""The live parts of an agent's own page: the scope `mine:<user>`, which only they may watch.

Their state and their day have the version of their seat; each conference that they are in has two fragments
of its own, with the conference's version; their queues have a row each.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from agents import own, show
from agents.presentation import MyCall
from conferences.models import Conference
from dashboard.boards import Audience, Fragment, Personal
from dashboard.fields import row_number
from dashboard.models import Agent, User
from dashboard.rendering import html
from dashboard.roles import Action
from queues.models import Queue
from queues.show import shown as shown_queues
from telephony.projection import Change

DIRECTORY: Change = ("directory", "")
_PARTS = (
    ("mine-call-", "my-calls", "agents/_call.html"),
    ("mine-hand-", "my-hands", "agents/_hand.html"),
)


class Mine(Personal):
    """A change of a conference touches whoever is in it: which those are is remembered from what was shown
    last, because every poke asks. Who comes into one is told as a change of the agent."""

    kind = "mine"

    def __init__(self) -> None:
        self._agents: dict[str, str] = {}
        self._conferences: dict[str, frozenset[str]] = {}

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.OWN_CALL in audience.actions and row_number(key) > 0

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        agent = _agent(key)
        return [*self._calls(audience, key, agent), *_queues(audience, agent)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        names = {name for kind, name in changes if kind == "queue"}
        agent, found = _agent(key), list[Fragment]()
        if changes - {("queue", name) for name in names}:
            before = self._conferences.get(key, frozenset())
            found += self._calls(audience, key, agent)
            found += _gone(before - self._conferences[key])
        if DIRECTORY in changes:
            found += [*_others(agent), *_queues(audience, agent)]
        elif names:
            found += _queues(audience, agent, names)
        return found

    def touches(self, key: str, change: Change) -> bool:
        kind, about = change
        if kind == "conference":
            return about in self._conferences.get(key, ())
        return kind in {"queue", "directory"} or (kind == "agent" and about == self._agents.get(key))

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        agent = _agent(key)
        queues = show.own_queues(agent, audience.teams).values_list("pk", "version")
        found = [(f"mine-queue-{pk}", version) for pk, version in queues]
        if agent is None:
            return [("mine-nobody", 1), *found]
        live = {stay.conference_id: stay.conference.version for stay in own.stays(agent)}
        parts = [(prefix + id_, version) for id_, version in live.items() for prefix, _, _ in _PARTS]
        version = show.version_of(agent)
        own_day = (f"mine-today-{agent.pk}", version)
        return [(f"mine-state-{agent.pk}", version), own_day, *parts, *found]

    def _calls(self, audience: Audience, key: str, agent: Agent | None) -> list[Fragment]:
        there = own.stays(agent) if agent else []
        # Before they are read: what changes from now on must touch this scope.
        self._agents[key] = str(agent.pk) if agent else ""
        self._conferences[key] = frozenset(stay.conference_id for stay in there)
        mine = show.mine(agent, full_numbers=audience.full_numbers)
        if mine.state is None:
            return [Fragment("mine-nobody", "my-state", 1, html("agents/_nobody.html", audience, {}))]
        state = html("agents/_state.html", audience, {"mine": mine.state})
        shown = Fragment(f"mine-state-{mine.state.agent}", "my-state", mine.state.version, state)
        day = html("agents/_today.html", audience, {"today": mine.today})
        today = Fragment(f"mine-today-{mine.state.agent}", "my-today", mine.state.version, day)
        return [shown, today, *(part for call in mine.calls for part in _parts(audience, call))]


def _agent(key: str) -> Agent | None:
    user = User.objects.filter(pk=key).first()
    return own.entry(user) if user else None


def _parts(audience: Audience, call: MyCall) -> list[Fragment]:
    return [
        Fragment(prefix + call.id, into, call.version, html(template, audience, {"call": call}))
        for prefix, into, template in _PARTS
    ]


def _gone(left: Iterable[str]) -> list[Fragment]:
    """Tombstones of the conferences that they have left, or that have ended."""
    found = Conference.objects.filter(pk__in=left).values_list("pk", "version")
    return [Fragment(prefix + id_, into, of, None) for id_, of in found for prefix, into, _ in _PARTS]


def _others(agent: Agent | None) -> list[Fragment]:
    """Tombstones of who they were in the directory until now."""
    others = Agent.objects.exclude(pk=agent.pk if agent else 0).values_list("pk", "seat__version")
    found = [
        Fragment(f"mine-{part}-{pk}", f"my-{part}", of or 0, None)
        for pk, of in others
        for part in ("state", "today")
    ]
    return [*found, Fragment("mine-nobody", "my-state", 1, None)] if agent else found


def _queues(audience: Audience, agent: Agent | None, names: AbstractSet[str] | None = None) -> list[Fragment]:
    """The rows of their queues; tombstones of the named ones, or of all, that are not theirs."""
    theirs = show.own_queues(agent, audience.teams)
    chosen = theirs if names is None else theirs.filter(name__in=names)
    rows = [
        Fragment(
            f"mine-queue-{row.pk}",
            "my-queues",
            row.version,
            html("agents/_queue.html", audience, {"queue": row}),
        )
        for row in shown_queues(chosen, full_numbers=audience.full_numbers)
    ]
    other = Queue.objects.exclude(pk__in=theirs.values("pk"))
    other = other if names is None else other.filter(name__in=names)
    gone = [
        Fragment(f"mine-queue-{pk}", "my-queues", of, None) for pk, of in other.values_list("pk", "version")
    ]
    return [*rows, *gone]


BOARDS = (Mine(),)
