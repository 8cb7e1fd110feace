"""What a queue did in any span of time, from the visits of its callers. Pure; docs/metrics.md has the words.

A visit (a `QueuedCall`) counts as *offered* in the span in which it began, and as answered, abandoned, timed
out, left or not known in the span in which it ended. So the figures of spans that follow each other add up,
whatever order the events came in, and a wait is never counted twice.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

STEP = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Outcome = Literal["answered", "abandoned", "timed_out", "left", "not_known"]

# Telnyx's `reason` of call.dequeued → what became of the caller. Any other, or none, is not known.
OUTCOMES: Mapping[str, Outcome] = {
    "bridged": "answered",
    "bridging-in-process": "answered",
    "hangup": "abandoned",
    "timeout": "timed_out",
    "leave": "left",
}
_MOST = frozenset({"highest", "longest"})


class Visit(Protocol):
    """One stay of a caller in the queue; `left_at` None: still waits."""

    @property
    def enqueued_at(self) -> datetime: ...
    @property
    def left_at(self) -> datetime | None: ...
    @property
    def left_because(self) -> str: ...
    @property
    def waited_seconds(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Goal:
    """Within how many seconds callers shall be answered, and below how many a hang-up is none of ours."""

    target: int
    short: int = 0


class Goals:
    """The goals of one queue as they changed: each counts from its moment on, the first from ever."""

    def __init__(self, since: Iterable[tuple[datetime, Goal]]) -> None:
        ordered = sorted(since, key=lambda pair: pair[0])
        self._moments, self._goals = [at for at, _ in ordered], [goal for _, goal in ordered]

    def at(self, moment: datetime) -> Goal:
        return self._goals[max(bisect_right(self._moments, moment) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and seconds that add up over spans; `highest` and `longest` are the most of any.

    `answered_in_time` of `answered`; `short`: hang-ups too early to count, in nothing else; the sums of
    seconds are of those answered and those abandoned; `highest` is how many waited at once, `longest` for how
    many seconds somebody had waited by the end of the span or when they left.
    """

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    short: int = 0
    timed_out: int = 0
    left: int = 0
    not_known: int = 0
    answer_seconds: int = 0
    abandon_seconds: int = 0
    highest: int = 0
    longest: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(**{name: _joined(name, self, other) for name in NAMES})

    @property
    def service_level(self) -> int | None:
        """Of those answered or abandoned, the percentage that was answered in time; None: of nobody."""
        served = self.answered + self.abandoned
        return round(100 * self.answered_in_time / served) if served else None

    @property
    def abandoned_percent(self) -> float | None:
        served = self.answered + self.abandoned
        return round(100 * self.abandoned / served, 1) if served else None

    @property
    def speed_of_answer(self) -> float | None:
        """Seconds that the answered waited on average."""
        return self.answer_seconds / self.answered if self.answered else None

    @property
    def abandon_time(self) -> float | None:
        """Seconds that the abandoned waited on average."""
        return self.abandon_seconds / self.abandoned if self.abandoned else None


NAMES = tuple(field.name for field in fields(Figures))


def _joined(name: str, one: Figures, other: Figures) -> int:
    mine, theirs = getattr(one, name), getattr(other, name)
    return int(max(mine, theirs) if name in _MOST else mine + theirs)


def total(some: Iterable[Figures]) -> Figures:
    return sum(some, Figures())


@dataclass(frozen=True, slots=True)
class Now:
    """Who waits at one moment: how many, the longest and the average wait in seconds."""

    waiting: int
    longest: float | None
    average: float | None


def now(visits: Iterable[Visit], at: datetime) -> Now:
    waits = [
        (at - visit.enqueued_at).total_seconds()
        for visit in visits
        if visit.enqueued_at <= at and (visit.left_at is None or at < visit.left_at)
    ]
    return Now(len(waits), max(waits, default=None), sum(waits) / len(waits) if waits else None)


