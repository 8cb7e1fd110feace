"""One day of a queue in five-minute intervals, as the site's time zone has days: 23, 24 or 25 hours long."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Min
from django.utils import timezone

from queues import intervals, statistics
from queues.models import Aim, Queue, QueuedCall
from queues.statistics import STEP, Figures

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Five minutes or more. `figures` None: what happened is not known, at least not all of it."""

    begins: datetime
    ends: datetime
    figures: Figures | None
    aim: Queue | Aim

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour and minute of the reader's clock, and whether that hour comes the second time (0 or 1)."""
        local = timezone.localtime(self.begins)
        return local.hour, local.minute, local.fold

    @property
    def level(self) -> int | None:
        return self.figures.service_level if self.figures else None

    @property
    def is_below(self) -> bool:
        """Whether fewer than aimed at were answered in time."""
        return self.level is not None and self.level < self.aim.service_level_percent


@dataclass(frozen=True, slots=True)
class Day:
    """What is over of a day: until `until`, which is its end or now."""

    date: date
    start: datetime
    end: datetime
    until: datetime
    spans: Sequence[Span]

    @property
    def total(self) -> Figures:
        """Of what is known."""
        return statistics.total(span.figures for span in self.spans if span.figures)

    @property
    def not_known(self) -> list[Span]:
        return [span for span in self.spans if span.figures is None]

    @property
    def minutes_below(self) -> int:
        return sum(span.is_below for span in self.spans) * int(STEP.total_seconds() // 60)


def until_the_same(day: Day, other: Day) -> Day:
    """Of another day what was over by the time of the clock at which this one is: halves are no wholes."""
    if day.until >= day.end or not day.spans:
        return other
    last = day.spans[-1].clock
    return replace(other, spans=[span for span in other.spans if span.clock <= last])


def bounds(day: date) -> tuple[datetime, datetime]:
    """When the day begins and ends where the reader is."""
    zone = timezone.get_current_timezone()
    start, end = (datetime.combine(at, time(), zone).astimezone(UTC) for at in (day, day + A_DAY))
    return start, end


def of(queue: Queue, day: date, now: datetime) -> Day:
    start, end = bounds(day)
    until = max(min(end, now), start)
    found = intervals.of([queue], start, until)[queue.pk] if until > start else {}
    unknown = intervals.unknown(start, until)
    aims = Aims(queue)
    begins = [start + number * STEP for number in range(-(-(until - start) // STEP))]
    spans = [
        Span(at, at + STEP, None if at in unknown else found.get(at, Figures()), aims.at(at)) for at in begins
    ]
    return Day(day, start, end, until, spans)


class Aims:
    """A queue's aims as they were at each moment."""

    def __init__(self, queue: Queue) -> None:
        self._every: list[Queue | Aim] = list(queue.aims.all()) or [queue]
        self._since = [aim.since for aim in self._every[1:] if isinstance(aim, Aim)]

    def at(self, moment: datetime) -> Queue | Aim:
        return self._every[bisect_right(self._since, moment)]


def known_from(queue: Queue) -> datetime | None:
    """When the first caller came that we know of."""
    found: datetime | None = QueuedCall.objects.filter(queue=queue).aggregate(at=Min("enqueued_at"))["at"]
    return found


def regrouped(spans: Sequence[Span], minutes: int) -> list[Span]:
    """Longer spans: one of which a part is not known is not known."""
    size = max(minutes * 60 // int(STEP.total_seconds()), 1)
    return [_joined(spans[place : place + size]) for place in range(0, len(spans), size)]


def _joined(some: Sequence[Span]) -> Span:
    known = [span.figures for span in some if span.figures is not None]
    figures = statistics.total(known) if len(known) == len(some) else None
    return Span(some[0].begins, some[-1].ends, figures, some[-1].aim)


# --- another day beside it ---------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Beside:
    """What one span is compared with: the mean of as many days as know of it; None: none does."""

    waiting: float | None
    level: int | None


NOTHING = Beside(None, None)


def beside(spans: Iterable[Span], others: Sequence[Sequence[Span]]) -> list[Beside]:
    """For each span what those at the same time of the clock were, also where a clock was put on or back."""
    clocks = [{span.clock: span for span in other} for other in others]
    return [_beside([found for clock in clocks if (found := _same(span, clock))]) for span in spans]


def _same(span: Span, clock: Mapping[tuple[int, int, int], Span]) -> Span | None:
    return clock.get(span.clock) or clock.get((*span.clock[:2], 0))


def _beside(some: Sequence[Span]) -> Beside:
    known = [span.figures for span in some if span.figures is not None]
    if not known:
        return NOTHING
    highest = sum(figures.highest for figures in known) / len(known)
    return Beside(round(highest, 1), statistics.total(known).service_level)
