"""Where agents were last who are nowhere now: what stands under *None* on their page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import bridged_calls.show
from agents import places
from agents.places import Place
from agents.presentation import LastIn
from agents.roll import Roll
from agents.states import Line
from bridged_calls.models import BridgedCall
from conferences.models import Conference
from dashboard.models import Agent

_LEGS = 3  # the newest of each agent that are looked through: one that rang in vain was nowhere


def last_of(roll: Roll, agents: Iterable[Agent]) -> Mapping[int, LastIn]:
    """By agent, of the last day. Whatever changes it makes their seat new: nothing here has a version."""
    nowhere = [one.pk for one in agents if not roll.there[one.pk] and one.pk not in roll.bridged]
    owners = {leg: pk for pk in nowhere for leg in _newest(roll.lines[pk])}
    newest = {owners[place.leg]: place for place in places.of(owners)} if owners else {}
    told = {**_conferences(roll, newest.values()), **_calls(roll, newest.values())}
    return {pk: told[place.name] for pk, place in newest.items() if place.name in told}


def _newest(lines: Iterable[Line]) -> Sequence[str]:
    begun = [(line.initiated_at, line.call_control_id) for line in lines if line.initiated_at]
    return [leg for _, leg in sorted(begun, reverse=True)[:_LEGS]]


def _conferences(roll: Roll, last: Iterable[Place]) -> dict[str, LastIn]:
    names = {place.conference_id: place.name for place in last if place.conference_id}
    found = Conference.objects.within(roll.scope).filter(pk__in=names) if names else ()
    return {names[one.pk]: LastIn(str(one), one.ended_at) for one in found}


def _calls(roll: Roll, last: Iterable[Place]) -> dict[str, LastIn]:
    names = {place.bridged_call: place.name for place in last if place.bridged_call}
    found = list(BridgedCall.objects.within(roll.scope).filter(pk__in=names)) if names else []
    ends: dict[int, datetime | None] = {call.pk: call.ended_at for call in found}
    rows = bridged_calls.show.shown(found, full_numbers=roll.full_numbers)
    return {names[row.pk]: LastIn(row.name, ends[row.pk]) for row in rows}
