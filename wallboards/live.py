"""The live parts of a wallboard: the scope `wallboard:<number>`, its name and all that stands below it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from telephony.projection import Change
from wallboards import show
from wallboards.models import Wallboard


class OneWallboard:
    """A change of a queue touches the wallboards that show it. Which queues those are is remembered from what
    was shown last, because every poke asks; a change of the wallboard itself shows it anew."""

    kind = "wallboard"

    def __init__(self) -> None:
        self._names: dict[str, frozenset[str]] = {}

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and _one(audience, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        board = _one(audience, key)
        if board is None:
            return []
        # Before it is read: what changes from now on must touch this scope.
        self._names[key] = frozenset(queue.name for queue in board.queues)
        return fragments(board, audience)

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        kind, about = change
        if kind == "queue":
            return key not in self._names or about in self._names[key]
        return change == ("wallboard", key)

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        board = _one(audience, key)
        if board is None:
            return []
        version = show.version_of(board, board.queues)
        return [(f"wallboard-name-{key}", board.version), (f"wallboard-{key}", version)]


def fragments(board: Wallboard, audience: Audience) -> list[Fragment]:
    """Its name, and its figures."""
    wall = show.wall(board, audience.teams)
    name = html("wallboards/_name.html", audience, {"board": board})
    body = html("wallboards/_board.html", audience, {"wall": wall})
    return [
        Fragment(f"wallboard-name-{board.pk}", "wallboard-name", board.version, name),
        Fragment(f"wallboard-{board.pk}", "wallboard", wall.version, body),
    ]


def _one(audience: Audience, key: str) -> Wallboard | None:
    seen = Wallboard.objects.within(audience.teams)
    return seen.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 12 else None


BOARD = OneWallboard()
