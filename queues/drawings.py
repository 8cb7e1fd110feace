"""The small charts of queues: the strip's line of the last hour, and the page's three hours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from queues import charts
from queues.charts import Bar, Frame, Rule
from queues.statistics import STEP, Figures

Chart = Sequence[tuple[datetime, Figures | None]]
IN_HOUR = 12
LINE = Frame(1, 87, 3, 23, IN_HOUR)  # eleven spans between twelve intervals, and one to now
WAITING, ENDED = Frame(26, 400, 12, 82, 36), Frame(26, 400, 104, 202, 36)


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
class ThreeHours:
    """The page's chart: a stepped line of who waited, bars of who was answered and who gave up."""

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


def three_hours(chart: Chart, limit: int) -> ThreeHours:
    known = [found for _, found in chart if found]
    waiting, answered, abandoned = (_of(chart, name) for name in ("highest", "answered", "abandoned"))
    scale = charts.counting(max([*(found.highest for found in known), limit + 1, 4]))
    bars = charts.counting(max([*(found.answered + found.abandoned for found in known), 4]))
    return ThreeHours(
        waiting_rules=charts.rules(WAITING, scale),
        ended_rules=charts.rules(ENDED, bars),
        line=charts.stepped(waiting, WAITING, scale),
        limit=Rule(WAITING.y(limit, scale), f"limit {limit}"),
        bars=charts.bars(answered, abandoned, ENDED, bars),
        ticks=_ticks(chart),
        label=_label(known, len(chart) - len(known)),
        hatches=[WAITING.x(place) for place, (_, found) in enumerate(chart) if found is None],
        width=round(WAITING.width, 1),
        rows=list(reversed(chart)),
    )


def _ticks(chart: Chart) -> list[Tick]:
    """The beginning, each hour after it, and the end."""
    places = [*range(0, len(chart), IN_HOUR), len(chart)]
    return [
        Tick(WAITING.x(place), f"{timezone.localtime(chart[0][0] + place * STEP):%H:%M}") for place in places
    ]


def _of(chart: Chart, name: str) -> list[charts.Value]:
    return [getattr(found, name) if found else None for _, found in chart]


def _label(known: Sequence[Figures], unknown: int) -> str:
    most = max((found.highest for found in known), default=0)
    answered, abandoned = (sum(getattr(found, name) for found in known) for name in ("answered", "abandoned"))
    said = f"In the last 3 hours {most} waited at most, {answered} were answered, {abandoned} gave up"
    return said + (f"; {unknown} intervals are not known." if unknown else ".")
