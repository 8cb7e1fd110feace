"""To whom a caller of a queue went: the conference or call after it, and the agents there, as far as the
viewer may see them.

It joins queues with conferences and bridged calls, which know nothing of each other. It is asked for and not
pushed: whatever happens in those would make the page of the queue new with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

import bridged_calls.commands
import bridged_calls.show
import conferences.commands
from bridged_calls.models import BridgedLeg
from conferences.models import Participant
from dashboard.legs import legs
from dashboard.models import User
from dashboard.pages import viewer
from queues.models import QueuedCall
from supervisor_site.callers import stay_of

_Stay = tuple[str, datetime, datetime | None]  # a leg, from when to when


@dataclass(frozen=True, slots=True)
class Went:
    """Where they went, and the agents who were there with them, by name."""

    address: str
    name: str
    agents: Sequence[str]


@require_GET
@login_required
def to_whom(request: HttpRequest, pk: int, call: int) -> HttpResponse:
    """What is known by now of one who left, asked for when it opens."""
    user = viewer(request)
    stay = stay_of(user, pk, call)
    return render(request, "queues/_went.html", {"went": _conference(user, stay) or _bridged(user, stay)})


def _conference(user: User, stay: QueuedCall) -> Went | None:
    """Of who joined before the queue let them go, and of who did after; the webhooks come in either order."""
    seen = Participant.objects.filter(conference__in=conferences.commands.visible(user))
    there = seen.filter(_after(stay, "joined_at"), call_control_id=stay.call_control_id)
    found = there.select_related("conference").order_by("joined_at", "id").first()
    if found is None:
        return None
    others = Participant.objects.filter(conference=found.conference_id, supervisor_role__in=["", "none"])
    told = others.order_by("joined_at", "id").values_list("call_control_id", "joined_at", "left_at")
    agents = _agents(told, (found.call_control_id, found.joined_at, found.left_at))
    return Went(reverse("conference", args=[found.conference_id]), str(found.conference), agents)


def _bridged(user: User, stay: QueuedCall) -> Went | None:
    seen = BridgedLeg.objects.filter(call__in=bridged_calls.commands.visible(user))
    there = seen.filter(_after(stay, "bridged_at"), call_control_id=stay.call_control_id)
    found = there.select_related("call").order_by("bridged_at", "opened_by").first()
    if found is None or found.call is None:
        return None
    told = found.call.legs.order_by("bridged_at").values_list("call_control_id", "bridged_at", "left_at")
    agents = _agents(told, (found.call_control_id, found.bridged_at, found.left_at))
    return Went(reverse("bridged-call", args=[found.call.pk]), bridged_calls.show.name(found.call), agents)


def _after(stay: QueuedCall, came: str) -> Q:
    """There when they left the queue or later, and come before they waited in any queue again."""
    left_at = stay.left_at or stay.enqueued_at
    again = QueuedCall.objects.filter(call_control_id=stay.call_control_id, enqueued_at__gte=left_at)
    until = again.exclude(pk=stay.pk).order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
    there = Q(left_at=None) | Q(left_at__gt=left_at)
    return there & Q(**{f"{came}__lt": until}) if until else there


def _agents(told: Iterable[_Stay], their: _Stay) -> list[str]:
    """Those whose stay met theirs, who came first."""
    leg, came, went = their
    met = [one for one, since, until in told if one != leg and _meet(since, until, came, went)]
    about = legs(met, full_numbers=False)
    return list(dict.fromkeys(about[one].label for one in met if about[one].kind == "agent"))


def _meet(since: datetime, until: datetime | None, came: datetime, went: datetime | None) -> bool:
    return (went is None or since < went) and (until is None or until > came)
