"""The live parts of a wallboard: the scope `wallboard:<number>`. Its name, all that stands below it, whether
Telnyx can be believed just now, and which release serves it: a screen on the wall may watch nothing else."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from dashboard.scope import Scope
from telephony import status
from telephony.projection import Change
from wallboards import assets, show
from wallboards.models import Wallboard

Hearing = Callable[[], Mapping[str, Any]]


class OneWallboard:
    """A change of a queue touches the wallboards that show it. Which queues those are is remembered from what
    was shown last, because every poke asks; a change of the wallboard itself shows it anew.

    `hearing` tells whether webhooks are missing, as values of a fragment with a version; `heard` is the
    change that goes with it.
    """

    kind = "wallboard"

    def __init__(self, hearing: Hearing, heard: Change) -> None:
        self._hearing, self._doubts = hearing, frozenset({heard, status.CHANGE})
        self._names: dict[str, frozenset[str]] = {}

    def allowed(self, audience: Audience, key: str) -> bool:
        may = Action.SEE_QUEUES in audience.actions or audience.only == f"{self.kind}:{key}"
        return may and _one(audience, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        board = _one(audience, key)
        if board is None:
            return []
        # Before it is read: what changes from now on must touch this scope.
        self._names[key] = frozenset(queue.name for queue in board.queues)
        release = html("wallboards/_assets.html", audience, {"release": assets.release()})
        # Of one version for ever: another release is another process, and its first word a snapshot.
        served = Fragment("wallboard-assets", "wallboard-assets", 1, release)
        return [_name(board, audience), _figures(board, audience), *self._trouble(audience), served]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        if changes <= self._doubts:
            return self._trouble(audience)
        if any(kind != "queue" for kind, _ in changes):
            return self.snapshot(audience, key)
        board = _one(audience, key)
        return [_figures(board, audience)] if board else []

    def touches(self, key: str, change: Change) -> bool:
        kind, about = change
        if kind == "queue":
            return key not in self._names or about in self._names[key]
        return change == ("wallboard", key) or change in self._doubts

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        board = _one(audience, key)
        if board is None:
            return []
        return [
            (f"wallboard-name-{key}", board.version),
            (f"wallboard-{key}", show.version_of(board, board.queues)),
            ("wallboard-telnyx", status.current().version),
            ("webhooks-status", self._hearing()["version"]),
            ("wallboard-assets", 1),
        ]

    def _trouble(self, audience: Audience) -> list[Fragment]:
        telnyx, hearing = status.current(), self._hearing()
        answers = html("wallboards/_telnyx.html", audience, {"telnyx": telnyx})
        comes = html("health/_webhooks_status.html", audience, hearing)
        return [
            Fragment("wallboard-telnyx", "wallboard-telnyx", telnyx.version, answers),
            Fragment("webhooks-status", "wallboard-telnyx", hearing["version"], comes),
        ]


def _name(board: Wallboard, audience: Audience) -> Fragment:
    name = html("wallboards/_name.html", audience, {"board": board})
    return Fragment(f"wallboard-name-{board.pk}", "wallboard-name", board.version, name)


def _figures(board: Wallboard, audience: Audience) -> Fragment:
    """All that stands below its name."""
    wall = show.wall(board, _scope(audience, board.pk))
    body = html("wallboards/_board.html", audience, {"wall": wall})
    return Fragment(f"wallboard-{board.pk}", "wallboard", wall.version, body)


def _scope(audience: Audience, key: object) -> Scope:
    """A screen has no team: it shows its own wallboard whole, as whoever made its link saw it."""
    return None if audience.only == f"wallboard:{key}" else audience.teams


def _one(audience: Audience, key: str) -> Wallboard | None:
    seen = Wallboard.objects.within(_scope(audience, key))
    return seen.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 12 else None
