"""Whose legs are whose: an agent's call legs and conferences, found through their number or SIP address."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agents.states import Line
from conferences.models import Participant
from dashboard.models import Agent, User
from telephony import marks
from telephony.models import Call

# A call lasts no longer; what is older and never ended has lost its end.
LONGEST_CALL = timedelta(hours=24)


def entry(user: User) -> Agent | None:
    """Who this account is in the directory; None: an admin has not said."""
    return Agent.objects.select_related("team").filter(user=user).first()


def _reaching(agent: Agent) -> Q:
    own = [address for address in (agent.number, agent.sip_address) if address]
    outgoing = Q(direction="outgoing", to_number__in=own)
    return outgoing | (~Q(direction="outgoing") & Q(from_number__in=own))


def stays(agent: Agent) -> list[Participant]:
    """Where the agent is now, the newest first, with the conference. A leg with which they supervise, or that
    was dialled for that, is no call of theirs."""
    own = Call.objects.filter(_reaching(agent), call_control_id=OuterRef("call_control_id"))
    there = Participant.objects.filter(Exists(own), left_at=None, supervisor_role__in=["", "none"])
    found = list(there.select_related("conference").order_by("-joined_at", "-id"))
    dialled = _dialled_to_supervise(stay.call_control_id for stay in found)
    return [stay for stay in found if stay.conference.is_live and stay.call_control_id not in dialled]


def _dialled_to_supervise(legs: Iterable[str]) -> set[str]:
    told = Call.objects.filter(call_control_id__in=list(legs)).exclude(client_state="")
    return {leg for leg, mark in told.values_list("call_control_id", "client_state") if marks.read(mark)}


def lines(agent: Agent, there: Iterable[Participant]) -> list[Line]:
    """The agent's legs of the last day; `there` is where they are now."""
    since = timezone.now() - LONGEST_CALL
    calls = Call.objects.filter(_reaching(agent), first_seen_at__gte=since)
    seated = {stay.call_control_id: stay for stay in there}
    return [
        _line(call, seated.get(call.call_control_id)) for call in calls if not marks.read(call.client_state)
    ]


def _line(call: Call, stay: Participant | None) -> Line:
    return Line(
        call_control_id=call.call_control_id,
        initiated_at=call.initiated_at or call.first_seen_at,
        answered_at=call.answered_at,
        bridged_at=call.bridged_at,
        ended_at=call.ended_at,
        conference_id=stay.conference_id if stay else "",
        joined_at=stay.joined_at if stay else None,
        held_at=_held_at(stay) if stay else None,
    )


def _held_at(stay: Participant) -> datetime | None:
    return (stay.held_at or stay.joined_at) if stay.on_hold else None


def agents_on(legs: Iterable[str]) -> set[int]:
    """The keys of the agents whose legs these are."""
    calls = Call.objects.filter(call_control_id__in=list(legs))
    numbers = {number for pair in calls.values_list("from_number", "to_number") for number in pair if number}
    reached = Q(number__in=numbers) | Q(sip_address__in=numbers)
    return set(Agent.objects.filter(reached).values_list("pk", flat=True)) if numbers else set()
