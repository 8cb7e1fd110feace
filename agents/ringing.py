"""Whose call it is that rings at an agent: a caller whom Earshot takes to them, or the one caller of the same
call session. Telnyx says no more of a leg that was dialled, so of any other it is not known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from agents.presentation import Ringer
from agents.roll import Roll
from agents.states import Kind
from dashboard.legs import legs
from dashboard.models import Agent
from queues.models import QueuedCall, Take
from telephony.models import Call


def ringers(roll: Roll, agents: Iterable[Agent]) -> Mapping[int, Ringer]:
    """By agent, without those of whom it is not known. What changes it makes the agent's seat new."""
    states = {agent.pk: roll.states[agent.pk] for agent in agents}
    ringing = {state.leg: pk for pk, state in states.items() if state.kind is Kind.RINGING}
    if not ringing:
        return {}
    taken = dict(Take.objects.live().filter(leg__in=ringing).values_list("leg", "call_control_id"))
    callers = taken | _in_session(ringing.keys() - taken.keys())
    told, since = legs(callers.values(), full_numbers=roll.full_numbers), _waiting(callers.values())
    return {
        ringing[leg]: Ringer(told[caller].label, since.get(caller), told[caller].waited_seconds)
        for leg, caller in callers.items()
    }


def _in_session(ringing: Iterable[str]) -> dict[str, str]:
    """By leg that rings, the one leg of its session that came in and is up; of several nobody says which."""
    dialled = Call.objects.filter(call_control_id__in=list(ringing), direction="outgoing")
    sessions = dict(dialled.exclude(call_session_id="").values_list("call_control_id", "call_session_id"))
    came = Call.objects.filter(call_session_id__in=sessions.values(), direction="incoming", ended_at=None)
    there: dict[str, list[str]] = defaultdict(list)
    for session, leg in came.values_list("call_session_id", "call_control_id") if sessions else ():
        there[session].append(leg)
    return {leg: there[session][0] for leg, session in sessions.items() if len(there[session]) == 1}


def _waiting(callers: Iterable[str]) -> Mapping[str, datetime]:
    """Since when those who wait in a queue do."""
    waits = QueuedCall.objects.filter(call_control_id__in=list(callers), left_at=None)
    return dict(waits.order_by("enqueued_at").values_list("call_control_id", "enqueued_at"))
