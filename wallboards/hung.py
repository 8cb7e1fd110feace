"""Which wallboards hang, and what is on each: read for many of them at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
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

    def _read(self, wanted: Iterable[int]) -> None:
        """The boards before their queues: what comes meanwhile is told of by a version that is newer."""
        boards = Wallboard.objects.in_bulk(list(wanted))
        rows = defaultdict[int, list[int]](list)
        for board, queue in Row.objects.filter(wallboard__in=boards).values_list("wallboard", "queue"):
            rows[board].append(queue)
        queues = Queue.objects.in_bulk({pk for some in rows.values() for pk in some})
        self._hung |= {pk: _hung(boards.get(pk), rows[pk], queues) for pk in wanted}


def _hung(board: Wallboard | None, rows: Iterable[int], queues: dict[int, Queue]) -> Hung | None:
    return Hung(board, [queues[pk] for pk in rows if pk in queues]) if board else None
