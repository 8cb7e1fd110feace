"""The live parts of queues: cells of the floor's strip, rows of the list, the page of one queue."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from queues import show
from queues.models import Queue
from queues.presentation import QueueShown
from telephony.projection import Change


def strip(audience: Audience, names: AbstractSet[str] | None = None) -> list[Fragment]:
    """The strip's cells, of the queues with these names only if any are given, and its first cell."""
    every = show.shown(Queue.objects.all(), full_numbers=audience.full_numbers)
    changed = [queue for queue in every if names is None or queue.name in names]
    return [*_fragments(audience, changed, "q-", "queues", "queues/_cell.html"), _summary(audience, every)]


def _summary(audience: Audience, every: Sequence[QueueShown]) -> Fragment:
    """Versions only grow and queues are never deleted: their sum is a version."""
    version = sum(queue.version for queue in every)
    content = html("queues/_summary.html", audience, {"queues": every, "version": version})
    return Fragment("queue-summary", "summary", version, content)


def cell_versions() -> list[tuple[str, int]]:
    found = list(Queue.objects.values_list("pk", "version"))
    return [(f"q-{pk}", version) for pk, version in found] + [("queue-summary", sum(v for _, v in found))]


def _fragments(
    audience: Audience, queues: Iterable[QueueShown], prefix: str, into: str, template: str
) -> list[Fragment]:
    return [
        Fragment(f"{prefix}{queue.pk}", into, queue.version, html(template, audience, {"queue": queue}))
        for queue in queues
    ]


class QueueList:
    """The list of all queues: one row each."""

    kind = "queues"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return self._rows(audience, Queue.objects.all())

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        names = {name for kind, name in changes if kind == "queue"}
        return self._rows(audience, Queue.objects.filter(name__in=names))

    def touches(self, key: str, change: Change) -> bool:
        return change[0] == "queue"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return [(f"qr-{pk}", version) for pk, version in Queue.objects.values_list("pk", "version")]

    def _rows(self, audience: Audience, queues: Iterable[Queue]) -> Sequence[Fragment]:
        shown = show.shown(queues, full_numbers=audience.full_numbers)
        return _fragments(audience, shown, "qr-", "queue-rows", "queues/_list_row.html")


class OneQueue:
    """The page of one queue: `queue:<number>`, one fragment."""

    kind = "queue"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and _one(key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        queue = _one(key)
        if queue is None:
            return []
        whole = show.whole(queue, full_numbers=audience.full_numbers)
        content = html("queues/_page.html", audience, {"queue": whole})
        return [Fragment(f"queue-page-{key}", "queue", queue.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        # The poke names the queue, the address its number: only a read could tell whether it is this one.
        return change[0] == "queue"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        queue = _one(key)
        return [(f"queue-page-{key}", queue.version)] if queue else []


def _one(key: str) -> Queue | None:
    return Queue.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 12 else None
