"""What an agent's own page tells of their day beside the figures: the calls, the newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents import days, own, places
from agents.places import Place
from agents.presentation import CallToday, Figures, Longest, Today
from agents.show_day import figures
from bridged_calls.models import BridgedLeg
from conferences.models import Conference, Participant
from dashboard.legs import legs
from dashboard.models import Agent
from telephony.models import Call

LINES = 8
# How much later than that a caller left a call they may come to the queue that they were moved to.
_MOVED_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Caller:
    """Somebody's stay in a call: what they are called, and the queue that they went to from there."""

    leg: str
    label: str
    moved_to: str


_Beside = Mapping[str, Sequence[_Caller]]
_Stay = tuple[str | int, str, datetime, datetime | None]  # in which place, of which leg, from when to when


def today(agent: Agent, version: int, *, full_numbers: bool) -> Today:
    """`agent` comes with their seat, read after `version`."""
    known: Figures = figures(agent)
    start = agent.seat.day_from if hasattr(agent, "seat") else None
    calls = _calls(agent, start, full_numbers) if start else []
    return Today(agent.pk, version, known, _longest(calls), calls[:LINES], len(calls))


def _longest(calls: Iterable[CallToday]) -> Longest:
    every = list(calls)
    over = max((call.over for call in every if not call.running), default=timedelta())
    since = min((call.running - call.over for call in every if call.running), default=None)
    return Longest(over, since)


def _calls(agent: Agent, start: datetime, full_numbers: bool) -> list[CallToday]:
    """By place, those that the agent came to on this day for the first time."""
    own_legs = own.legs_since([agent], start)
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places.of(own_legs):
        if place.left_at or place.since >= start - own.LONGEST_CALL:
            found[place.name].append(place)
    ended = {leg: one.ended_at for leg, one in own_legs.items()}
    begun = [some for some in found.values() if start <= some[0].since < days.following(start)]
    newest = sorted(begun, key=lambda some: some[0].since, reverse=True)
    names, beside = _names(newest[:LINES]), _beside(newest[:LINES], own_legs.keys(), full_numbers)
    return [_call(some, ended, names, beside) for some in newest]


def _names(calls: Iterable[Sequence[Place]]) -> dict[str, str]:
    wanted = {some[0].conference_id for some in calls}
    return {one.pk: str(one) for one in Conference.objects.filter(pk__in=wanted).only("pk", "name")}


def _beside(calls: Iterable[Sequence[Place]], own_legs: Iterable[str], full_numbers: bool) -> _Beside:
    """The callers of each place, who came first."""
    there = _stays([some[0] for some in calls])
    about = legs({leg for _, leg, _, _ in there} - set(own_legs), full_numbers=full_numbers)
    found: dict[str, list[_Caller]] = defaultdict(list)
    for place, leg, since, left_at in there:
        if leg in about and about[leg].kind in {"caller", "unknown"}:
            moved_to = _moved_to(about[leg].call, since, left_at)
            found[str(place)].append(_Caller(leg, about[leg].label, moved_to))
    return found


def _stays(first: Sequence[Place]) -> list[_Stay]:
    in_conferences = Participant.objects.filter(conference__in={place.conference_id for place in first})
    seated = in_conferences.order_by("joined_at", "pk")
    bridged = BridgedLeg.objects.filter(
        call__in={place.bridged_call for place in first if place.bridged_call}
    )
    return [
        *seated.values_list("conference_id", "call_control_id", "joined_at", "left_at"),
        *bridged.values_list("call_id", "call_control_id", "bridged_at", "left_at"),
    ]


def _moved_to(call: Call | None, since: datetime, left_at: datetime | None) -> str:
    """The queue that the leg came to as it left that stay."""
    visits = [(datetime.fromisoformat(at), queue) for at, queue in call.visits] if call and left_at else []
    return next((queue for at, queue in visits if left_at and since < at <= left_at + _MOVED_WITHIN), "")


def _call(
    some: Sequence[Place], ended: Mapping[str, datetime | None], names: Mapping[str, str], beside: _Beside
) -> CallToday:
    first, callers = some[0], beside.get(some[0].conference_id or str(some[0].bridged_call), ())
    ends = [min(filter(None, (place.left_at, ended[place.leg])), default=None) for place in some]
    over = [end - place.since for end, place in zip(ends, some, strict=True) if end and end > place.since]
    running = next((place.since for end, place in zip(ends, some, strict=True) if end is None), None)
    last = {one.leg: one.moved_to for one in callers}  # who came back was not moved for good
    return CallToday(
        since=first.since,
        conference_id=first.conference_id,
        name=names.get(first.conference_id, "") if first.conference_id else "No conference",
        caller=callers[0].label if callers else "",
        moved_to=next(filter(None, last.values()), ""),
        over=sum(over, timedelta()),
        running=running,
    )
