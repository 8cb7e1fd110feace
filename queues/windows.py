"""Spans of time that move: the last 30 minutes, the last hour, the last 3 or 8 hours, today.

A fragment of one version is always the same html, so no span may be counted back from the moment in which
it happens to be rendered. It is counted back from `Queue.figures_at`, a whole minute that only grows: each
change of a queue takes it along, and the worker's minute (`tick`) moves it where the figures of some page do
so, as any other change with a new version and a poke.
"""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from queues import intervals, statistics
from queues.models import Queue, QueuedCall, this_minute
from queues.reaches import THREE_HOURS, Reach
from queues.statistics import STEP, Figures, Goals, Visit, floor
from telephony.projection import Change

LATELY, HOUR = timedelta(minutes=30), timedelta(hours=1)
GONE = timedelta(minutes=15)  # how long the page lists who left


@dataclass(frozen=True, slots=True)
class Windows:
    """One queue's figures of the spans that pages show. `chart` has each interval of the last 3 hours, oldest
    first, with the one that still runs; None: not known. So many of today's are not: `today` is without them.
    """

    today: Figures
    lately: Figures
    hour: Figures
    chart: Sequence[tuple[datetime, Figures | None]]
    unknown: int


def midnight(at: datetime) -> datetime:
    """When that day began in the site's time zone."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def of(queues: Sequence[Queue]) -> dict[int, Windows]:
    """The figures of these queues as of the minute that each of them is at."""
    if not queues:
        return {}
    first = min(min(midnight(queue.figures_at), _chart_from(queue)) for queue in queues)
    end = max(queue.figures_at for queue in queues) + STEP
    stored, recent = intervals.of(queues, floor(first), end), _recent(queues)
    goals, unknown = intervals.goals(queues), intervals.unknown(floor(first), end)
    return {
        queue.pk: _one(queue, stored[queue.pk], recent[queue.pk], goals[queue.pk], unknown)
        for queue in queues
    }


def _chart_from(queue: Queue) -> datetime:
    return THREE_HOURS.bounds(queue.figures_at)[0]


def _recent(queues: Sequence[Queue]) -> dict[int, list[Visit]]:
    """Who waited at any time of the last hour."""
    first = min(queue.figures_at for queue in queues) - HOUR
    found: dict[int, list[Visit]] = defaultdict(list)
    there = QueuedCall.objects.filter(Q(left_at=None) | Q(left_at__gte=first), queue__in=queues).order_by()
    for visit in there.only("queue_id", "enqueued_at", "left_at", "left_because", "waited_seconds"):
        found[visit.queue_id].append(visit)
    return found


def _one(
    queue: Queue,
    stored: intervals.ByBeginning,
    recent: Sequence[Visit],
    goals: Goals,
    unknown: Set[datetime],
) -> Windows:
    """What is newer than the minute counts too: a clock of Telnyx's may be a little ahead of ours."""
    begins, now = midnight(queue.figures_at), queue.figures_at
    drawn = _steps(_chart_from(queue), now)
    return Windows(
        today=statistics.total(found for at, found in stored.items() if at >= begins and at not in unknown),
        lately=statistics.figures(recent, now - LATELY, now + STEP, goals),
        hour=statistics.figures(recent, now - HOUR, now + STEP, goals),
        chart=[(at, None if at in unknown else stored.get(at, Figures())) for at in drawn],
        unknown=sum(begins <= at <= now for at in unknown),
    )


def _steps(first: datetime, now: datetime) -> list[datetime]:
    """The beginnings of the intervals from the first to the one that runs."""
    return [first + number * STEP for number in range((floor(now) - first) // STEP + 1)]


def chart(queue: Queue, reach: Reach) -> list[tuple[datetime, Figures | None]]:
    """The columns of the queue's chart, oldest first, until the one that runs; None: not wholly known."""
    (first, _), end = reach.bounds(queue.figures_at), queue.figures_at + STEP
    stored, unknown = intervals.of([queue], first, end)[queue.pk], intervals.unknown(first, end)
    steps = _steps(first, queue.figures_at)
    columns = [steps[place : place + reach.size] for place in range(0, len(steps), reach.size)]
    return [(column[0], _column(column, stored, unknown)) for column in columns]


def _column(
    column: Sequence[datetime], stored: intervals.ByBeginning, unknown: Set[datetime]
) -> Figures | None:
    if not unknown.isdisjoint(column):
        return None
    return statistics.total(stored.get(at, Figures()) for at in column)


# --- the worker's part --------------------------------------------------------------------------------
def tick() -> set[Change]:
    """Take the queues along whose figures move with this minute. Returns what changed, for the poke after it.

    Every five minutes all charts move on, and at midnight all of today's figures; between them only the spans
    of queues that somebody came to or left within the longest of those that move by the minute.
    """
    now = this_minute()
    behind = Queue.objects.filter(figures_at__lt=now)
    with transaction.atomic():
        moved = [queue for queue in behind.order_by("name").select_for_update() if _moves(queue, now)]
        Queue.objects.filter(pk__in=[queue.pk for queue in moved]).update(
            figures_at=now, version=F("version") + 1
        )
    return {("queue", queue.name) for queue in moved}


def _moves(queue: Queue, now: datetime) -> bool:
    if floor(queue.figures_at) != floor(now):
        return True
    since = queue.figures_at - HOUR
    there = Q(enqueued_at__gte=since) | Q(left_at__gte=since)
    return QueuedCall.objects.filter(there, queue=queue).exists()
