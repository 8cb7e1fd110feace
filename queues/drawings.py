"""The small charts of queues: the strip's line of the last hour, and the page's of some hours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from queues import charts
from queues.charts import Bar, Frame, Rule
from queues.reaches import Reach
from queues.statistics import Figures

Chart = Sequence[tuple[datetime, Figures | None]]
IN_HOUR = 12
LINE = Frame(1, 87, 3, 23, IN_HOUR)  # eleven spans between twelve intervals, and one to now
LEFT, RIGHT = 26, 400


@dataclass(frozen=True, slots=True)
class LastHour:
    """How many waited at most in each of the last twelve intervals, and now at the end."""

    points: str
    area: str
    end_y: float
    label: str


def last_hour(chart: Chart, waiting: int) -> LastHour:
    values: list[charts.Value] = [*_of(chart[-IN_HOUR:], "highest"), waiting]
    most = max(value for value in values if value is not None)
    scale = charts.counting(max(most, 3))
    points = charts.points(values, LINE, scale)
    area = f"{LINE.left},{LINE.bottom + 1} {points} {LINE.right},{LINE.bottom + 1}"
    label = f"Waiting in the last hour: {most:g} at most, {waiting} now."
    return LastHour(points, area, LINE.y(waiting, scale), label)


@dataclass(frozen=True, slots=True)
class Tick:
    """A word under the axis of time."""

    x: float
    word: str


@dataclass(frozen=True, slots=True)
class Recent:
    """The page's chart: a stepped line of who waited, bars of who was answered and who gave up."""

    reach: Reach
    waiting_rules: Sequence[Rule]
    ended_rules: Sequence[Rule]
    line: str
    limit: Rule | None
    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    label: str
    hatches: Sequence[float]
    width: float
    rows: Chart


def recent(chart: Chart, reach: Reach, limit: int) -> Recent:
    """Of the columns from the first of the reach on; those that have yet to come stay empty."""
    known = [found for _, found in chart if found]
    values, answered, abandoned = (_of(chart, name) for name in ("highest", "answered", "abandoned"))
    begins, ends = reach.bounds(chart[0][0])
    columns = (ends - begins) // reach.step
    above, below = Frame(LEFT, RIGHT, 12, 82, columns), Frame(LEFT, RIGHT, 104, 202, columns)
    waiting = charts.counting(max([*(found.highest for found in known), limit + 1, 4]))
    ended = charts.counting(max([*(found.answered + found.abandoned for found in known), 4]))
    return Recent(
        reach=reach,
        waiting_rules=charts.rules(above, waiting),
        ended_rules=charts.rules(below, ended),
        line=charts.stepped(values, above, waiting),
        limit=Rule(above.y(limit, waiting), f"limit {limit}"),
        bars=charts.bars(answered, abandoned, below, ended),
        ticks=_ticks(chart[0][0], reach, above),
        label=_label(known, len(chart) - len(known), reach),
        hatches=[above.x(place) for place, (_, found) in enumerate(chart) if found is None],
        width=round(above.width, 1),
        rows=list(reversed(chart)),
    )


def _ticks(first: datetime, reach: Reach, frame: Frame) -> list[Tick]:
    """The beginning, each so many columns after it, and the end: none so near to it that they would touch."""
    places = [
        place for place in range(0, frame.columns, reach.every) if frame.columns - place > reach.every / 2
    ]
    return [
        Tick(frame.x(place), f"{timezone.localtime(first + place * reach.step):%H:%M}")
        for place in (*places, frame.columns)
    ]


def _of(chart: Chart, name: str) -> list[charts.Value]:
    return [getattr(found, name) if found else None for _, found in chart]


def _label(known: Sequence[Figures], unknown: int, reach: Reach) -> str:
    most = max((found.highest for found in known), default=0)
    answered, abandoned = (sum(getattr(found, name) for found in known) for name in ("answered", "abandoned"))
    said = f"{reach.said} {most} waited at most, {answered} were answered, {abandoned} gave up"
    return said + (f"; {unknown} intervals are not known." if unknown else ".")
