"""The live parts of the lists: of wallboards, the scope `wallboards`; of one wallboard's screens,
`screens:<number>`. Each is one fragment."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from dashboard.boards import Audience, Fragment
from dashboard.fields import row_number
from dashboard.rendering import html
from dashboard.roles import Action
from queues.models import Queue
from telephony.projection import Change
from wallboards import devices_list
from wallboards.commands import LIST
from wallboards.listing import current_version, listing
from wallboards.models import Wallboard


class WallboardList:
    """A queue that is new changes it; which were there is remembered from what was shown last."""

    kind = "wallboards"

    def __init__(self) -> None:
        self._queues: frozenset[str] = frozenset()

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        # Before it is read: what is new from now on must touch this scope.
        self._queues = frozenset(Queue.objects.values_list("name", flat=True))
        found = listing(audience.actions, audience.teams)
        content = html("wallboards/_list.html", audience, {"listing": found})
        return [Fragment("wallboard-list", "wallboard-list", found.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == LIST or (change[0] == "queue" and change[1] not in self._queues)

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return [("wallboard-list", current_version())]


class Screens:
    """For who may change the whole wallboard."""

    kind = "screens"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.MANAGE_WALLBOARDS in audience.actions and _one(audience, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        board = _one(audience, key)
        if board is None:
            return []
        found = devices_list.screens(board)
        content = html("wallboards/_screens.html", audience, {"screens": found})
        return [Fragment(f"screens-{key}", "screens", found.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change in {("screens", key), ("wallboard", key)}

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        board = _one(audience, key)
        return [(f"screens-{key}", devices_list.version_of(board))] if board else []


def _one(audience: Audience, key: str) -> Wallboard | None:
    return Wallboard.objects.wholly_within(audience.teams).filter(pk=row_number(key)).first()


BOARDS = (WallboardList(), Screens())
