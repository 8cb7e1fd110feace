"""Who a call leg is, in words: an agent of the directory by name, a caller by number, masked for most."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from dashboard.models import Agent, User
from telephony import marks
from telephony.models import Call
from telephony.statements import Select

Kind = Literal["agent", "caller", "supervisor", "unknown"]

_CALLS = Select(Call, "call_control_id IN {}")
_AGENTS = Select(Agent, "number IN {} OR sip_address IN {}", order="name")


@dataclass(frozen=True, slots=True)
class Leg:
    """One call leg as people know it. `label` is a name, or a number that is masked unless `full`.

    A leg that Earshot dialled for a supervisor is theirs, whatever number it reaches: `user` says whose.
    """

    call_control_id: str
    kind: Kind
    label: str
    short: str
    title: str
    number: str
    waited_seconds: int | None
    ended: bool
    call: Call | None = None
    user: int | None = None

    def queue_before(self, at: datetime) -> str:
        """The queue that they waited in before they came here, at `at`; "" for who waited in none."""
        return self.call.queue_before(at) if self.call else ""


def masked(number: str) -> str:
    """`+1 617 ••• 0188` for a North American number; otherwise country start, dots and the last four."""
    if number.startswith("sip:"):
        return f"sip:{number[4:6]}•••@{number.rpartition('@')[2]}"
    digits = number.lstrip("+")
    if not digits.isdigit() or len(digits) < 8:
        return "•••" + digits[-2:]
    if number.startswith("+1") and len(digits) == 11:
        return f"+1 {digits[1:4]} ••• {digits[-4:]}"
    return f"+{digits[:2]} ••• {digits[-4:]}"


def spaced(number: str) -> str:
    """`+1 617 555 0188`: a full number as people read it."""
    digits = number.lstrip("+")
    if number.startswith("+1") and len(digits) == 11 and digits.isdigit():
        return f"+1 {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return number


def legs(call_control_ids: Iterable[str], *, full_numbers: bool) -> dict[str, Leg]:
    """Each id's leg, from the call legs and the directory, in two queries."""
    wanted = set(call_control_ids)
    calls = {call.call_control_id: call for call in _CALLS.rows(wanted)}
    agents = _directory({call.far_number for call in calls.values()})
    found = {ccid: _leg(ccid, calls.get(ccid), agents, full_numbers) for ccid in wanted}
    return found | _supervisors(found, calls)


def _supervisors(found: Mapping[str, Leg], calls: Mapping[str, Call]) -> dict[str, Leg]:
    dialled = {ccid: mark.user for ccid, call in calls.items() if (mark := marks.read(call.client_state))}
    people = User.objects.in_bulk(set(dialled.values())) if dialled else {}
    return {
        ccid: replace(
            found[ccid],
            kind="supervisor",
            label=str(people[user]),
            short=_short(str(people[user])),
            title="Supervisor",
            user=user,
        )
        for ccid, user in dialled.items()
        if user in people
    }


def _short(name: str) -> str:
    """`Dana W.`"""
    first, _, last = name.partition(" ")
    return f"{first} {last[:1]}." if last else first


def _directory(numbers: set[str]) -> dict[str, Agent]:
    return {
        key: agent
        for agent in _AGENTS.rows(numbers, numbers)
        for key in (agent.number, agent.sip_address)
        if key
    }


def _leg(ccid: str, call: Call | None, agents: dict[str, Agent], full: bool) -> Leg:
    if call is None or not call.far_number:
        return Leg(
            ccid, "unknown", "Number not known yet", "not known", "Not known yet", "", None, False, call
        )
    number = spaced(call.far_number) if full else masked(call.far_number)
    agent = agents.get(call.far_number)
    if agent:
        kind: Kind = "agent"
        short, label, title = _short(agent.name), agent.name, agent.title
    else:
        short, kind, label, title = "••• " + call.far_number[-4:], "caller", number, "Caller"
    ended = call.ended_at is not None
    return Leg(ccid, kind, label, short, title, number, call.waited_seconds, ended, call)
