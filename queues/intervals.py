"""Five-minute figures of queues: kept in rows by the worker, and always exact when they are asked for.

Rows tell only what is over: whatever a late event touched is told from the stays themselves until the worker
has written it anew (`Queue.stale_since`), and so is what somebody still waits through. A page therefore shows
the same before and after the worker came by.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q

from queues.models import AIMS, Aim, Gap, Interval, Queue, QueuedCall
from queues.statistics import EPOCH, NAMES, STEP, Figures, Goal, Goals, floor, intervals
from telephony import rows

ByBeginning = dict[datetime, Figures]

SPAN = timedelta(days=1)  # written down in one transaction


def of(queues: Sequence[Queue], start: datetime, end: datetime) -> dict[int, ByBeginning]:
    """Each queue's figures by the beginning of their intervals, from `start` (the beginning of one) until
    before `end`. Intervals without a caller are left out."""
    fresh = _fresh_from(queues, end)
    found: dict[int, ByBeginning] = {queue.pk: {} for queue in queues}
    for row in Interval.objects.filter(queue__in=queues, begins__gte=start, begins__lt=end):
        if row.begins < fresh[row.queue_id]:
            found[row.queue_id][row.begins] = row.figures
    visits = _visits(queues, max(start, min(fresh.values(), default=end)), end)
    known = goals(queues)
    for queue in queues:
        begin = max(start, fresh[queue.pk])
        found[queue.pk] |= intervals(visits[queue.pk], begin, end, known[queue.pk])
    return found


def _fresh_from(queues: Sequence[Queue], end: datetime) -> dict[int, datetime]:
    """From which interval on the stays are asked: nothing stored counts from there on."""
    waiting = QueuedCall.objects.filter(queue__in=queues, left_at=None).order_by()
    oldest = dict(waiting.values_list("queue").annotate(Min("enqueued_at")))
    return {
        queue.pk: floor(min(at for at in (queue.stale_since, oldest.get(queue.pk), end) if at))
        for queue in queues
    }


def _visits(queues: Sequence[Queue], start: datetime, end: datetime) -> Mapping[int, list[QueuedCall]]:
    """Who waited in these queues at any time of the span."""
    found: dict[int, list[QueuedCall]] = defaultdict(list)
    there = Q(left_at=None) | Q(left_at__gte=start)
    rows_of = QueuedCall.objects.filter(there, queue__in=queues, enqueued_at__lt=end).order_by()
    for visit in rows_of.only("queue_id", "enqueued_at", "left_at", "left_because", "waited_seconds"):
        found[visit.queue_id].append(visit)
    return found


def goals(queues: Iterable[Queue]) -> dict[int, Goals]:
    """What each queue was aimed at, as it changed."""
    changed: dict[int, list[tuple[datetime, Goal]]] = defaultdict(list)
    every = list(queues)
    for aim in Aim.objects.filter(queue__in=every):
        changed[aim.queue_id].append((aim.since, _goal(aim)))
    return {queue.pk: Goals(changed[queue.pk] or [(EPOCH, _goal(queue))]) for queue in every}


def _goal(aims: Queue | Aim) -> Goal:
    return Goal(aims.wait_target_seconds, aims.short_abandon_seconds)


def aimed(queue: Queue, at: datetime) -> Queue | Aim:
    """The queue's aims as they were at that moment."""
    return queue.aims.filter(since__lte=at).last() or queue.aims.first() or queue


def note_aims(queue: Queue, before: Mapping[str, object], now: datetime) -> None:
    """Keep what counts from now on, and at the first change what counted before. `before`: changed fields."""
    values = {name: getattr(queue, name) for name in AIMS}
    if not queue.aims.exists():
        Aim.objects.create(queue=queue, since=EPOCH, **{**values, **before})
    Aim.objects.create(queue=queue, since=now, **values)


# --- the worker's part --------------------------------------------------------------------------------
def keep(now: datetime) -> int:
    """Write down the intervals of which something changed, of each queue a span of `SPAN` at most. Returns
    how many queues have more: until then pages ask the stays themselves."""
    due = list(Queue.objects.filter(stale_since__isnull=False).values_list("pk", flat=True))
    return sum(_keep(pk, now) for pk in due)


def _keep(pk: int, now: datetime) -> bool:
    """The row is locked, so that no stay changes between the look at them and the note of what is known.

    One span alone, because nobody else writes meanwhile (SQLite), or nobody in this queue (PostgreSQL): an
    event that comes a year late would hold up the webhooks for as long as a hundred thousand rows take.
    """
    with transaction.atomic():
        queue = Queue.objects.select_for_update().get(pk=pk)
        if not queue.stale_since:
            return False
        start, last = floor(queue.stale_since), max(now, queue.stale_since + STEP)
        end = start + SPAN if start + SPAN < last else None
        stale = Interval.objects.filter(queue=queue, begins__gte=start)
        (stale.filter(begins__lt=end) if end else stale).delete()
        _write(queue, start, end or last)
        Queue.objects.filter(pk=pk).update(stale_since=end)
        return end is not None


def _write(queue: Queue, start: datetime, end: datetime) -> None:
    """Make new rows, from `start` until before `end`, of what the stays say."""
    visits = _visits([queue], start, end)[queue.pk]
    told = intervals(visits, start, end, goals([queue])[queue.pk])
    rows.insert(Interval, [_row(queue, begins, figures) for begins, figures in told.items()])


def _row(queue: Queue, begins: datetime, figures: Figures) -> Interval:
    values = {name: getattr(figures, name) for name in NAMES}
    return Interval(queue_id=queue.pk, begins=begins, **values)


def remake(now: datetime) -> None:
    """All intervals of all queues again from the stays: a part of making everything again."""
    Interval.objects.all().delete()
    first = QueuedCall.objects.order_by().values_list("queue").annotate(Min("enqueued_at"))
    begun = dict(first)
    for queue in Queue.objects.filter(pk__in=begun):
        _write(queue, floor(begun[queue.pk]), now)
    Queue.objects.update(stale_since=None)


def unknown(start: datetime, until: datetime) -> set[datetime]:
    """The beginnings of the intervals of which a gap holds a part."""
    gaps = Gap.objects.filter(since__lt=until, until__gt=start)
    return set().union(*(_overlapped(max(gap.since, start), gap.until) for gap in gaps))


def _overlapped(since: datetime, until: datetime) -> set[datetime]:
    """The beginnings of the intervals that a span touches."""
    found, begins = set(), floor(since)
    while begins < until:
        found.add(begins)
        begins += STEP
    return found
