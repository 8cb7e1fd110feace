"""An agent's day drawn by the hour, for SVG, and as the rows of a table that tell the same. Pure.

What goes on has a place and no length here: the browser draws it as long as it is by now, and shows an hour
when it begins.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from agents.day import Day, Doing, Piece

HOUR = timedelta(hours=1)
# Where the bar of each begins in a line 16 high, and its height.
_SHAPES = {Doing.TALK: (0, 16), Doing.HOLD: (0.5, 15), Doing.AFTER: (11, 5)}
_WORDS = {Doing.TALK: "On a call", Doing.HOLD: "On hold", Doing.AFTER: "After-call"}
# Of who supervised: the widest is drawn last, over the others.
_WIDTHS = ("monitor", "whisper", "barge")


@dataclass(frozen=True, slots=True)
class Ear:
    """While somebody supervised them: `role` as far as it reached this agent. Not `known`: whether they heard
    the supervisor."""

    role: str
    by: str
    since: datetime
    until: datetime | None
    known: bool = True

    @property
    def words(self) -> str:
        if self.role == "barge":
            return f"{self.by} barged in"
        said = f"{'Whispered' if self.role == 'whisper' else 'Listened'} to by {self.by}"
        return said if self.known else f"{said}, not known whether heard"


@dataclass(frozen=True, slots=True)
class Raising:
    """When they raised their hand, and why."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one thing. `until` None: it goes on, unless it was but a `moment`."""

    since: datetime
    words: str
    until: datetime | None
    moment: bool = False


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
class Over:
    """A line over an hour: somebody supervised them. `running_from`: it goes on since, without a width."""

    role: str
    x: float
    width: float
    running_from: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One hour, or what is left of the day. `running` goes on in it since `running_from`, without a width.
    `begun`: something is known of it or of a later one, so that it has, whatever the time is. `ears` are
    lines over it, `hands` where a hand was raised, in percent of the hour."""

    begins: datetime
    ends: datetime
    word: str
    begun: bool
    marks: Sequence[Mark]
    running: Mark | None
    running_from: datetime
    ears: Sequence[Over]
    hands: Sequence[float]


@dataclass(frozen=True, slots=True)
class Strip:
    """A line for each hour of the day from the first call on, and what happened, newest first."""

    label: str
    lines: Sequence[Line]
    rows: Sequence[Row]


def strip(
    day: Day, start: datetime, end: datetime, ears: Sequence[Ear] = (), hands: Sequence[Raising] = ()
) -> Strip | None:
    """The day from that midnight until the next; None: nothing happened on it."""
    if not day.pieces:
        return None
    ears = [_clipped(ear, start, end) for ear in ears if _is_in(ear, start, end)]
    hands = [hand for hand in hands if start <= hand.at < end]
    first, last = day.pieces[0], day.pieces[-1]
    hours = [(begins, ends) for begins, ends in _hours(start, end) if ends > first.since]
    known = last.until or last.since
    lines = [_line(begins, ends, begins <= known, day, ears, hands) for begins, ends in hours]
    said = ", ".join([_counted(day.calls, "call"), *([_counted(len(hands), "raised hand")] if hands else [])])
    label = f"Today by the hour, from {lines[0].word}: {said}. The table below tells the same."
    return Strip(label, lines, _rows(day, ears, hands))


def _clipped(ear: Ear, start: datetime, end: datetime) -> Ear:
    return replace(ear, since=max(ear.since, start), until=min(ear.until, end) if ear.until else None)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _rows(day: Day, ears: Iterable[Ear], hands: Iterable[Raising]) -> list[Row]:
    """Newest first; what they did comes after what happened in it."""
    did = [Row(piece.since, _WORDS[piece.doing], piece.until) for piece in day.pieces]
    found = [Row(ear.since, ear.words, ear.until) for ear in ears]
    raised = [Row(hand.at, f"Raised a hand: {hand.why}", None, moment=True) for hand in hands]
    return sorted([*did, *found, *raised], key=lambda row: row.since)[::-1]


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """They pass in UTC: where the clock is put on or back a day has 23 or 25 of them."""
    begins, last = start.astimezone(UTC), end.astimezone(UTC)
    while begins < last:
        yield begins, min(begins + HOUR, last)
        begins += HOUR


def _line(
    begins: datetime, ends: datetime, begun: bool, day: Day, ears: Iterable[Ear], hands: Iterable[Raising]
) -> Line:
    running = day.running if day.running and day.running.since < ends else None
    running_from = max(running.since, begins) if running else begins
    return Line(
        begins=begins,
        ends=ends,
        word=_word(begins),
        begun=begun,
        marks=[
            _mark(piece, begins, ends) for piece in day.pieces if piece.until and _is_in(piece, begins, ends)
        ],
        running=Mark(running.doing, _x(running_from, begins), 0) if running else None,
        running_from=running_from,
        ears=[_over(ear, begins, ends) for ear in _widest_last(ears) if _is_in(ear, begins, ends)],
        hands=[_x(hand.at, begins) for hand in hands if begins <= hand.at < ends],
    )


def _widest_last(ears: Iterable[Ear]) -> list[Ear]:
    return sorted(ears, key=lambda ear: _WIDTHS.index(ear.role))


def _over(ear: Ear, begins: datetime, ends: datetime) -> Over:
    since = max(ear.since, begins)
    x = _x(since, begins)
    if ear.until is None:
        return Over(ear.role, x, 0, since)
    return Over(ear.role, x, round(_x(min(ear.until, ends), begins) - x, 2), None)


def _word(begins: datetime) -> str:
    """`02:00`; with the zone's own name for it where the clock shows that hour twice."""
    here = timezone.localtime(begins)
    beside = {f"{timezone.localtime(begins + by):%H:%M}" for by in (-HOUR, HOUR)}
    return f"{here:%H:%M %Z}" if f"{here:%H:%M}" in beside else f"{here:%H:%M}"


def _is_in(one: Piece | Ear, begins: datetime, ends: datetime) -> bool:
    return one.since < ends and (one.until is None or one.until > begins)


def _mark(piece: Piece, begins: datetime, ends: datetime) -> Mark:
    """Rounded by its edges, so that what touches in time touches on the screen."""
    x, right = _x(max(piece.since, begins), begins), _x(min(piece.until or ends, ends), begins)
    return Mark(piece.doing, x, round(right - x, 2))


def _x(at: datetime, begins: datetime) -> float:
    return round((at - begins) / HOUR * 100, 2)
