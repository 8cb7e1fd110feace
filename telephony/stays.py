"""Stays: from when until when a leg was in a conference or a queue. Pure.

A leg may come and go several times. A stay is keyed by the event that opened it; a closing closes the
newest stay that was opened before it, or waits for its opening. Facts are a set, so the order in which
they came never matters. A webhook is proof; what a read found is a guess about the moment, so

* a read's opening is the same stay as a webhook's when nothing closed in between, and
* a read's closing gives way to a webhook's in the same stay, and to an end before it; a later end is no
  reason for it: who was found gone from a queue and hung up after the conversation has not given up waiting.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from telephony.facts import Dated, in_order, order

STRONG = "webhook"


@dataclass(frozen=True, slots=True)
class End:
    """What closes every stay, whenever it was opened: the leg hung up, the conference ended."""

    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Stay:
    """`closed_at` None: goes on. `because` is "" when nobody said why it ended. `during`, in order."""

    opening: Dated
    closed_at: datetime | None
    because: str
    closing: Dated | None
    during: tuple[Dated, ...]

    @property
    def opened_by(self) -> str:
        return self.opening.event

    @property
    def opened_at(self) -> datetime:
        return self.opening.at


def stays(facts: Iterable[Dated], *, opens: str, closes: str, ends: Iterable[End] = ()) -> list[Stay]:
    """The stays of one leg in one place, oldest first."""
    ordered = in_order(facts)
    openings = _openings(ordered, opens, closes)
    final = min(ends, key=lambda end: end.at, default=None)
    others = [fact for fact in ordered if fact.kind not in {opens, closes}]
    result = []
    for number, opening in enumerate(openings):
        following = openings[number + 1] if number + 1 < len(openings) else None
        closing = _closing(ordered, closes, opening, following)
        during = tuple(fact for fact in others if _stay_of(fact, openings) == number)
        result.append(_stay(opening, closing, following, final, during))
    return result


def _openings(ordered: Sequence[Dated], opens: str, closes: str) -> list[Dated]:
    """The openings that count, in order: between closings, proof beats guesses."""
    found: list[Dated] = []
    run: list[Dated] = []
    for fact in ordered:
        if fact.kind == opens:
            run.append(fact)
        elif fact.kind == closes:
            found += _proven(run)
            run = []
    return found + _proven(run)


def _proven(run: list[Dated]) -> list[Dated]:
    return [fact for fact in run if fact.source == STRONG] or run[:1]


def _closing(ordered: Sequence[Dated], closes: str, opening: Dated, following: Dated | None) -> Dated | None:
    inside = [
        fact
        for fact in ordered
        if fact.kind == closes
        and order(fact) > order(opening)
        and (following is None or order(fact) < order(following))
    ]
    return next((fact for fact in inside if fact.source == STRONG), inside[0] if inside else None)


def _stay_of(fact: Dated, openings: Sequence[Dated]) -> int:
    """Which stay a fact is about: the newest opened before it; the first, if the clocks disagree."""
    before = [number for number, opening in enumerate(openings) if opening.at <= fact.at]
    return before[-1] if before else 0


def _stay(
    opening: Dated,
    closing: Dated | None,
    following: Dated | None,
    final: End | None,
    during: tuple[Dated, ...],
) -> Stay:
    if final is not None and following is None and _ends(final, closing):
        return Stay(opening, max(final.at, opening.at), final.because, None, during)
    if closing is not None:
        because = str(closing.detail.get("reason", ""))
        return Stay(opening, closing.at, because, closing, during)
    closed_at = following.at if following else None
    return Stay(opening, closed_at, "", None, during)


def _ends(final: End, closing: Dated | None) -> bool:
    return closing is None or (closing.source != STRONG and final.at <= closing.at)
