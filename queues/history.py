"""The history page's values: one day of a queue, drawn, in a table, and beside other days.

Everything is as it was on that day, the targets too. What is not known is left out of every sum and said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from queues import charts, days, statistics
from queues.charts import Bar, Frame, Rule, Scale, Value
from queues.days import Beside, Day, Span
from queues.drawings import Tick
from queues.models import Queue

STEPS = {"5": "5 min", "15": "15 min", "60": "1 h"}
WEEK = timedelta(days=7)
SHORTEST = 4 * 12  # intervals that are drawn at least
IN_HOUR = 12
LEFT, RIGHT = 46.0, 946.0
TICK_WIDTH = 44.0
PLOTS = ((30, 176), (214, 360), (398, 528))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for. `trouble`: why there is no such day, in words."""

    day: date
    step: str = "5"
    compare: str = "week"
    trouble: str = ""

    @property
    def others(self) -> list[date]:
        """The days to compare with."""
        count = {"week": 1, "mean": 4}.get(self.compare, 0)
        return [self.day - WEEK * number for number in range(1, count + 1)]

    def address(self, **changes: Any) -> str:
        """The same page with something else chosen, as a query."""
        values: dict[str, str] = {"day": self.day.isoformat(), "step": self.step, "compare": self.compare}
        values |= {name: str(value) for name, value in changes.items()}
        return "?" + "&".join(f"{name}={value}" for name, value in values.items())


def chosen(query: Mapping[str, str], today: date) -> Chosen:
    step = query.get("step", "5") if query.get("step") in STEPS else "5"
    compare = query.get("compare", "week") if query.get("compare") in {"week", "mean", "none"} else "week"
    text = query.get("day", "")
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return Chosen(today, step, compare, f"There is no day “{text[:40]}”.")
    if not 2000 <= day.year <= today.year + 100:
        return Chosen(today, step, compare, f"There is nothing to show of {day:%Y}.")
    trouble = f"{named(day, today)} has not come yet." if day > today else ""
    return Chosen(day, step, compare, trouble)


