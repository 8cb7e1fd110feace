"""From rows to what one agent sees of themselves."""

from collections.abc import Iterable, Sequence

from agents import own, signs, states
from agents.models import Seat
from agents.presentation import Mine, MyCall, MyState, Reason, Unheard
from agents.show_today import today
from conferences import show, timeline
from conferences.models import Hand, Participant
from conferences.presentation import ConferenceShown, Happening, Person
from conferences.transitions import subject
from conferences.verbs import VERBS
from dashboard.legs import legs, spaced
from dashboard.models import Agent, Team
from dashboard.scope import Scope
from dashboard.shown import Refusal, commands_shown, refusal
from queues.models import Queue, Queues

HAPPENINGS = 6
REASONS = [Reason(value, str(label)) for value, label in Hand.Reason.choices]


def mine(agent: Agent | None, *, full_numbers: bool) -> Mine:
    """Everything on the page of the agent of this directory entry."""
    if agent is None:
        return Mine(None, ())
    version = version_of(agent)  # before the rest: what comes meanwhile is a newer version
    there = own.stays(agent)
    fresh = Agent.objects.select_related("seat").get(pk=agent.pk)
    return Mine(
        _state(agent, there, version),
        calls(agent, there, full_numbers=full_numbers),
        today(fresh, version, full_numbers=full_numbers),
    )


def _state(agent: Agent, there: Sequence[Participant], version: int) -> MyState:
    lines = own.lines(agent, there)
    up = [line for line in lines if line.ended_at is None and not line.conference_id]
    return MyState(
        agent=agent.pk,
        version=version,
        phone=spaced(agent.number) if agent.number else agent.sip_address,
        state=states.state(lines),
        beside=[states.of_line(line) for line in up],
        in_conference=bool(there),
    )


def version_of(agent: Agent) -> int:
    return Seat.objects.filter(pk=agent.pk).values_list("version", flat=True).first() or 0


def calls(agent: Agent, there: Iterable[Participant], *, full_numbers: bool) -> list[MyCall]:
    """The conferences that the agent is in, the newest first."""
    seated = {stay.conference_id: stay for stay in there}
    rows = show.shown([stay.conference for stay in seated.values()], full_numbers=full_numbers)
    found = [(row, _me(row, seated[row.id])) for row in rows]
    return [_call(agent, row, me, full_numbers) for row, me in found if me is not None]


def _me(row: ConferenceShown, stay: Participant) -> Person | None:
    """None when the stay ended while the page was read."""
    return next((person for person in row.people if person.pk == stay.pk), None)


def _call(agent: Agent, row: ConferenceShown, me: Person, full_numbers: bool) -> MyCall:
    policy = agent.team.tells_agents if agent.team else Team.Telling.PLAIN
    hand = next((hand for hand in row.hands if hand.user == agent.user_id), None)
    return MyCall(
        conference=row,
        team=agent.team.name if agent.team else "",
        me=me,
        caller=row.caller,
        people=[me, *(person for person in row.people if person.is_heard and person.pk != me.pk)],
        signs=signs.signs(map(_supervisor, row.supervisors), policy, me.leg.label),
        hand=hand,
        unheard=None if hand else _unheard(agent, me),
        refusals=_refusals(agent, row),
        happenings=_happenings(row, policy, full_numbers),
        reasons=REASONS,
    )


def _supervisor(person: Person) -> signs.Supervisor:
    return signs.Supervisor(person.leg.label, person.role, person.mode_since, person.whispers_to)


def _unheard(agent: Agent, me: Person) -> Unheard | None:
    last = Hand.objects.filter(stay=me.pk, user=agent.user_id).last()
    if last is None or last.sent_to:
        return None
    return Unheard(last.raised_at, spaced(agent.team.help_number) if agent.team else "")


def _refusals(agent: Agent, row: ConferenceShown) -> list[Refusal]:
    """What failed of what they pressed themselves."""
    failed = [one for one in commands_shown([subject(row.id)]) if not one.is_open]
    return [refusal(one, VERBS) for one in failed if one.user_id == agent.user_id and one.action in VERBS]


def _happenings(row: ConferenceShown, policy: str, full_numbers: bool) -> list[Happening]:
    """What happened, without what the team does not tell: who listened in."""
    ever = Participant.objects.filter(conference=row.id)
    unsaid = set() if policy == Team.Telling.NAMED else _supervising(ever)
    conference = ever.select_related("conference")[0].conference
    return timeline.happenings(
        conference, full_numbers=full_numbers, lines=HAPPENINGS, without=sorted(unsaid)
    )


def _supervising(ever: Iterable[Participant]) -> set[str]:
    found = {stay.call_control_id: stay.supervisor_role for stay in ever}
    about = legs(found, full_numbers=False)
    return {leg for leg, role in found.items() if about[leg].kind == "supervisor" or role not in {"", "none"}}


def own_queues(agent: Agent | None, scope: Scope) -> Queues:
    """The queues of the agent's team; of a team without queues, all that they may see."""
    seen = Queue.objects.all().within(scope)
    team = agent.team if agent else None
    if team is None or not team.queues.exists():
        return seen
    return seen.filter(name__in=team.queues.values("queue_name"))
