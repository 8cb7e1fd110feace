"""Whose legs are whose: an agent's call legs and conferences, found through their number or SIP address."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agents import places
from agents.states import Line
from conferences.models import Participant
from dashboard.models import Agent, User
from queues.models import Take
from telephony import marks
from telephony.models import Call
from telephony.statements import Select

# A call lasts no longer; what is older and never ended has lost its end.
LONGEST_CALL = timedelta(hours=24)
_OF_LINES = (
    "call_control_id",
    "direction",
    "from_number",
    "to_number",
    "client_state",
    "initiated_at",
    "answered_at",
    "bridged_at",
    "ended_at",
    "first_seen_at",
)
# An empty number is said to be none, so that the indices on numbers are used.
_LEGS_SINCE = Select(
    Call,
    "((direction = 'outgoing' AND to_number IN {} AND NOT (to_number = ''))"
    " OR (direction <> 'outgoing' AND from_number IN {} AND NOT (from_number = '')))"
    " AND first_seen_at >= %s AND forgotten_at IS NULL AND (ended_at IS NULL OR ended_at >= %s)",
    "call_control_id",
    "direction",
    "from_number",
    "to_number",
    "client_state",
    "ended_at",
    "bridged_at",
)
# The numbers of legs, and of those that ring for them: in their session, or because Earshot takes them there.
_RINGING = (
    "SELECT to_number FROM telephony_call WHERE direction = 'outgoing' AND to_number <> ''"
    " AND answered_at IS NULL AND bridged_at IS NULL AND ended_at IS NULL"
)
_IN_SESSION = (
    "SELECT call_session_id FROM telephony_call WHERE call_control_id IN {} AND call_session_id <> ''"
)
_LIVE = ", ".join(f"'{state.value}'" for state in Take.LIVE)
_TAKEN = f"SELECT leg FROM queues_take WHERE call_control_id IN {{}} AND state IN ({_LIVE})"  # noqa: S608 (ours)
_NUMBERS = (
    "(SELECT from_number FROM telephony_call WHERE call_control_id IN {} AND from_number <> ''"  # noqa: S608 (no values)
    " UNION SELECT to_number FROM telephony_call WHERE call_control_id IN {} AND to_number <> ''"
    f" UNION {_RINGING} AND call_session_id IN ({_IN_SESSION})"
    f" UNION {_RINGING} AND call_control_id IN ({_TAKEN}))"
)
_AGENTS_ON = Select(
    Agent,
    f"id IN (SELECT id FROM dashboard_agent WHERE number IN {_NUMBERS}"  # noqa: S608 (no values)
    f" UNION SELECT id FROM dashboard_agent WHERE sip_address IN {_NUMBERS})",
    order="id",
)


def entry(user: User) -> Agent | None:
    """Who this account is in the directory; None: an admin has not said."""
    return Agent.objects.select_related("team").filter(user=user).first()


def stays(agent: Agent) -> list[Participant]:
    """Where the agent is now, the newest first, with the conference."""
    return stays_of([agent])[agent.pk]


def stays_of(agents: Iterable[Agent]) -> dict[int, list[Participant]]:
    """Where each of these agents is now, the newest first, with the conference.

    A leg with which somebody supervises, or that was dialled for that, is no call of theirs.
    """
    owners = _owners(agents)
    theirs = Call.objects.filter(_reaching(owners), call_control_id=OuterRef("call_control_id"))
    there = Participant.objects.filter(Exists(theirs), left_at=None, supervisor_role__in=["", "none"])
    stays = list(there.select_related("conference").order_by("-joined_at", "-id"))
    calls = Call.objects.filter(call_control_id__in=[stay.call_control_id for stay in stays])
    owned = {call.call_control_id: owners[call.far_number] for call in calls if _is_own(call)}
    found: dict[int, list[Participant]] = {number: [] for number in owners.values()}
    for stay in stays:
        if stay.conference.is_live and stay.call_control_id in owned:
            found[owned[stay.call_control_id]].append(stay)
    return defaultdict(list, found)


def last_legs(agent: Agent, most: int) -> list[str]:
    """The call legs that the agent had last, the newest first."""
    calls = Call.objects.filter(_reaching(_owners([agent])), forgotten_at=None).order_by("-first_seen_at")
    return [call.call_control_id for call in calls[:most] if _is_own(call)]


def lines(agent: Agent, there: Iterable[Participant]) -> list[Line]:
    """The agent's legs of the last day; `there` is where they are now."""
    return lines_of([agent], there)[agent.pk]


