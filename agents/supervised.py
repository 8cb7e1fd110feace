"""From rows to what a day's strip shows beside what its agent did: who supervised them, and their hands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from agents.places import Place
from agents.strip import Ear, Raising
from bridged_calls.models import BridgedLeg
from conferences.models import Hand
from supervision.models import Supervision
from supervision.modes import modes_of
from supervision.spans import Part, Span, heard


def ears(places: Sequence[Place]) -> list[Ear]:
    """Who supervised them in these places of theirs, as long as they were there themselves."""
    rows = [*_in_conferences(places), *_on_calls(places)]
    modes = modes_of([row for row, _ in rows])
    found = [ear for row, there in rows for ear in _heard(row, modes[row.pk], there)]
    return sorted(found, key=lambda ear: (ear.since, ear.by, ear.role))


_Of = tuple[Supervision, Sequence[Place]]


def _in_conferences(places: Iterable[Place]) -> list[_Of]:
    there: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.conference_id:
            there[place.conference_id].append(place)
    found = Supervision.objects.filter(conference_id__in=there).exclude(connected_at=None) if there else ()
    return [(row, there[row.conference_id]) for row in found]


def _on_calls(places: Iterable[Place]) -> list[_Of]:
    there: dict[int, list[Place]] = defaultdict(list)
    for place in places:
        if place.bridged_call:
            there[place.bridged_call].append(place)
    return [(row, there[call]) for row, call in on_calls(there) if row.connected_at]


def on_calls(calls: Collection[int]) -> list[tuple[Supervision, int]]:
    """The supervisions of these bridged calls, each with the call."""
    sides = BridgedLeg.objects.filter(call__in=calls).values_list("opened_by", "call_id") if calls else ()
    stays = {opened_by: call for opened_by, call in sides if call}
    found = Supervision.objects.filter(bridged_stay__in=stays) if stays else ()
    return [(row, stays[row.bridged_stay]) for row in found]


def _heard(row: Supervision, modes: Sequence[Span], there: Iterable[Place]) -> Iterator[Ear]:
    for leg in sorted({place.leg for place in there}):
        stays = [(place.since, place.left_at) for place in there if place.leg == leg]
        for part in heard(modes, leg, stays):
            yield Ear(_role(part), row.user_name, part.since, part.until, part.hearing != "unknown")


def _role(part: Part) -> str:
    """In every mode the supervisor hears them: that is certain, whatever else is."""
    return part.role if part.hearing == "hears" and part.role else "monitor"


def raisings(places: Iterable[Place]) -> list[Raising]:
    """The hands that they raised in these places; one that reached nobody was not raised."""
    legs = {place.leg for place in places if place.conference_id}
    wanted = {place.conference_id for place in places if place.conference_id}
    there = Hand.objects.filter(conference__in=wanted, stay__call_control_id__in=legs, sent_to__gt=0)
    return [Raising(hand.raised_at, hand.get_reason_display()) for hand in there] if wanted else []
