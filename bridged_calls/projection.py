"""Fold events into bridged calls: remember the facts, make the legs' stays anew, put them into pairs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from bridged_calls import proof, transitions
from bridged_calls.models import BridgedCall, BridgedLeg, Switchboard
from telephony import calls, rows, stay_rows
from telephony.events import Event
from telephony.projection import Change
from telephony.statements import Select

# How far in time a stay can change with whom another is paired, and what must be known for that.
REACH = 2 * transitions.AT_ONE_MOMENT

_KNOWN = Select(BridgedLeg, "call_control_id IN {}", "call_control_id")


def project(events: Sequence[Event]) -> set[Change]:
    """One batch of events, inside the frame's transaction. Returns which calls changed."""
    told = [fact for event in events for fact in transitions.occurrences(event)]
    stay_rows.remember(told)
    changed = {fact.leg for fact in told} | calls.hung_up_in(events)
    shown = calls.legs_named_in(events) | changed
    opened = any(fact.kind == "bridged" for fact in told)
    if not shown or not (opened or _KNOWN.firsts(shown)):
        return set()
    lock()
    touched = settle(changed)
    touched |= _bump(_live_calls_of(shown) - touched)
    proof.by_facts(touched, events[-1].id)
    return changes(touched)


def lock() -> None:
    """Before any row of this package is written: two processes see each other's halves only so."""
    rows.locked(Switchboard, "name", ["bridges"])


def changes(keys: Iterable[int]) -> set[Change]:
    return {("bridged", str(key)) for key in keys}


def _live_calls_of(legs: set[str]) -> set[int]:
    """Where these legs are now: their labels show there."""
    found = BridgedLeg.objects.filter(call_control_id__in=legs, call__ended_at=None)
    return {key for key in found.values_list("call_id", flat=True) if key}


def _bump(keys: set[int]) -> set[int]:
    BridgedCall.objects.filter(pk__in=keys).update(version=F("version") + 1)
    return keys


def relabel() -> set[Change]:
    """Draw every live call anew: the directory changed, and whom it names may be on any of them."""
    lock()
    return changes(_bump(set(BridgedCall.objects.live().values_list("pk", flat=True))))


def settle(legs: Iterable[str]) -> set[int]:
    """Make the stays of these legs, and the calls around them, what the facts say. Returns which changed,
    those included that are no more."""
    wanted = set(legs)
    wanted -= stay_rows.forgotten(wanted)
    if not wanted:
        return set()
    existing = list(BridgedLeg.objects.filter(call_control_id__in=wanted))
    _settle_stays(wanted, existing)
    return _settle_calls(wanted, {row.call_id for row in existing if row.call_id})


def _settle_stays(legs: set[str], existing: Iterable[BridgedLeg]) -> None:
    places = {(transitions.subject(leg), leg) for leg in legs}
    facts, hung_up = stay_rows.facts_of(places), stay_rows.hang_ups(legs)
    there: dict[str, list[BridgedLeg]] = defaultdict(list)
    for row in existing:
        there[row.call_control_id].append(row)
    rewrite = stay_rows.Rewrite(BridgedLeg)
    for about, leg in sorted(places):
        found = transitions.halves(facts[about, leg], hung_up.get(leg))
        rewrite.match(there[leg], found, call_control_id=leg)
    rewrite.write()


# --- pairs -----------------------------------------------------------------------------------------------
def _settle_calls(legs: set[str], before: set[int]) -> set[int]:
    own = _of_their_sessions(legs)
    near = _around(own)
    inside = _near_to([half.bridged_at for half in own])
    known, written, taken = _calls_of(near), set[int](), set[int]()
    for group, paired_by in sorted(transitions.pairs(near), key=lambda pair: pair[0][0].opened_by):
        # At the edge of what was read a group may lack its other half: it stays as it is.
        if not any(inside(half.bridged_at) for half in group):
            continue
        free = [half.call_id for half in group if half.call_id and half.call_id not in taken]
        call = known[free[0]] if free else BridgedCall(started_at=group[0].bridged_at)
        if _write(call, group, paired_by, legs):
            written.add(call.pk)
        taken.add(call.pk)
    return written | _remove_empty(before | set(known))