def lines_of(agents: Iterable[Agent], there: Iterable[Participant]) -> dict[int, list[Line]]:
    """The legs of the last day of each of these agents; `there` is where they all are now."""
    owners, since = _owners(agents), timezone.now() - LONGEST_CALL
    seated = {stay.call_control_id: stay for stay in there}
    found: dict[int, list[Line]] = defaultdict(list)
    # What is forgotten has no number; said all the same, it lets the database look at the others alone.
    recent = Call.objects.filter(_reaching(owners), first_seen_at__gte=since, forgotten_at=None)
    calls = [call for call in recent.only(*_OF_LINES) if _is_own(call)]
    elsewhere = [call.call_control_id for call in calls if call.ended_at is None]
    over = _over(leg for leg in elsewhere if leg not in seated)
    for call in calls:
        leg = call.call_control_id
        found[owners[call.far_number]].append(_line(call, seated.get(leg), over.get(leg)))
    return found


def _over(legs: Iterable[str]) -> dict[str, datetime]:
    """When these legs, which are up, left the last place that they were in; without those that are in one."""
    ends: dict[str, list[datetime | None]] = defaultdict(list)
    wanted = list(legs)
    for place in places.of(wanted) if wanted else ():
        ends[place.leg].append(place.left_at)
    known = {leg: [at for at in some if at] for leg, some in ends.items() if None not in some}
    return {leg: max(some) for leg, some in known.items()}


@dataclass(frozen=True, slots=True)
class OwnLeg:
    """A call leg of the agent of this key; whether it was ever bridged with another."""

    owner: int
    ended_at: datetime | None
    bridged: bool


def legs_since(agents: Iterable[Agent], since: datetime) -> dict[str, OwnLeg]:
    """The legs of these agents that were up at any time from then on."""
    owners = _owners(agents)
    told = _LEGS_SINCE.tuples(owners, owners, since - LONGEST_CALL, since)
    return {
        leg: OwnLeg(owners[far_number], ended_at, bridged_at is not None)
        for leg, *far, client_state, ended_at, bridged_at in told
        if not marks.read(client_state) and (far_number := _far_number(*far))
    }


def _far_number(direction: str, from_number: str, to_number: str) -> str:
    return to_number if direction == "outgoing" else from_number


def _owners(agents: Iterable[Agent]) -> dict[str, int]:
    """The keys of these agents by the numbers and SIP addresses that reach them."""
    return {address: agent.pk for agent in agents for address in (agent.number, agent.sip_address) if address}


def _reaching(addresses: Iterable[str]) -> Q:
    own = list(addresses)
    outgoing = Q(direction="outgoing", to_number__in=own)
    return outgoing | (~Q(direction="outgoing") & Q(from_number__in=own))


def _is_own(call: Call) -> bool:
    """Not dialled to supervise."""
    return not marks.read(call.client_state)


def _line(call: Call, stay: Participant | None, over_at: datetime | None) -> Line:
    return Line(
        call_control_id=call.call_control_id,
        initiated_at=call.initiated_at or call.first_seen_at,
        answered_at=call.answered_at,
        bridged_at=call.bridged_at,
        ended_at=call.ended_at,
        conference_id=stay.conference_id if stay else "",
        joined_at=stay.joined_at if stay else None,
        held_at=_held_at(stay) if stay else None,
        over_at=over_at,
    )


def _held_at(stay: Participant) -> datetime | None:
    return (stay.held_at or stay.joined_at) if stay.on_hold else None


def agents_on(legs: Iterable[str]) -> list[Agent]:
    """The agents whose legs these are, or whose phones ring for them."""
    wanted = list(legs)
    return _AGENTS_ON.rows(*[wanted] * 8)
