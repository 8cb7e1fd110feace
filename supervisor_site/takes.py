"""Taking somebody who waits into a conference: what joins queues and conferences, which know nothing of each
other. From the queue's page into a conference that is chosen, from a conference's page who is chosen."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

import conferences.commands
import queues.commands
import queues.show
from conferences.models import Conference
from dashboard import commands
from dashboard.commands import Refused
from dashboard.models import User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from queues.presentation import Waiting


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who waits and can be taken: `queue:call` is what the form sends."""

    key: str
    queue: str
    caller: Waiting


@require_GET
@login_required
def live(request: HttpRequest) -> HttpResponse:
    """The conferences that a caller can be taken into, as options."""
    user = _mover(request)
    there = conferences.commands.visible(user).filter(pk__in=Conference.objects.live().values("pk"))
    return render(request, "conferences/_live_options.html", {"conferences": there.order_by("name", "id")})


@require_GET
@login_required
def candidates(request: HttpRequest) -> HttpResponse:
    """Who waits in any queue, as options."""
    user = _mover(request)
    shown = queues.show.shown(queues.commands.visible(user), full_numbers=user.may(Action.SEE_NUMBERS))
    waiting = [
        Candidate(f"{queue.pk}:{caller.pk}", queue.name, caller)
        for queue in shown
        for caller in queue.waiting
        if caller.alive
    ]
    return render(request, "queues/_candidates.html", {"candidates": waiting})


def _mover(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.MOVE):
        raise PermissionDenied
    return user


@require_POST
@button
def join(request: HttpRequest, pk: int, call: int) -> None:
    """Take a caller into the conference that the form names."""
    _join(viewer(request), request, pk, call, request.POST.get("conference", ""))


@require_POST
@button
def create(request: HttpRequest, pk: int, call: int) -> None:
    """Take a caller into a new conference."""
    queues.commands.on_caller(viewer(request), pk, call, "create", request.POST)


@require_POST
@button
def take(request: HttpRequest, conference_id: str) -> None:
    """Take the caller whom the form names into this conference."""
    queue, _, call = request.POST.get("caller", "").partition(":")
    if not (queue.isdecimal() and call.isdecimal() and len(queue) < 12 and len(call) < 19):
        raise Refused(400, "Choose who shall come in.", "Nothing was sent.")
    _join(viewer(request), request, int(queue), int(call), conference_id)


def _join(user: User, request: HttpRequest, pk: int, call: int, conference_id: str) -> None:
    commands.require(user, Action.MOVE)
    conference = conferences.commands.visible(user).filter(pk=conference_id).first()
    if conference is None:
        raise Refused(404, "Choose a conference.", "There is none of that name. Nothing was sent.")
    if not conference.is_live:
        raise Refused(409, f"{conference} has ended.", "Choose another one. Nothing was sent.")
    where = {"conference_id": conference.id, "conference_name": str(conference)}
    queues.commands.on_caller(user, pk, call, "join", request.POST, where)
