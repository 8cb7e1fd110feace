"""From rows to one agent's details: what they do now, and what was done with them last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

import bridged_calls.verbs
from agents import own, places, show_day
from agents.filters import Filters
from agents.places import Place
from agents.presentation import AgentDetails
from agents.roll import Roll
from agents.show_roll import shown
from agents.supervised import on_calls
from bridged_calls.models import BridgedCall
from conferences import timeline
from conferences.models import Conference
from conferences.presentation import Deed
from dashboard.models import Agent, Command
from dashboard.scope import Scope

LINES = 8
_PLACES = 3  # the last that they were in
_PRESSES = 200  # looked through for those that concern them
_BRIDGED = "bridged:"


@dataclass(frozen=True, slots=True)
class Last:
    """One agent, read for their details: the roll that holds them alone, where they were last, and where on
    the day that is drawn, with the versions of the conferences and of the bridged calls among both."""

    roll: Roll
    agent: Agent
    places: Sequence[Place]
    today: Sequence[Place]
    conferences: Mapping[str, int]
    calls: Mapping[int, int]

    @property
    def version(self) -> int:
        """The row's, and what is still told of the places that they have left."""
        there = {stay.conference_id for stay in self.roll.there[self.agent.pk]}
        left = [version for id_, version in self.conferences.items() if id_ not in there]
        now = self.roll.bridged.get(self.agent.pk)
        over = [version for pk, version in self.calls.items() if now is None or pk != now.pk]
        return self.roll.version(self.agent) + sum(left) + sum(over)


def read(roll: Roll) -> Last | None:
    """None: nobody of this scope."""
    agent = next(iter(roll.fitting), None)
    return _last(roll, agent) if agent else None


def _last(roll: Roll, agent: Agent) -> Last:
    start = show_day.begun_at(agent)
    of_today = own.legs_since([agent], start) if start else {}
    there = places.of({*own.last_legs(agent, 2 * _PLACES), *of_today})
    conferences = Conference.objects.within(roll.scope).filter(pk__in={one.conference_id for one in there})
    calls = BridgedCall.objects.within(roll.scope).filter(pk__in={one.bridged_call for one in there})
    of_conferences = dict(conferences.values_list("pk", "version"))
    of_calls = dict(calls.values_list("pk", "version"))
    seen = [one for one in there if one.conference_id in of_conferences or one.bridged_call in of_calls]
    newest = seen[::-1][:_PLACES]
    today = [one for one in seen if start and (one.left_at is None or one.left_at > start)]
    shown = [*newest, *today]
    return Last(
        roll,
        agent,
        newest,
        today,
        {one.conference_id: of_conferences[one.conference_id] for one in shown if one.conference_id},
        {one.bridged_call: of_calls[one.bridged_call] for one in shown if one.bridged_call},
    )


def roll_of(pk: int, scope: Scope, *, full_numbers: bool) -> Roll:
    return Roll(Filters(), scope, full_numbers=full_numbers, only=pk)


def details(last: Last) -> AgentDetails:
    version = last.version  # before the rest: what comes meanwhile is a newer version
    [row] = shown(last.roll, [last.agent])
    return AgentDetails(version, row, show_day.by_hour(last.agent, last.today), _latest(last))


def _latest(last: Last) -> list[Deed]:
    calls = {place.bridged_call for place in last.places if place.bridged_call}
    subjects = [*map(bridged_calls.verbs.subject, calls)]
    supervised = {row.subject: call for row, call in on_calls(calls)}
    in_conferences = map(timeline.pressed_in, sorted({one.conference_id for one in last.places} - {""}))
    there = Q(*in_conferences, Q(subject__in=[*subjects, *supervised]), _connector=Q.OR)
    pressed = Command.objects.filter(there)[:_PRESSES]
    return [_deed(one) for one in pressed if _concerns(one, last, supervised)][:LINES]


def _deed(command: Command) -> Deed:
    of_call = command.subject.startswith(_BRIDGED)
    return timeline.deed(command, bridged_calls.verbs.VERBS) if of_call else timeline.deed(command)


def _concerns(command: Command, last: Last, supervised: Mapping[str, int]) -> bool:
    """Their own press, one on their leg or their hand, or a supervision while they were there."""
    agent = last.agent
    if agent.user_id is not None and command.user_id == agent.user_id:
        return True
    if command.family == "hand":
        return command.target in {agent.name, str(agent.user)}
    if command.family == "supervise":
        there = [place for place in last.places if _is_of(command, place, supervised)]
        return any(_is_there(place, command.created_at) for place in there)
    return bool({place.leg for place in last.places} & set(command.legs))


def _is_of(command: Command, place: Place, supervised: Mapping[str, int]) -> bool:
    if place.conference_id:
        return f":{place.conference_id}:" in command.subject
    return supervised.get(command.subject) == place.bridged_call


def _is_there(place: Place, at: datetime) -> bool:
    return place.since <= at and (place.left_at is None or at <= place.left_at)
