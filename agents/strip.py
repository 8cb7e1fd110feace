"""An agent's day drawn by the hour, for SVG, and as the rows of a table that tell the same. Pure.

What goes on has a place and no length here: the browser draws it as long as it is by now, and shows an hour
when it begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from agents.day import Day, Doing, Piece

HOUR = timedelta(hours=1)
# Where the bar of each begins in a line 16 high, and its height.
_SHAPES = {Doing.TALK: (0, 16), Doing.HOLD: (0.5, 15), Doing.AFTER: (11, 5)}


@dataclass(frozen=True, slots=True)
class Mark:
    """What they did in an hour: where it begins and how wide it is, in percent of the hour."""

    doing: Doing
    x: float
    width: float

    @property
    def y(self) -> float:
        return _SHAPES[self.doing][0]

    @property
    def height(self) -> float:
        return _SHAPES[self.doing][1]


@dataclass(frozen=True, slots=True)
class Line:
    """One hour, or what is left of the day. `running` goes on in it since `running_from`, without a width.
    `begun`: something is known of it or of a later one, so that it has, whatever the time is."""

    begins: datetime
    ends: datetime
    word: str
    begun: bool
    marks: Sequence[Mark]
    running: Mark | None
    running_from: datetime


@dataclass(frozen=True, slots=True)
class Strip:
    """A line for each hour of the day from the first call on, and what happened, newest first."""

    label: str
    lines: Sequence[Line]
    pieces: Sequence[Piece]


def strip(day: Day, start: datetime, end: datetime) -> Strip | None:
    """The day from that midnight until the next; None: nothing happened on it."""
    if not day.pieces:
        return None
    first, last = day.pieces[0], day.pieces[-1]
    hours = [(begins, ends) for begins, ends in _hours(start, end) if ends > first.since]
    known = last.until or last.since
    lines = [_line(begins, ends, begins <= known, day) for begins, ends in hours]
    calls = f"{day.calls} call{'' if day.calls == 1 else 's'}"
    label = f"Today by the hour, from {lines[0].word}: {calls}. The table below tells the same."
    return Strip(label, lines, list(reversed(day.pieces)))


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """They pass in UTC: where the clock is put on or back a day has 23 or 25 of them."""
    begins, last = start.astimezone(UTC), end.astimezone(UTC)
    while begins < last:
        yield begins, min(begins + HOUR, last)
        begins += HOUR


def _line(begins: datetime, ends: datetime, begun: bool, day: Day) -> Line:
    running = day.running if day.running and day.running.since < ends else None
    running_from = max(running.since, begins) if running else begins
    return Line(
        begins=begins,
        ends=ends,
        word=_word(begins),
        begun=begun,
        marks=[_mark(piece, begins, ends) for piece in day.pieces if _is_in(piece, begins, ends)],
        running=Mark(running.doing, _x(running_from, begins), 0) if running else None,
        running_from=running_from,
    )


def _word(begins: datetime) -> str:
    """`02:00`; with the zone's own name for it where the clock shows that hour twice."""
    here = timezone.localtime(begins)
    beside = {f"{timezone.localtime(begins + by):%H:%M}" for by in (-HOUR, HOUR)}
    return f"{here:%H:%M %Z}" if f"{here:%H:%M}" in beside else f"{here:%H:%M}"


def _is_in(piece: Piece, begins: datetime, ends: datetime) -> bool:
    return piece.until is not None and piece.since < ends and piece.until > begins


def _mark(piece: Piece, begins: datetime, ends: datetime) -> Mark:
    """Rounded by its edges, so that what touches in time touches on the screen."""
    x, right = _x(max(piece.since, begins), begins), _x(min(piece.until or ends, ends), begins)
    return Mark(piece.doing, x, round(right - x, 2))


def _x(at: datetime, begins: datetime) -> float:
    return round((at - begins) / HOUR * 100, 2)
