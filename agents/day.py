"""What an agent did on one day, of where their legs were and when somebody was held there. Pure.

docs/metrics.md defines the figures. At each moment an agent does one thing: who talks on one leg while
another is held, talks. So the pieces of a day never overlap, and each figure is their sum.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import itemgetter


class Doing(StrEnum):
    """In the order in which one counts before the next."""

    TALK = "talk"
    HOLD = "hold"
    AFTER = "after-call"


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment until just before another; None: it goes on."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One of their legs in a `place`, a conference or a bridged call. `leg_ended` None: the leg is up.
    `held` is when they themselves, or a caller of that place, were on hold; it may reach beyond the stay."""

    leg: str
    place: str
    since: datetime
    until: datetime | None
    leg_ended: datetime | None = None
    held: Sequence[Span] = ()

    @property
    def end(self) -> datetime | None:
        """A leg that was hung up is nowhere any more, whether its leaving was told or not."""
        known = [at for at in (self.until, self.leg_ended) if at is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Piece:
    doing: Doing
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """`calls` counts the places that they came to for the first time. Only the last piece may go on."""

    calls: int
    pieces: Sequence[Piece]

    def spent(self, doing: Doing) -> timedelta:
        """What is over of it."""
        over = (piece.until - piece.since for piece in self.pieces if piece.doing is doing and piece.until)
        return sum(over, timedelta())

    @property
    def running(self) -> Piece | None:
        return next((piece for piece in self.pieces if piece.until is None), None)


def held(turns: Iterable[tuple[datetime, bool]], until: datetime | None) -> list[Span]:
    """When somebody was on hold who was put there (True) and taken back (False) at these moments, in order,
    until they left."""
    found, since = list[Span](), None
    for at, is_held in turns:
        if is_held:
            since = since or at
        elif since:
            found.append(Span(since, at))
            since = None
    return [*found, Span(since, until)] if since else found


def day(stays: Iterable[Stay], start: datetime, end: datetime) -> Day:
    """The day from `start` until just before `end`, of all stays of one agent's legs, in any order."""
    every = sorted(set(stays), key=lambda stay: (stay.since, stay.place, stay.leg))
    firsts: dict[str, datetime] = {}
    for stay in every:
        firsts.setdefault(stay.place, stay.since)
    calls = sum(start <= first < end for first in firsts.values())
    return Day(calls, list(_pieces(_within(_spans(every), start, end))))


def _spans(every: Iterable[Stay]) -> Iterator[tuple[Doing, Span]]:
    """What each stay makes of its agent; they overlap. After-call is whatever else a leg that was somewhere
    does until it is hung up: what it does elsewhere counts before that."""
    for stay in every:
        end = stay.end
        if end is None or end > stay.since:
            yield from _in_place(stay, end)
        if end is not None:
            yield Doing.AFTER, Span(end, stay.leg_ended)


def _in_place(stay: Stay, end: datetime | None) -> Iterator[tuple[Doing, Span]]:
    held = list(_joined(_clipped(span, stay.since, end) for span in stay.held))
    yield from ((Doing.HOLD, span) for span in held)
    at: datetime | None = stay.since
    for span in held:
        if at is not None and at < span.since:
            yield Doing.TALK, Span(at, span.since)
        at = span.until
    if at is not None and (end is None or at < end):
        yield Doing.TALK, Span(at, end)


def _clipped(span: Span, start: datetime, end: datetime | None) -> Span | None:
    since = max(span.since, start)
    until = min((at for at in (span.until, end) if at is not None), default=None)
    return Span(since, until) if until is None or since < until else None


def _joined(spans: Iterable[Span | None]) -> Iterator[Span]:
    """Those that overlap or touch as one, in order."""
    current: Span | None = None
    for span in sorted((span for span in spans if span), key=lambda span: span.since):
        if current is None:
            current = span
        elif current.until is None or span.since <= current.until:
            both = (current.until, span.until)
            current = Span(current.since, None if None in both else max(at for at in both if at))
        else:
            yield current
            current = span
    if current:
        yield current


def _within(
    spans: Iterable[tuple[Doing, Span]], start: datetime, end: datetime
) -> Iterator[tuple[Doing, Span]]:
    """The part that is of the day; what goes on goes on."""
    for doing, span in spans:
        if span.since < end and (clipped := _clipped(span, start, None)):
            yield doing, Span(clipped.since, min(clipped.until, end) if clipped.until else None)


def _pieces(spans: Iterable[tuple[Doing, Span]]) -> Iterator[Piece]:
    """One thing at each moment, one after another."""
    up, current = Counter[Doing](), None
    for at, turns in groupby(sorted(_turns(spans), key=itemgetter(0)), key=itemgetter(0)):
        for _, doing, by in turns:
            up[doing] += by
        now = next((doing for doing in Doing if up[doing]), None)
        if current and current.doing is not now:
            yield Piece(current.doing, current.since, at)
        if now and (current is None or current.doing is not now):
            current = Piece(now, at, None)
        elif now is None:
            current = None
    if current:
        yield current


def _turns(spans: Iterable[tuple[Doing, Span]]) -> Iterator[tuple[datetime, Doing, int]]:
    for doing, span in spans:
        yield span.since, doing, 1
        if span.until:
            yield span.until, doing, -1