def figures(visits: Iterable[Visit], start: datetime, end: datetime, goals: Goals) -> Figures:
    """What happened from `start` until just before `end`, which for a span that still runs is now."""
    found: Counter[str] = Counter()
    steps: list[tuple[datetime, int]] = []
    longest = 0
    for visit in visits:
        outcome = outcome_of(visit, goals)
        # A hang-up too early to count was never offered either.
        found["offered"] += outcome != "short" and start <= visit.enqueued_at < end
        if visit.left_at and start <= visit.left_at < end:
            _count_end(found, outcome, waited(visit), goals.at(visit.left_at).target)
        longest = max(longest, _longest(visit, start, end))
        steps += _steps(visit, start, end)
    return Figures(**found, highest=_highest(steps), longest=longest)


def _count_end(found: Counter[str], outcome: str, seconds: int, target: int) -> None:
    found[outcome] += 1
    if outcome == "answered":
        found["answered_in_time"] += seconds <= target
        found["answer_seconds"] += seconds
    elif outcome == "abandoned":
        found["abandon_seconds"] += seconds


def outcome_of(visit: Visit, goals: Goals) -> Outcome | Literal["short", ""]:
    """What became of the caller; "" while they wait."""
    if visit.left_at is None:
        return ""
    outcome = OUTCOMES.get(visit.left_because, "not_known")
    if outcome == "abandoned" and waited(visit) < goals.at(visit.left_at).short:
        return "short"
    return outcome


def waited(visit: Visit) -> int:
    """Whole seconds that somebody who left had waited: as Telnyx says, else between the two moments."""
    if visit.waited_seconds is not None:
        return visit.waited_seconds
    return round(((visit.left_at or visit.enqueued_at) - visit.enqueued_at).total_seconds())


def _longest(visit: Visit, start: datetime, end: datetime) -> int:
    """How long this caller had waited at the end of the span, or at leaving if that was in it."""
    until = min(visit.left_at or end, end)
    if until < start or visit.enqueued_at >= end or (visit.left_at and visit.left_at < start):
        return 0
    return max(0, int((until - visit.enqueued_at).total_seconds()))


def _steps(visit: Visit, start: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """How the number of waiting callers changes by this one within the span."""
    came, went = max(visit.enqueued_at, start), visit.left_at or end
    if came >= end or went <= came:
        return []
    return [(came, 1)] + ([(went, -1)] if went < end else [])


def _highest(steps: Iterable[tuple[datetime, int]]) -> int:
    """The most at once. Who leaves at the moment in which another comes did not wait beside them."""
    count = highest = 0
    for _, change in sorted(steps):
        count += change
        highest = max(highest, count)
    return highest


def floor(moment: datetime, step: timedelta = STEP) -> datetime:
    """The beginning of the interval that holds the moment. Every zone's offset is a multiple of the step."""
    return moment - (moment - EPOCH) % step


def intervals(
    visits: Iterable[Visit], start: datetime, end: datetime, goals: Goals
) -> dict[datetime, Figures]:
    """The figures of each interval that begins from `start` until before `end`, by its beginning; those in
    which nothing happened are left out. `start` is the beginning of one; the last may be cut by `end`."""
    inside: dict[datetime, list[Visit]] = defaultdict(list)
    for visit in visits:
        for begins in _touched(visit, start, end):
            inside[begins].append(visit)
    return {
        begins: figures(some, begins, min(begins + STEP, end), goals)
        for begins, some in sorted(inside.items())
    }


def _touched(visit: Visit, start: datetime, end: datetime) -> Iterator[datetime]:
    """The intervals in which the visit began, went on or ended."""
    begins, last = floor(max(visit.enqueued_at, start)), min(visit.left_at or end, end)
    while begins < end and begins <= last:
        yield begins
        begins += STEP


def regrouped(found: Mapping[datetime, Figures], begins: Sequence[datetime]) -> list[Figures]:
    """The figures of longer spans: each of `begins` takes what begins from it until before the next."""
    sums = [Figures()] * len(begins)
    for at, figures_of in found.items():
        place = bisect_right(begins, at) - 1
        if place >= 0:
            sums[place] += figures_of
    return sums
