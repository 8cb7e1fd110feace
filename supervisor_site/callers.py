"""A caller's card: how often they came before, and into which conferences, as far as the viewer may see it.

It joins queues and conferences, which know nothing of each other, by the number; so of an agent's leg, and of
who hides the number, it tells nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

import conferences.commands
import queues.commands
from conferences.models import Conference, Participant
from dashboard.legs import legs
from dashboard.models import User
from dashboard.pages import viewer
from dashboard.roles import Action
from queues.models import QueuedCall
from queues.show import outcome
from telephony.models import Call

MOST_CALLS = 200  # of one number that are looked at, the newest
SHOWN = 6
# What has fewer digits (`anonymous`, `unknown`, an extension) is many people's.
FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Wait:
    """One stay in a queue: its name, in words how it ended ("" if it goes on), and after how many seconds."""

    queue: str
    words: str
    waited_seconds: int | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One call before this one: when it came, where it waited, and the conferences that it was in."""

    at: datetime
    waits: Sequence[Wait]
    conferences: Sequence[Conference]


@require_GET
@login_required
def card(request: HttpRequest, pk: int, call: int) -> HttpResponse:
    """What is known of one who waits, asked for when their card opens."""
    user = viewer(request)
    stay = stay_of(user, pk, call)
    number = number_of(stay.call_control_id)
    visits = _before(user, stay, number) if number else []
    told = {"visits": visits[:SHOWN], "count": len(visits), "more": len(visits) - SHOWN}
    return render(request, "queues/_card.html", {**told, "number": number, "days": settings.INBOX_DAYS})


def stay_of(user: User, pk: int, call: int) -> QueuedCall:
    """Stay `call` in queue `pk`, if this person may know who waits there: else 403, or 404."""
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    queue = get_object_or_404(queues.commands.visible(user), pk=pk)
    return get_object_or_404(queue.calls, pk=call)


def number_of(leg: str) -> str:
    """The number that a caller is known by; "" for agents, and where there is none."""
    about, call = legs([leg], full_numbers=False)[leg], Call.objects.filter(call_control_id=leg).first()
    if call is None or about.kind != "caller":
        return ""
    return call.far_number if sum(map(str.isdigit, call.far_number)) >= FEWEST_DIGITS else ""


def _before(user: User, stay: QueuedCall, number: str) -> list[Visit]:
    """Their other calls before this one that waited in a queue, or were in a conference, which this person
    may see; the newest first."""
    calls = _calls(number, stay.call_control_id)
    waits, there = _waits(user, calls), _conferences(user, calls)
    found = [_visit(waits[leg], there[leg]) for leg in calls if waits[leg] or there[leg]]
    earlier = [visit for visit in found if visit.at < stay.enqueued_at]
    return sorted(earlier, key=lambda visit: visit.at, reverse=True)


def _calls(number: str, this: str) -> list[str]:
    """The other calls from this number, and to it."""
    theirs = Q(direction="outgoing", to_number=number) | (~Q(direction="outgoing") & Q(from_number=number))
    others = Call.objects.filter(theirs).exclude(call_control_id=this).order_by("-id")
    return list(others.values_list("call_control_id", flat=True)[:MOST_CALLS])


def _waits(user: User, calls: Sequence[str]) -> Mapping[str, list[QueuedCall]]:
    found: dict[str, list[QueuedCall]] = defaultdict(list)
    theirs = QueuedCall.objects.filter(queue__in=queues.commands.visible(user), call_control_id__in=calls)
    for stay in theirs.select_related("queue").order_by("enqueued_at", "id"):
        found[stay.call_control_id].append(stay)
    return found


def _conferences(user: User, calls: Sequence[str]) -> Mapping[str, list[Participant]]:
    found: dict[str, list[Participant]] = defaultdict(list)
    seen = conferences.commands.visible(user)
    theirs = Participant.objects.filter(conference__in=seen, call_control_id__in=calls)
    for stay in theirs.select_related("conference").order_by("joined_at", "id"):
        found[stay.call_control_id].append(stay)
    return found


def _visit(waits: Sequence[QueuedCall], there: Sequence[Participant]) -> Visit:
    begun = [stay.enqueued_at for stay in waits] + [stay.joined_at for stay in there]
    told = [Wait(str(stay.queue), outcome(stay), stay.waited_seconds) for stay in waits]
    # Whoever was sent out and came back was in the same conference.
    return Visit(min(begun), told, list({stay.conference_id: stay.conference for stay in there}.values()))
