"""The live parts of queues: cells of the floor's strip, rows of the list, the page of one queue."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from django.db.models import Sum
from django.db.models.functions import Coalesce

from dashboard.boards import Audience, Fragment
from dashboard.fields import row_number
from dashboard.rendering import html
from dashboard.roles import Action
from queues import show
from queues.models import Queue
from queues.presentation import QueueShown
from queues.reaches import REACHES, THREE_HOURS
from telephony.projection import Change


def strip(audience: Audience, names: AbstractSet[str] | None = None) -> list[Fragment]:
    """The strip's cells, of the queues with these names only if any are given, and its first cell."""
    version = summary_version()  # before the rest: what comes meanwhile is a newer version
    every = _seen(audience)
    changed = [queue for queue in every if names is None or queue.name in names]
    cells = _fragments(audience, changed, "q-", "queues", "queues/_cell.html")
    return [*cells, *_others("q-", "queues", names or (), every), _summary(audience, every, version)]


def _others(prefix: str, into: str, names: Iterable[str], seen: Iterable[QueueShown]) -> list[Fragment]:
    """Tombstones of the named queues that an audience does not see: another team's by now."""
    other = Queue.objects.filter(name__in=names).exclude(pk__in=[queue.pk for queue in seen])
    return [Fragment(f"{prefix}{pk}", into, of, None) for pk, of in other.values_list("pk", "version")]


def _summary(audience: Audience, every: Sequence[QueueShown], version: int) -> Fragment:
    content = html("queues/_summary.html", audience, {"queues": every, "version": version})
    return Fragment("queue-summary", "summary", version, content)


def summary_version() -> int:
    """Versions only grow and queues are never deleted: their sum is a version. It is that of all queues, so
    that it also grows for who sees only some, whichever these are by now."""
    return int(Queue.objects.aggregate(sum=Coalesce(Sum("version"), 0))["sum"])


def cell_versions(audience: Audience) -> list[tuple[str, int]]:
    found = Queue.objects.within(audience.teams).values_list("pk", "version")
    return [(f"q-{pk}", version) for pk, version in found] + [("queue-summary", summary_version())]


def _fragments(
    audience: Audience, queues: Iterable[QueueShown], prefix: str, into: str, template: str
) -> list[Fragment]:
    return [
        Fragment(f"{prefix}{queue.pk}", into, queue.version, html(template, audience, {"queue": queue}))
        for queue in queues
    ]


def _seen(audience: Audience, names: AbstractSet[str] | None = None) -> list[QueueShown]:
    found = Queue.objects.within(audience.teams)
    found = found if names is None else found.filter(name__in=names)
    return show.shown(found, full_numbers=audience.full_numbers)


class QueueList:
    """The list of the queues that an audience sees: one row each."""

    kind = "queues"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return self._rows(audience, _seen(audience))

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        names = {name for kind, name in changes if kind == "queue"}
        seen = _seen(audience, names)
        return [*self._rows(audience, seen), *_others("qr-", "queue-rows", names, seen)]

    def touches(self, key: str, change: Change) -> bool:
        return change[0] == "queue"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        seen = Queue.objects.within(audience.teams).values_list("pk", "version")
        return [(f"qr-{pk}", version) for pk, version in seen]

    def _rows(self, audience: Audience, shown: Iterable[QueueShown]) -> Sequence[Fragment]:
        return _fragments(audience, shown, "qr-", "queue-rows", "queues/_list_row.html")


class OneQueue:
    """The page of one queue, one fragment: `queue:<number>:<reach>`, with the reach of its chart."""

    kind = "queue"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and _one(audience, key) is not None

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        queue = _one(audience, key)
        if queue is None:
            return []
        reach = REACHES[_parts(key)[1]]
        whole = show.whole(queue, full_numbers=audience.full_numbers, reach=reach)
        content = html("queues/_page.html", audience, {"queue": whole})
        return [Fragment(_page(queue, reach.key), "queue", queue.version, content)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        # The poke names the queue, the address its number: only a read could tell whether it is this one.
        return change[0] == "queue"

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        queue = _one(audience, key)
        return [(_page(queue, _parts(key)[1]), queue.version)] if queue else []


def _one(audience: Audience, key: str) -> Queue | None:
    pk, reach = _parts(key)
    if reach not in REACHES:
        return None
    return Queue.objects.within(audience.teams).filter(pk=row_number(pk)).first()


def _parts(key: str) -> tuple[str, str]:
    """The queue's number and the reach of its chart."""
    pk, _, reach = key.partition(":")
    return pk, reach or THREE_HOURS.key


def _page(queue: Queue, reach: str) -> str:
    return f"queue-page-{queue.pk}-{reach}"
