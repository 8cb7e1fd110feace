"""The live part of the agents' page: one page of one view of them, and its head."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from agents.filters import Filters
from agents.live import DIRECTORY
from agents.roll import Roll
from agents.show_roll import shown
from dashboard.boards import Audience, Fragment
from dashboard.models import Agent
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change

HEAD, ROWS = "agents-head", "agents"
KINDS = frozenset({"agent", "conference", "bridged", "directory"})
PAGES_MOST = 1000  # remembered, the newest: whatever anybody searched for is one


class Agents:
    """The scope `agents:<query>`: the rows of one page of one view, and its head.

    Where a change of one agent brings or takes another, the others stay as they are on the screen: who was on
    each page is remembered from what was shown last. A page that is not remembered is drawn as a whole.
    """

    kind = "agents"

    def __init__(self) -> None:
        self._pages: dict[tuple[Audience, str], AbstractSet[int]] = {}

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and Filters.of_key(key).key == key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        roll = _roll(audience, key)
        self._turn((audience, key), roll)
        return [*_rows(roll, roll.page, audience), _head(roll, audience)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        roll = _roll(audience, key)
        before, here = self._turn((audience, key), roll)
        kept = before if before and DIRECTORY not in changes else frozenset()
        drawn = [one for one in roll.page if one.pk not in kept or _is_about(roll, one, changes)]
        away = roll.directory - here if before is None else before - here
        gone = [Fragment(row_id(pk), ROWS, roll.version_away(pk), None) for pk in sorted(away)]
        return [*_rows(roll, drawn, audience), *gone, _head(roll, audience)]

    def _turn(
        self, page: tuple[Audience, str], roll: Roll
    ) -> tuple[AbstractSet[int] | None, AbstractSet[int]]:
        """Who was on the page, None: not remembered; and who is."""
        here = {agent.pk for agent in roll.page}
        before = self._pages.pop(page, None)
        self._pages[page] = here
        if len(self._pages) > PAGES_MOST:
            del self._pages[next(iter(self._pages))]
        return before, here

    def touches(self, key: str, change: Change) -> bool:
        return change[0] in KINDS

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        roll = _roll(audience, key)
        return [*((row_id(one.pk), roll.version(one)) for one in roll.page), (HEAD, roll.head_version)]


def row_id(pk: int) -> str:
    return f"agent-{pk}"


def _roll(audience: Audience, key: str) -> Roll:
    return Roll(Filters.of_key(key), audience.teams, full_numbers=audience.full_numbers)


def _is_about(roll: Roll, agent: Agent, changes: AbstractSet[Change]) -> bool:
    about = {("agent", str(agent.pk)), *(("conference", stay.conference_id) for stay in roll.there[agent.pk])}
    if bridged := roll.bridged.get(agent.pk):
        about.add(("bridged", str(bridged.pk)))
    return bool(about & changes)


def _rows(roll: Roll, agents: Sequence[Agent], audience: Audience) -> list[Fragment]:
    return [
        Fragment(row_id(row.pk), ROWS, row.version, html("agents/_agent.html", audience, {"agent": row}))
        for row in shown(roll, agents)
    ]


def _head(roll: Roll, audience: Audience) -> Fragment:
    content = html("agents/_head.html", audience, {"head": roll.head})
    return Fragment(HEAD, HEAD, roll.head.version, content)


BOARD = Agents()
