"""The list of wallboards as somebody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.roles import Action
from dashboard.scope import Scope
from queues.models import Queue
from wallboards.models import Shelf, Wallboard


@dataclass(frozen=True, slots=True)
class Listed:
    """One wallboard with those of its queues that the viewer sees; `mine`: they may change it."""

    board: Wallboard
    queues: Sequence[Queue]
    mine: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """All that the viewer sees. `any_queue`: there is one to make a wallboard of."""

    version: int
    boards: Sequence[Listed]
    any_queue: bool


def listing(actions: frozenset[Action], scope: Scope) -> Listing:
    version = current_version()  # before the rest: what comes meanwhile is a newer version
    seen = set(Queue.objects.within(scope).values_list("pk", flat=True))
    changeable = Wallboard.objects.wholly_within(scope) if Action.MANAGE_WALLBOARDS in actions else ()
    mine = {board.pk for board in changeable}
    boards = [
        Listed(board, [row.queue for row in board.rows.all() if row.queue_id in seen], board.pk in mine)
        for board in Wallboard.objects.within(scope).prefetch_related("rows__queue")
    ]
    return Listing(version, boards, bool(seen))


def current_version() -> int:
    """Queues are never deleted: their number only grows, and the first of somebody's changes the list."""
    return Shelf.current() + Queue.objects.count()