def named(day: date, today: date, *, weekday: bool = True) -> str:
    """`Thu 19 Nov`, with the year only if another."""
    return date_format(day, ("D " if weekday else "") + ("j M" if day.year == today.year else "j M Y"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table, which is one column of the charts."""

    span: Span
    beside: Beside


@dataclass(frozen=True, slots=True)
class Hatch:
    """A part of the axis of which nothing is known."""

    x: float
    width: float
    words: str
    word_x: float
    at_end: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Three plots over one axis: their scales as rules, their lines as paths."""

    columns: int
    rules: Sequence[Rule]
    waiting: str
    waiting_beside: str
    limit: str
    limit_rule: Rule
    bars: Sequence[Bar]
    level: str
    level_bad: str
    level_beside: str
    target: str
    target_rule: Rule
    hatches: Sequence[Hatch]
    ticks: Sequence[Tick]


def lines(day: Day, others: Sequence[Day], step: str) -> list[Line]:
    """From the first to the last hour in which somebody called on this day or on one beside it."""
    first, last = _drawn(day, others)
    minutes = int(step)
    spans = days.regrouped(day.spans[first:last], minutes)
    beside = days.beside(spans, [days.regrouped(other.spans, minutes) for other in others])
    return [Line(span, other) for span, other in zip(spans, beside, strict=True)]


def _drawn(day: Day, others: Sequence[Day]) -> tuple[int, int]:
    """Whole hours of the day, as numbers of its intervals."""
    busy = [place for one in (day, *others) for place, span in enumerate(one.spans) if _says(span)]
    first = min(busy, default=0) // IN_HOUR * IN_HOUR
    last = max(-(-(max(busy, default=len(day.spans)) + 1) // IN_HOUR) * IN_HOUR, first + SHORTEST)
    first = max(0, min(first, len(day.spans) - SHORTEST) // IN_HOUR * IN_HOUR)
    return first, last


def _says(span: Span) -> bool:
    figures = span.figures
    return figures is None or bool(figures.offered or figures.answered or figures.highest)


@dataclass(frozen=True, slots=True)
class Mean:
    """What the days beside this one came to, on average."""

    offered: int
    answered: int
    service_level: int | None
    minutes_below: int


def mean(others: Sequence[Day]) -> Mean | None:
    if not others:
        return None
    totals, count = [other.total for other in others], len(others)
    return Mean(
        offered=round(sum(total.offered for total in totals) / count),
        answered=round(sum(total.answered for total in totals) / count),
        service_level=statistics.total(totals).service_level,
        minutes_below=round(sum(other.minutes_below for other in others) / count),
    )


def worst(day: Day, name: str) -> Span | None:
    """The first span in which the figure of this name was highest; None if it was always 0."""
    known = [span for span in day.spans if span.figures and getattr(span.figures, name)]
    return max(known, key=lambda span: getattr(span.figures, name), default=None)


def sentence(day: Day, name: str) -> str:
    """The charts in one sentence."""
    total, most = day.total, worst(day, "highest")
    waited = f"most waited at {_clock(most.begins)}, {total.highest}" if most else "nobody waited"
    level = "" if total.service_level is None else f", service level {total.service_level}%"
    ended = f"{total.answered} answered, {total.abandoned} abandoned{level}"
    unknown = len(day.not_known)
    return f"{name}: {waited}; {ended}" + (f"; {unknown} intervals are not known." if unknown else ".")


def draw(shown: Sequence[Line]) -> Drawing:
    """The charts of these lines, at least one."""
    frames = [Frame(LEFT, RIGHT, top, bottom, len(shown)) for top, bottom in PLOTS]
    above, middle, below = frames
    waiting, ended, level = _scales(shown)
    highest = _values(shown, "highest")
    levels: list[Value] = [line.span.level for line in shown]
    limits: list[Value] = [line.span.aim.waiting_limit for line in shown]
    targets: list[Value] = [line.span.aim.service_level_percent for line in shown]
    return Drawing(
        columns=len(shown),
        rules=charts.rules(above, waiting) + charts.rules(middle, ended) + charts.rules(below, level, "%"),
        waiting=charts.stepped(highest, above, waiting),
        waiting_beside=charts.stepped([line.beside.waiting for line in shown], above, waiting),
        limit=charts.stepped(limits, above, waiting),
        limit_rule=Rule(above.y(limits[-1] or 0, waiting), f"limit {limits[-1]}"),
        bars=charts.bars(_values(shown, "answered"), _values(shown, "abandoned"), middle, ended),
        level=charts.stepped(levels, below, level),
        level_bad=charts.stepped([_bad(line) for line in shown], below, level),
        level_beside=charts.stepped([line.beside.level for line in shown], below, level),
        target=charts.stepped(targets, below, level),
        target_rule=Rule(below.y(targets[-1] or 0, level), f"target {targets[-1]}%"),
        hatches=_hatches(shown, above),
        ticks=_ticks(shown, above),
    )


def _values(shown: Sequence[Line], name: str) -> list[Value]:
    return [getattr(line.span.figures, name) if line.span.figures else None for line in shown]


def _scales(shown: Sequence[Line]) -> tuple[Scale, Scale, Scale]:
    known = [line.span.figures for line in shown if line.span.figures]
    limit = max(line.span.aim.waiting_limit for line in shown)
    waited = [found.highest for found in known] + [line.beside.waiting or 0 for line in shown]
    ended = [found.answered + found.abandoned for found in known]
    levels = [line.span.level for line in shown] + [line.beside.level for line in shown]
    return (
        charts.counting(max(*waited, limit + 1, 4)),
        charts.counting(max([*ended, 4])),
        charts.percent(min([found for found in levels if found is not None], default=60)),
    )


def _bad(line: Line) -> Value:
    """A service level from 5 points below its target."""
    level, target = line.span.level, line.span.aim.service_level_percent
    return level if level is not None and level <= target - 5 else None


def _hatches(shown: Sequence[Line], frame: Frame) -> list[Hatch]:
    found = []
    for first, last in _runs([line.span.figures is None for line in shown]):
        begins, ends = shown[first].span.begins, shown[last].span.ends
        x, end = frame.x(first), frame.x(last + 1)
        late = end > (LEFT + RIGHT) * 0.7
        words = f"{_clock(begins)} – {_clock(ends)} not known"
        found.append(Hatch(x, round(end - x, 1), words, x - 5 if late else end + 5, late))
    return found


def _runs(marks: Sequence[bool]) -> list[tuple[int, int]]:
    """The first and last place of each run of True."""
    starts = [at for at, mark in enumerate(marks) if mark and not (at and marks[at - 1])]
    ends = [at for at, mark in enumerate(marks) if mark and not (at + 1 < len(marks) and marks[at + 1])]
    return list(zip(starts, ends, strict=True))


def _ticks(shown: Sequence[Line], frame: Frame) -> list[Tick]:
    """Each whole hour, or each second where there are many, and the end; none whose words would meet."""
    hours = [column for column, line in enumerate(shown) if timezone.localtime(line.span.begins).minute == 0]
    every = 1 if len(hours) <= 13 else 2
    ticks = [Tick(frame.x(column), _clock(shown[column].span.begins)) for column in hours[::every]]
    end = Tick(frame.right, _clock(shown[-1].span.ends))
    return [*(tick for tick in ticks if end.x - tick.x >= TICK_WIDTH), end]


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


# --- as a file ------------------------------------------------------------------------------------------
COLUMNS = (
    *("queue", "from", "to", "known", "offered", "answered", "answered_in_time", "service_level_percent"),
    *("abandoned", "short_abandons", "timed_out", "left", "not_known"),
    *("average_speed_of_answer_seconds", "average_abandon_seconds", "most_waiting", "longest_wait_seconds"),
    *("wait_target_seconds", "service_level_target_percent"),
)


def rows(queue: Queue, spans: Sequence[Span]) -> list[dict[str, Any]]:
    """The day for a file, in the reader's zone with its offset; cells of what is not known are empty."""
    return [_row(queue, span) for span in spans]


def _row(queue: Queue, span: Span) -> dict[str, Any]:
    begins, ends = (timezone.localtime(at).isoformat(timespec="minutes") for at in (span.begins, span.ends))
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {
        "queue": queue.name,
        "from": begins,
        "to": ends,
        "known": "yes" if span.figures else "no",
        "wait_target_seconds": span.aim.wait_target_seconds,
        "service_level_target_percent": span.aim.service_level_percent,
    }
    figures = span.figures
    if figures is None:
        return row
    same = ("offered", "answered", "answered_in_time", "abandoned", "timed_out", "left", "not_known")
    return (
        row
        | {name: getattr(figures, name) for name in same}
        | {
            "service_level_percent": figures.service_level,
            "short_abandons": figures.short,
            "average_speed_of_answer_seconds": _tenth(figures.speed_of_answer),
            "average_abandon_seconds": _tenth(figures.abandon_time),
            "most_waiting": figures.highest,
            "longest_wait_seconds": figures.longest,
        }
    )


def _tenth(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
