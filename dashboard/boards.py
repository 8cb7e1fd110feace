"""What the live page is made of: fragments, and the boards that read them from the database."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from dashboard.roles import Action
from telephony.projection import Change


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody with the same rights and teams: they see the same, so it is rendered once for all of them.

    `teams` are keys of teams; None: every team's queues, agents and conferences. `only`: the one scope that a
    device without a person is held to; it has no actions and no teams, so every other board refuses it too.
    """

    actions: frozenset[Action]
    teams: frozenset[int] | None = None
    only: str | None = None

    @property
    def full_numbers(self) -> bool:
        return Action.SEE_NUMBERS in self.actions


# The version of a tombstone that is newer than all, for a row whose number is never used again.
FOR_EVER = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Fragment:
    """One element of a page. `html` None is a tombstone: it goes, and no older one brings it back."""

    id: str
    list: str
    version: int
    html: str | None


class Board(Protocol):
    """One kind of scope. All but `touches` read the database and run on the hub's own thread.

    A scope is `kind` or `kind:key`. The same fragment id with the same version must be the same html.
    """

    @property
    def kind(self) -> str: ...

    def allowed(self, audience: Audience, key: str) -> bool: ...

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        """The whole scope, in the order of the page."""
        ...

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        """What these changes may have altered, tombstones included; sending too much is harmless."""
        ...

    def touches(self, key: str, change: Change) -> bool:
        """Whether the change concerns this scope. Asked for every poke: no database."""
        ...

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        """(fragment id, version) of all that `snapshot` would hold, without rendering it."""
        ...


class Personal:
    """A board whose keys begin with the number of the person who alone may watch it: `7`, `7:<more>`."""
