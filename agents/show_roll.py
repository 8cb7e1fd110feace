"""From rows to what supervisors see of agents, set-wise: a handful of queries for any number of them."""

from collections.abc import Mapping, Sequence

import bridged_calls.show
import conferences.show
from agents.lately import last_of
from agents.presentation import AgentShown, LastIn, Ringer
from agents.ringing import ringers
from agents.roll import Roll
from agents.show_day import figures
from bridged_calls.presentation import CallShown
from conferences.presentation import ConferenceShown
from dashboard.legs import masked, spaced
from dashboard.models import Agent


def shown(roll: Roll, agents: Sequence[Agent]) -> list[AgentShown]:
    """These agents of the roll as rows show them, in the order given."""
    versions = [roll.version(agent) for agent in agents]  # before the rest: what comes meanwhile is newer
    conferences = _conferences(roll, agents)
    calls = _calls(roll, agents)
    ringing, last = ringers(roll, agents), last_of(roll, agents)
    return [
        _one(roll, agent, version, conferences, calls, ringing.get(agent.pk), last.get(agent.pk))
        for agent, version in zip(agents, versions, strict=True)
    ]


def _conferences(roll: Roll, agents: Sequence[Agent]) -> Mapping[str, ConferenceShown]:
    wanted = {stay.conference_id: stay.conference for agent in agents for stay in roll.there[agent.pk]}
    rows = conferences.show.shown(wanted.values(), full_numbers=roll.full_numbers)
    return {row.id: row for row in rows}


def _calls(roll: Roll, agents: Sequence[Agent]) -> Mapping[int, CallShown]:
    wanted = {call.pk: call for agent in agents if (call := roll.bridged.get(agent.pk))}
    rows = bridged_calls.show.shown(wanted.values(), full_numbers=roll.full_numbers)
    return {row.pk: row for row in rows}


def _one(
    roll: Roll,
    agent: Agent,
    version: int,
    conferences: Mapping[str, ConferenceShown],
    calls: Mapping[int, CallShown],
    ringer: Ringer | None,
    last: LastIn | None,
) -> AgentShown:
    state, there = roll.states[agent.pk], roll.there[agent.pk]
    stay = next((stay for stay in there if stay.call_control_id == state.leg), None)
    conference = conferences[stay.conference_id] if stay else None
    people = conference.people if conference else ()
    bridged = roll.bridged.get(agent.pk)
    return AgentShown(
        pk=agent.pk,
        version=version,
        name=agent.name,
        title=agent.title,
        team=agent.team.name if agent.team else "",
        number=_as_seen(agent.number, roll.full_numbers),
        sip_address=_as_seen(agent.sip_address, roll.full_numbers),
        state=state,
        conference=conference,
        me=next((person for person in people if stay and person.pk == stay.pk), None),
        call=calls[bridged.pk] if bridged else None,
        others=len(there) - 1 if stay else 0,
        ringer=ringer,
        last=last,
        today=figures(agent),
    )


def _as_seen(address: str, full_numbers: bool) -> str:
    if not address:
        return ""
    return spaced(address) if full_numbers else masked(address)
