"""A supervisor's leg on a call of two bridged legs: what is sent, and what events mean for it.

There is no conference to join: Telnyx connects the leg when it is answered, with the role that the dial asked
for, and tells no more of it than `call.answered`. So being answered is being there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.conf import settings
from django.db.models import Q

import bridged_calls.projection
import bridged_calls.show
from bridged_calls.models import BridgedCall, BridgedCalls, BridgedLeg
from dashboard.models import Command
from supervision.models import LIVE, Supervision
from supervision.transitions import Line, Step
from telephony import marks
from telephony.api_types import CallSupervisorRole
from telephony.client import client
from telephony.events import Event
from telephony.facts import Occurrence
from telephony.models import Call
from telephony.projection import Change
from telephony.statements import Select
from telephony.stays import Stay
from telephony.wire import Json

# The events that may end a bridged call, or tell that it is another than was thought.
_OF_CALLS = {
    "call.bridged",
    "call.hangup",
    "call.enqueued",
    "conference.participant.joined",
    "read.bridged",
}

_STAYS = Select(
    BridgedLeg,
    "call_id IN (SELECT call_id FROM bridged_calls_bridgedleg WHERE call_control_id IN {})",
    "opened_by",
)
_SUPERVISED = Select(Supervision, "state IN {} AND bridged_stay > ''", "bridged_stay")


# --- what is sent ------------------------------------------------------------------------------------------
def send(command: Command, supervision: Supervision, ring: int) -> Json:
    """The dial, or a change of role. Raises `TelnyxError`."""
    role = cast(CallSupervisorRole, command.detail["options"]["supervisor_role"])
    if command.legs:
        return client().switch_supervisor_role(command.legs[0], role)
    mark = marks.Mark(str(supervision.pk), supervision.user_id, "", supervision.asked_role)
    return client().dial(
        supervision.phone,
        settings.TELNYX_FROM_NUMBER,
        settings.TELNYX_CONNECTION_ID,
        command.pk,
        supervise_call_control_id=supervision.bridged_leg,
        # Never left out: Telnyx's default is that everybody hears.
        supervisor_role=role,
        timeout_secs=ring,
        client_state=marks.write(mark),
    )


def call_of(supervision: Supervision) -> BridgedCall | None:
    """The call that it is about, whatever became of it."""
    if not supervision.bridged_stay:
        return None
    return BridgedCall.objects.filter(legs__opened_by=supervision.bridged_stay).first()


def seen(supervision: Supervision) -> BridgedCalls | None:
    """Its call, if the supervisor sees it; None if it is about a conference."""
    if not supervision.bridged_stay:
        return None
    calls = BridgedCall.objects.within(supervision.user.scope)
    return calls.filter(legs__opened_by=supervision.bridged_stay)


def about(call: BridgedCall) -> Q:
    """The supervisions of this call, whichever of the two legs they supervise."""
    return Q(bridged_stay__in=call.legs.values_list("opened_by", flat=True))


# --- what events mean --------------------------------------------------------------------------------------
def touched(events: Sequence[Event]) -> set[str]:
    """The stays (opening events) in the calls that these events may have ended or changed."""
    of_calls = [event for event in events if event.type in _OF_CALLS]
    legs = {leg for event in of_calls for leg in _legs(event)}
    stays = _STAYS.firsts(legs)
    if any(event.type == "call.bridged" for event in of_calls):
        # A third leg may have shown that two others are no pair.
        stays |= _SUPERVISED.firsts(LIVE)
    return stays


def _legs(event: Event) -> Iterable[str]:
    leg = event.payload.get("call_control_id")
    return [*event.payload.get("gone", {}), *([leg] if isinstance(leg, str) else [])]


def ends(rows: Iterable[Supervision]) -> Mapping[str, Step]:
    """When the calls ended that have, by the stay that was supervised; the event is the hang-up's."""
    stays = {row.bridged_stay for row in rows if row.bridged_stay}
    found = BridgedLeg.objects.filter(opened_by__in=stays, call__ended_at__isnull=False)
    over = {leg.opened_by: leg.call for leg in found.select_related("call") if leg.call}
    first = {call.ended_by for call in over.values() if call.end_because == "hangup"}
    hung_up = {call.call_control_id: call for call in Call.objects.filter(call_control_id__in=first)}
    return {
        stay: Step(call.ended_at, _event(hung_up.get(call.ended_by)))
        for stay, call in over.items()
        if call.ended_at
    }


def _event(call: Call | None) -> str:
    return call.keys.get("ended_at", "").split("|", 3)[-1] if call else ""


def stay(line: Line, end: Step | None) -> Stay | None:
    """On the call from the answer until the leg or the call is over; never, if the call was over first."""
    answered = line.answered
    if answered is None or (end and end.at <= answered.at):
        return None
    opening = Occurrence(answered.event, "", "", "joined", answered.at, "webhook")
    closed_at = min((step.at for step in (line.ended, end) if step), default=None)
    return Stay(opening, closed_at, "", None, ())


def tell(rows: Iterable[Supervision]) -> set[Change]:
    """Have the calls know who supervises them now."""
    changed: set[int] = set()
    for stay_key in sorted({row.bridged_stay for row in rows if row.bridged_stay}):
        call = BridgedCall.objects.filter(legs__opened_by=stay_key).first()
        people = Supervision.objects.filter(about(call), state=Supervision.State.CONNECTED) if call else []
        said = [_person(row) for row in sorted(people, key=lambda row: _since(row), reverse=True)]
        changed |= bridged_calls.projection.supervised(stay_key, said)
    return bridged_calls.projection.changes(changed)


def _since(row: Supervision) -> str:
    return row.connected_at.isoformat() if row.connected_at else ""


def _person(row: Supervision) -> dict[str, Any]:
    since = row.role_at.isoformat() if row.role_at else _since(row)
    return {"leg": row.leg, "user": row.user_id, "name": row.user_name, "role": row.role, "since": since}