def _of_their_sessions(legs: set[str]) -> list[BridgedLeg]:
    own = BridgedLeg.objects.filter(call_control_id__in=legs)
    sessions = set(own.exclude(session="").values_list("session", flat=True))
    return list(BridgedLeg.objects.filter(Q(call_control_id__in=legs) | Q(session__in=sessions)))


def _around(own: Sequence[BridgedLeg]) -> list[BridgedLeg]:
    """All stays that the pairs within REACH of these may depend on, with their whole sessions."""
    if not own:
        return []
    near = BridgedLeg.objects.filter(_within([half.bridged_at for half in own], 2 * REACH))
    keys, sessions = [half.pk for half in near], {half.session for half in near if half.session}
    return list(BridgedLeg.objects.filter(Q(pk__in=keys) | Q(session__in=sessions)))


def _near_to(times: Sequence[datetime]) -> Callable[[datetime], bool]:
    return lambda at: any(abs(at - one) <= REACH for one in times)


def _within(times: Iterable[datetime], reach: timedelta) -> Q:
    """At most so far from one of these times; ranges that touch are one."""
    spans: list[tuple[datetime, datetime]] = []
    for at in sorted(times):
        if spans and at - reach <= spans[-1][1]:
            spans[-1] = (spans[-1][0], at + reach)
        else:
            spans.append((at - reach, at + reach))
    wanted = Q(pk__in=[])
    for span in spans:
        wanted |= Q(bridged_at__range=span)
    return wanted


def _calls_of(halves: Iterable[BridgedLeg]) -> Mapping[int, BridgedCall]:
    keys = {half.call_id for half in halves if half.call_id}
    return {
        call.pk: call for call in BridgedCall.objects.filter(pk__in=keys).order_by("pk").select_for_update()
    }


def _write(call: BridgedCall, group: Sequence[BridgedLeg], paired_by: str, legs: set[str]) -> bool:
    """True if anything that is shown of it is news."""
    fields = {"started_at": min(half.bridged_at for half in group), "paired_by": paired_by, **_end(group)}
    moved = [half.pk for half in group if call.pk is None or half.call_id != call.pk]
    news = any(getattr(call, name) != value for name, value in fields.items())
    if not (news or moved or any(half.call_control_id in legs for half in group)):
        return False
    for name, value in fields.items():
        setattr(call, name, value)
    call.version += 1
    call.save()
    BridgedLeg.objects.filter(pk__in=moved).update(call=call)
    return True


def _end(group: Sequence[BridgedLeg]) -> dict[str, Any]:
    """It is over when the first of the two is gone, wherever the other one goes then. Where one is led away
    the other is hung up at once, perhaps before: the reason is where it was led."""
    gone = [(half.left_at, half.opened_by, half) for half in group if half.left_at]
    if not gone:
        return {"ended_at": None, "end_because": "", "ended_by": ""}
    at = min(one[0] for one in gone)
    near = [one for one in gone if one[0] - at <= transitions.IN_ONE_SESSION]
    *_, cause = min(near, key=lambda one: (one[2].left_because == "hangup", *one[:2]))
    return {"ended_at": at, "end_because": cause.left_because, "ended_by": cause.call_control_id}


def _remove_empty(keys: set[int]) -> set[int]:
    """A call whose leg turned out to belong to another one's."""
    gone = set(BridgedCall.objects.filter(pk__in=keys, legs=None).values_list("pk", flat=True))
    BridgedCall.objects.filter(pk__in=gone).delete()
    return gone


# --- who supervises ----------------------------------------------------------------------------------------
def hold(stays: Iterable[str]) -> None:
    """Lock the calls that these stays (opening events) are in, in the order of every projection."""
    lock()
    keys = BridgedLeg.objects.filter(opened_by__in=set(stays), call__isnull=False).values("call_id")
    list(BridgedCall.objects.filter(pk__in=keys).order_by("pk").select_for_update())


def supervised(stay: str, people: Sequence[Mapping[str, Any]]) -> set[int]:
    """Who supervises the call of that stay now, the newest first, as `BridgedCall.supervisors` has them."""
    call = BridgedCall.objects.filter(legs__opened_by=stay).first()
    if call is None or call.supervisors == list(people):
        return set()
    BridgedCall.objects.filter(pk=call.pk).update(supervisors=list(people), version=F("version") + 1)
    return {call.pk}
