"""The live parts of queues: cells of the floor's strip, rows of the list, the page of one queue."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from dashboard.boards import Audience, Fragment
from dashboard.rendering import html
from dashboard.roles import Action
from queues import show
from queues.models import Queue
from telephony.projection import Change


def full_numbers(audience: Audience) -> bool:
    return Action.SEE_NUMBERS in audience.actions


def cells(audience: Audience, queues: Iterable[Queue]) -> list[Fragment]:
    """The strip's cells of these queues."""
    return _fragments(audience, queues, "q-", "queues", "queues/_cell.html")


def summary(audience: Audience) -> Fragment:
    """The strip's first cell. Versions only grow and queues are never deleted: their sum is a version."""
    every = show.shown(Queue.objects.all(), full_numbers=False)
    version = sum(queue.version for queue in every)
    content = html("queues/_summary.html", audience, {"queues": every, "version": version})
    return Fragment("queue-summary", "summary", version, content)


def cell_versions() -> list[tuple[str, int]]:
    found = list(Queue.objects.values_list("pk", "version"))
    return [(f"q-{pk}", version) for pk, version in found] + [("queue-summary", sum(v for _, v in found))]


def _fragments(
    audience: Audience, queues: Iterable[Queue], prefix: str, into: str, template: str
) -> list[Fragment]:
    return [
        Fragment(f"{prefix}{queue.pk}", into, queue.version, html(template, audience, {"queue": queue}))
        for queue in show.shown(queues, full_numbers=full_numbers(audience))
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
        return _fragments(audience, queues, "qr-", "queue-rows", "queues/_list_row.html")


class OneQueue:
    """The page of one queue: `queue:<number>`, one fragment."""

    kind = "queue"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and _one(key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        queue = _one(key)
        if queue is None:
            return []
        whole = show.whole(queue, full_numbers=full_numbers(audience))
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
