"""Which wallboards hang, and what is on each: read for many of them at once."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from dashboard.scope import Scope
from queues.models import Queue
from wallboards.models import Row, Wallboard


@dataclass(frozen=True, slots=True)
class Hung:
    """One wallboard with its queues, in the order of the wall."""

    board: Wallboard
    queues: list[Queue]

    @property
    def version(self) -> int:
        """It grows with each queue and, by `wallboards.commands`, with what is changed of the board."""
        return self.board.version + sum(queue.version for queue in self.queues)


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a wallboard as it was read, and the keys of its queues in the order of the wall."""

    board: Wallboard
    queues: tuple[int, ...]


# The newest of each wallboard that this process has shown, by its key: they change seldom, queues often.
KEPT: dict[int, Kept] = {}


class Hall:
    """Wallboards by their number. A second that is asked for has the `others` read with it: then a change
    concerns many."""

    def __init__(self, others: Collection[int] = ()) -> None:
        self._others = others
        self._hung: dict[int, Hung | None] = {}
        self._seen: dict[Scope, frozenset[int]] = {}

    def get(self, pk: int, scope: Scope) -> Hung | None:
        """The wallboard, if these teams see one of its queues."""
        if pk not in self._hung:
            self._read({pk, *self._others} - self._hung.keys() if self._hung else {pk})
        found = self._hung[pk]
        return found if found and (scope is None or self.seen(found, scope)) else None

    def seen(self, hung: Hung, scope: Scope) -> list[Queue]:
        """Those of its queues that are these teams'."""
        if scope is None:
            return hung.queues
        if scope not in self._seen:
            self._seen[scope] = frozenset(Queue.objects.within(scope).values_list("pk", flat=True))
        return [queue for queue in hung.queues if queue.pk in self._seen[scope]]

    def _read(self, wanted: Collection[int]) -> None:
        """The boards before their queues: what comes meanwhile is told of by a version that is newer."""
        boards = _boards(wanted)
        queues = Queue.objects.in_bulk({pk for kept in boards.values() for pk in kept.queues})
        self._hung |= {pk: _hung(boards[pk], queues) if pk in boards else None for pk in wanted}


def _boards(wanted: Collection[int]) -> dict[int, Kept]:
    """Only those are read whose version is another than the kept one."""
    versions = dict(Wallboard.objects.filter(pk__in=wanted).values_list("pk", "version"))
    kept = {pk: KEPT[pk] for pk in versions if pk in KEPT and KEPT[pk].board.version == versions[pk]}
    for pk in wanted:
        if pk not in kept:
            KEPT.pop(pk, None)
    fresh = _fresh(versions.keys() - kept.keys())
    KEPT.update(fresh)
    return kept | fresh


def _fresh(wanted: Collection[int]) -> dict[int, Kept]:
    """Their rows after them: one that comes meanwhile stands under an older version, never the other way."""
    boards = Wallboard.objects.in_bulk(list(wanted))
    rows = defaultdict[int, list[int]](list)
    for board, queue in Row.objects.filter(wallboard__in=boards).values_list("wallboard", "queue"):
        rows[board].append(queue)
    return {pk: Kept(board, tuple(rows[pk])) for pk, board in boards.items()}


def _hung(kept: Kept, queues: dict[int, Queue]) -> Hung:
    return Hung(kept.board, [queues[pk] for pk in kept.queues if pk in queues])
