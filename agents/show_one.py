"""From rows to one agent's details: what they do now, and what was done with them last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from agents import own, show_day
from agents.filters import Filters
from agents.presentation import AgentDetails
from agents.roll import Roll
from agents.show_roll import shown
from conferences import timeline
from conferences.models import Participant
from conferences.presentation import Deed
from dashboard.models import Agent, Command
from dashboard.scope import Scope

LINES = 8
_CONFERENCES = 3  # the last that they were in
_PRESSES = 200  # looked through for those that concern them


@dataclass(frozen=True, slots=True)
class Last:
    """One agent, read for their details: the roll that holds them alone, and where they were last."""

    roll: Roll
    agent: Agent
    stays: Sequence[Participant]

    @property
    def conferences(self) -> frozenset[str]:
        return frozenset(stay.conference_id for stay in self.stays)

    @property
    def version(self) -> int:
        """The row's, and what is still told of the conferences that they have left."""
        there = {stay.conference_id for stay in self.roll.there[self.agent.pk]}
        left = {stay.conference_id: stay.conference.version for stay in self.stays}
        return self.roll.version(self.agent) + sum(left[id_] for id_ in left.keys() - there)


def read(roll: Roll) -> Last | None:
    """None: nobody of this scope."""
    agent = next(iter(roll.fitting), None)
    return Last(roll, agent, own.last_stays(agent, roll.scope, _CONFERENCES)) if agent else None


def roll_of(pk: int, scope: Scope, *, full_numbers: bool) -> Roll:
    return Roll(Filters(), scope, full_numbers=full_numbers, only=pk)


def details(last: Last) -> AgentDetails:
    version = last.version  # before the rest: what comes meanwhile is a newer version
    [row] = shown(last.roll, [last.agent])
    return AgentDetails(version, row, show_day.by_hour(last.agent), _latest(last))


def _latest(last: Last) -> list[Deed]:
    there = [timeline.pressed_in(conference_id) for conference_id in sorted(last.conferences)]
    if not there:
        return []
    pressed = Command.objects.filter(Q(*there, _connector=Q.OR))[:_PRESSES]
    return [timeline.deed(one) for one in pressed if _concerns(one, last)][:LINES]


def _concerns(command: Command, last: Last) -> bool:
    """Their own press, one on their leg or their hand, or a supervision while they were there."""
    agent = last.agent
    if agent.user_id is not None and command.user_id == agent.user_id:
        return True
    if command.family == "hand":
        return command.target in {agent.name, str(agent.user)}
    if command.family == "supervise":
        stays = [stay for stay in last.stays if f":{stay.conference_id}:" in command.subject]
        return any(_is_there(stay, command.created_at) for stay in stays)
    return bool({stay.call_control_id for stay in last.stays} & set(command.legs))


def _is_there(stay: Participant, at: datetime) -> bool:
    return (stay.joined_at is None or stay.joined_at <= at) and (stay.left_at is None or at <= stay.left_at)
