"""What an agent's own page tells of their day beside the figures: the calls, the newest first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from agents import days, own, places
from agents.places import Place
from agents.presentation import CallToday, Figures, Today
from agents.show_day import figures
from bridged_calls.models import BridgedLeg
from conferences.models import Conference, Participant
from dashboard.legs import Leg, legs
from dashboard.models import Agent

LINES = 8
_Beside = Mapping[str, Sequence[Leg]]


def today(agent: Agent, version: int, *, full_numbers: bool) -> Today:
    """`agent` comes with their seat, read after `version`."""
    known: Figures = figures(agent)
    start = agent.seat.day_from if hasattr(agent, "seat") else None
    calls = _calls(agent, start, full_numbers) if start else []
    return Today(agent.pk, version, known, calls[:LINES], len(calls))


def _calls(agent: Agent, start: datetime, full_numbers: bool) -> list[CallToday]:
    """By place, those that the agent came to on this day for the first time."""
    own_legs = own.legs_since([agent], start)
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places.of(own_legs):
        if place.left_at or place.since >= start - own.LONGEST_CALL:
            found[place.name].append(place)
    ended = {leg: call.ended_at for leg, (_, call) in own_legs.items()}
    begun = [some for some in found.values() if start <= some[0].since < days.following(start)]
    newest = sorted(begun, key=lambda some: some[0].since, reverse=True)
    names, beside = _names(newest[:LINES]), _beside(newest[:LINES], own_legs.keys(), full_numbers)
    return [_call(some, ended, names, beside) for some in newest]


def _names(calls: Iterable[Sequence[Place]]) -> dict[str, str]:
    wanted = {some[0].conference_id for some in calls}
    return {one.pk: str(one) for one in Conference.objects.filter(pk__in=wanted).only("pk", "name")}


def _beside(calls: Iterable[Sequence[Place]], own_legs: Iterable[str], full_numbers: bool) -> _Beside:
    """The callers of each place, who came first."""
    first = [some[0] for some in calls]
    in_conferences = Participant.objects.filter(conference__in={place.conference_id for place in first})
    bridged = BridgedLeg.objects.filter(
        call__in={place.bridged_call for place in first if place.bridged_call}
    )
    there = [
        *in_conferences.order_by("joined_at", "pk").values_list("conference_id", "call_control_id"),
        *bridged.values_list("call_id", "call_control_id"),
    ]
    about = legs({leg for _, leg in there} - set(own_legs), full_numbers=full_numbers)
    found: dict[str, list[Leg]] = defaultdict(list)
    for place, leg in there:
        if leg in about and about[leg].kind in {"caller", "unknown"}:
            found[str(place)].append(about[leg])
    return found


def _call(
    some: Sequence[Place], ended: Mapping[str, datetime | None], names: Mapping[str, str], beside: _Beside
) -> CallToday:
    first, callers = some[0], beside.get(some[0].conference_id or str(some[0].bridged_call), ())
    ends = [min(filter(None, (place.left_at, ended[place.leg])), default=None) for place in some]
    over = [end - place.since for end, place in zip(ends, some, strict=True) if end and end > place.since]
    running = next((place.since for end, place in zip(ends, some, strict=True) if end is None), None)
    return CallToday(
        since=first.since,
        conference_id=first.conference_id,
        name=names.get(first.conference_id, "") if first.conference_id else "No conference",
        caller=callers[0].label if callers else "",
        over=sum(over, timedelta()),
        running=running,
    )
