"""The live parts of a wallboard: the scope `wallboard:<number>`. Its name, all that stands below it, whether
Telnyx can be believed just now, and which release serves it: a screen on the wall may watch nothing else."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dashboard.boards import Audience, Fragment
from dashboard.fields import row_number
from dashboard.reader import once
from dashboard.rendering import html
from dashboard.roles import Action
from dashboard.scope import Scope
from telephony import status
from telephony.projection import Change
from wallboards import assets, show
from wallboards.hung import Hall, Hung
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
        return may and self._hung(audience, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        hung = self._hung(audience, key)
        if hung is None:
            return []
        # Before it is read: what changes from now on must touch this scope.
        self._names[key] = frozenset(queue.name for queue in hung.queues)
        release = html("wallboards/_assets.html", audience, {"release": assets.release()})
        # Of one version for ever: another release is another process, and its first word a snapshot.
        served = Fragment("wallboard-assets", "wallboard-assets", 1, release)
        figures = self._figures(hung, audience)
        return [_name(hung.board, audience), figures, *self._trouble(audience), served]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        if changes <= self._doubts:
            return self._trouble(audience)
        if any(kind != "queue" for kind, _ in changes):
            return self.snapshot(audience, key)
        hung = self._hung(audience, key)
        return [self._figures(hung, audience)] if hung else []

    def touches(self, key: str, change: Change) -> bool:
        kind, about = change
        if kind == "queue":
            return key not in self._names or about in self._names[key]
        return change == ("wallboard", key) or change in self._doubts

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        hung = self._hung(audience, key)
        if hung is None:
            return []
        return [
            (f"wallboard-name-{key}", hung.board.version),
            (f"wallboard-{key}", hung.version),
            ("wallboard-telnyx", once("telnyx", status.current).version),
            ("webhooks-status", once("hearing", self._hearing)["version"]),
            ("wallboard-assets", 1),
        ]

    def _hall(self) -> Hall:
        """A change concerns many wallboards: all that were shown here are read at once."""
        return once("wallboards", lambda: Hall([int(key) for key in self._names]))

    def _hung(self, audience: Audience, key: str) -> Hung | None:
        return self._hall().get(row_number(key), _scope(audience, key))

    def _figures(self, hung: Hung, audience: Audience) -> Fragment:
        """All that stands below its name."""
        queues = self._hall().seen(hung, _scope(audience, hung.board.pk))
        wall = show.drawn(hung.board, queues, hung.version)
        body = html("wallboards/_board.html", audience, {"wall": wall})
        return Fragment(f"wallboard-{wall.pk}", "wallboard", wall.version, body)

    def _trouble(self, audience: Audience) -> list[Fragment]:
        """It is the same on all wallboards."""
        return once(("wallboard-trouble", audience.actions), lambda: self._troubles(audience))

    def _troubles(self, audience: Audience) -> list[Fragment]:
        telnyx, hearing = once("telnyx", status.current), once("hearing", self._hearing)
        answers = html("wallboards/_telnyx.html", audience, {"telnyx": telnyx})
        comes = html("health/_webhooks_status.html", audience, hearing)
        return [
            Fragment("wallboard-telnyx", "wallboard-telnyx", telnyx.version, answers),
            Fragment("webhooks-status", "wallboard-telnyx", hearing["version"], comes),
        ]


def _name(board: Wallboard, audience: Audience) -> Fragment:
    name = html("wallboards/_name.html", audience, {"board": board})
    return Fragment(f"wallboard-name-{board.pk}", "wallboard-name", board.version, name)


def _scope(audience: Audience, key: object) -> Scope:
    """A screen has no team: it shows its own wallboard whole, as whoever made its link saw it."""
    return None if audience.only == f"wallboard:{key}" else audience.teams
