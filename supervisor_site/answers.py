"""To whom the callers of a queue went: the conference or call after it, and the agents there, as far as the
viewer may see them.

It joins queues with conferences and bridged calls, which know nothing of each other. The page asks for it and
it is not pushed: whatever happens in those would make the page of the queue new with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

import bridged_calls.commands
import bridged_calls.show
import conferences.commands
import queues.commands
from bridged_calls.models import BridgedLeg
from conferences.models import Participant
from dashboard.fields import row_number
from dashboard.legs import Leg, legs
from dashboard.models import User
from dashboard.pages import viewer
from dashboard.roles import Action
from queues.models import QueuedCall

MOST = 200  # asked about at once: no page of a queue shows more who left


@dataclass(frozen=True, slots=True)
class Went:
    """Where they went, and the agents who were there with them, by name."""

    address: str
    name: str
    agents: Sequence[str]


@dataclass(frozen=True, slots=True)
class There:
    """One stay of a leg, from when to when, in the conference or bridged call of this key."""

    leg: str
    since: datetime
    until: datetime | None
    place: str


@require_GET
@login_required
def to_whom(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known by now of those who left whom `calls` names: `?calls=41,42`."""
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    queue = get_object_or_404(queues.commands.visible(user), pk=pk)
    asked = [row_number(one) for one in request.GET.get("calls", "").split(",")[:MOST]]
    stays = list(queue.calls.filter(pk__in=asked))
    found = _conferences(user, stays)
    found |= _calls(user, [stay for stay in stays if stay.pk not in found])
    return render(request, "queues/_went.html", {"went": [(stay.pk, found.get(stay.pk)) for stay in stays]})


def _conferences(user: User, stays: Sequence[QueuedCall]) -> dict[int, Went]:
    visible = conferences.commands.visible(user)
    seen = Participant.objects.filter(conference__in=visible).order_by("joined_at", "id")
    firsts = _firsts(stays, _there(seen.filter(call_control_id__in=_legs(stays)).values_list(*_SEATED)))
    places = {there.place for there in firsts.values()}
    others = Participant.objects.filter(conference__in=places, supervisor_role__in=["", "none"])
    names = {one.pk: str(one) for one in visible.filter(pk__in=places)}
    everybody = _there(others.order_by("joined_at", "id").values_list(*_SEATED))
    return _told(firsts, everybody, lambda key: (reverse("conference", args=[key]), names[key]))


def _calls(user: User, stays: Sequence[QueuedCall]) -> dict[int, Went]:
    visible = bridged_calls.commands.visible(user)
    seen = BridgedLeg.objects.filter(call__in=visible).order_by("bridged_at", "opened_by")
    firsts = _firsts(stays, _there(seen.filter(call_control_id__in=_legs(stays)).values_list(*_BRIDGED)))
    places = {int(there.place) for there in firsts.values()}
    others = BridgedLeg.objects.filter(call__in=places).order_by("bridged_at")
    rows = bridged_calls.show.shown(visible.filter(pk__in=places), full_numbers=False)
    names = {str(row.pk): row.name for row in rows}
    everybody = _there(others.values_list(*_BRIDGED))
    return _told(firsts, everybody, lambda key: (reverse("bridged-call", args=[key]), names[key]))


_SEATED = ("call_control_id", "joined_at", "left_at", "conference_id")
_BRIDGED = ("call_control_id", "bridged_at", "left_at", "call_id")


def _there(told: Iterable[tuple[str, datetime, datetime | None, str | int]]) -> list[There]:
    return [There(leg, since, until, str(place)) for leg, since, until, place in told]


def _legs(stays: Iterable[QueuedCall]) -> set[str]:
    return {stay.call_control_id for stay in stays}


def _firsts(stays: Sequence[QueuedCall], theirs: Iterable[There]) -> dict[int, There]:
    """By stay in the queue, where they were first then."""
    of_leg: dict[str, list[There]] = defaultdict(list)
    for one in theirs:
        of_leg[one.leg].append(one)
    waits: dict[str, list[QueuedCall]] = defaultdict(list)
    for wait in QueuedCall.objects.filter(call_control_id__in=of_leg).order_by("enqueued_at", "id"):
        waits[wait.call_control_id].append(wait)
    found = ((stay.pk, _first(stay, of_leg, waits)) for stay in stays)
    return {pk: there for pk, there in found if there}


def _first(
    stay: QueuedCall, of_leg: Mapping[str, Sequence[There]], waits: Mapping[str, Sequence[QueuedCall]]
) -> There | None:
    """There when they left the queue or later, and come before they waited in any queue again: the webhooks
    of leaving and of joining come in either order."""
    leg, left_at = stay.call_control_id, stay.left_at or stay.enqueued_at
    again = [one for one in waits.get(leg, ()) if one.enqueued_at >= left_at and one.pk != stay.pk]
    came = [one for one in of_leg.get(leg, ()) if not again or one.since < again[0].enqueued_at]
    return next((one for one in came if one.until is None or one.until > left_at), None)


def _told(
    firsts: Mapping[int, There],
    everybody: Sequence[There],
    about: Callable[[str], tuple[str, str]],
) -> dict[int, Went]:
    people = legs({one.leg for one in everybody}, full_numbers=False)
    beside: dict[str, list[There]] = defaultdict(list)
    for one in everybody:
        beside[one.place].append(one)
    return {
        pk: Went(*about(first.place), _agents(first, beside[first.place], people))
        for pk, first in firsts.items()
    }


def _agents(their: There, everybody: Iterable[There], people: Mapping[str, Leg]) -> list[str]:
    """Those whose stay met theirs, who came first."""
    met = [one.leg for one in everybody if one.leg != their.leg and _meet(one, their)]
    return list(dict.fromkeys(people[leg].label for leg in met if people[leg].kind == "agent"))


def _meet(one: There, their: There) -> bool:
    return (their.until is None or one.since < their.until) and (one.until is None or one.until > their.since)
