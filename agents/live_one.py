"""The details of one agent: beside the list, and as a page of their own."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from agents import show_one
from agents.live import DIRECTORY
from agents.show_one import Last
from dashboard.boards import Audience, Fragment
from dashboard.fields import row_number
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change

LIST = "agent"


class OneAgent:
    """The scope `agent:<number>`: one fragment. Who has left the scope gets a tombstone.

    A change of a conference touches whoever is or was last in it: which those are is remembered from what was
    shown last, because every poke asks.
    """

    kind = "agent"

    def __init__(self) -> None:
        self._conferences: dict[str, frozenset[str]] = {}

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and row_number(key) > 0

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return [one for one in self.changed(audience, key, frozenset()) if one.html is not None]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        roll = show_one.roll_of(int(key), audience.teams, full_numbers=audience.full_numbers)
        last = self._read(key, show_one.read(roll))
        if last is None:
            return [Fragment(pane_id(key), LIST, roll.gone_version(int(key)), None)]
        details = show_one.details(last)
        content = html("agents/_pane.html", audience, {"details": details})
        return [Fragment(pane_id(key), LIST, details.version, content)]

    def touches(self, key: str, change: Change) -> bool:
        kind, about = change
        if kind == "conference":
            return about in self._conferences.get(key, ())
        return kind == "bridged" or change in {DIRECTORY, ("agent", key)}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        roll = show_one.roll_of(int(key), audience.teams, full_numbers=audience.full_numbers)
        last = self._read(key, show_one.read(roll))
        return [(pane_id(key), last.version)] if last else []

    def _read(self, key: str, last: Last | None) -> Last | None:
        # Who sees this agent sees every conference that their legs were in: it is the same for all audiences.
        if last:
            self._conferences[key] = frozenset(last.conferences)
        return last


def pane_id(key: str) -> str:
    return f"agent-pane-{key}"


BOARD = OneAgent()
