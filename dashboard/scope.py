"""Which calls, queues and conferences are a team's: what somebody sees who does not see all teams.

A call is a team's if one of its agents is on it or if it waited in one of its queues; a conference is, if
such a call is or was in it. Both are asked of the directory as it stands now, never stored: whoever is put
into a team or taken out of it sees more or less at once, and nothing has to be written anew.
"""

from typing import TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboard.models import Agent, TeamQueue
from telephony.models import Call

# Keys of teams; None: every team's.
Scope: TypeAlias = frozenset[int] | None


def queue_names(scope: frozenset[int]) -> QuerySet[TeamQueue, str]:
    """The names of these teams' queues, as a subquery."""
    return TeamQueue.objects.filter(team__in=scope).order_by().values_list("queue_name", flat=True)


def reached(scope: frozenset[int], field: str) -> Q:
    """Rows whose `field` is the number or SIP address of one of these teams' agents."""
    agents = Agent.objects.filter(team__in=scope).order_by()
    numbers = agents.exclude(number="").values("number")
    addresses = agents.exclude(sip_address="").values("sip_address")
    return Q(**{f"{field}__in": numbers}) | Q(**{f"{field}__in": addresses})


def on_leg(scope: frozenset[int], field: str = "call_control_id") -> Exists:
    """Whether the leg that `field` of the outer row names is a call of these teams."""
    outgoing = Q(direction="outgoing") & reached(scope, "to_number")
    incoming = ~Q(direction="outgoing") & reached(scope, "from_number")
    waited = Q(queue_name__in=queue_names(scope))
    return Exists(Call.objects.filter(outgoing | incoming | waited, call_control_id=OuterRef(field)))
