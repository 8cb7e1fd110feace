"""Taking somebody who waits into a conference: what joins queues and conferences, which know nothing of each
other. From the queue's page into a conference or to an agent that is chosen, from a conference's page who is
chosen."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

import conferences.commands
import queues.commands
import queues.show
import queues.takes
from agents import own, states
from agents.states import Kind, State
from conferences.models import Conference
from dashboard import commands
from dashboard.commands import Refused
from dashboard.fields import row_number
from dashboard.models import Agent, User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from queues.models import Take
from queues.presentation import Waiting
from queues.takes import Goal


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
    queue, call = map(row_number, request.POST.get("caller", "").partition(":")[::2])
    if not (queue and call):
        raise Refused(400, "Choose who shall come in.", "Nothing was sent.")
    _join(viewer(request), request, queue, call, conference_id)


def _join(user: User, request: HttpRequest, pk: int, call: int, conference_id: str) -> None:
    commands.require(user, Action.MOVE)
    if not conference_id:
        raise Refused(400, "Choose a conference.", "Nothing was sent.")
    conference = conferences.commands.visible(user).filter(pk=conference_id).first()
    if conference is None:
        raise Refused(404, "Choose a conference.", "There is none of that name. Nothing was sent.")
    if not conference.is_live:
        raise Refused(409, f"{conference} has ended.", "Choose another one. Nothing was sent.")
    where = {"conference_id": conference.id, "conference_name": str(conference)}
    queues.commands.on_caller(user, pk, call, "join", request.POST, where)


# --- to an agent, who is called first --------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Choice:
    """An agent of the viewer's teams, and in words what keeps them from being called; "" for nothing."""

    agent: Agent
    busy: str


@require_GET
@login_required
def agents(request: HttpRequest) -> HttpResponse:
    """The agents who can be called for a caller, as options; who cannot says why, at the end."""
    every = list(_agents(_mover(request)))
    busy = _busy(every)
    choices = [Choice(agent, busy[agent.pk]) for agent in every]
    choices.sort(key=lambda choice: bool(choice.busy))
    return render(request, "queues/_agents.html", {"choices": choices})


def _agents(user: User) -> QuerySet[Agent]:
    return Agent.objects.all() if user.scope is None else Agent.objects.filter(team__in=user.scope)


def _busy(some: Sequence[Agent]) -> Mapping[int, str]:
    """What keeps each of them from being called, by their key."""
    called = set(Take.objects.live().filter(agent__in=some).values_list("agent", flat=True))
    there = own.stays_of(some)
    lines = own.lines_of(some, [stay for stays in there.values() for stay in stays])
    return {agent.pk: _words(agent, agent.pk in called, states.state(lines[agent.pk])) for agent in some}


def _words(agent: Agent, is_called: bool, state: State) -> str:
    if not (agent.number or agent.sip_address):
        return "no phone"
    if is_called:
        return "being called"
    return "" if state.kind is Kind.FREE else str(state.kind)


@require_POST
@button
def to_agent(request: HttpRequest, pk: int, call: int) -> None:
    """Call an agent for this caller, who follows when the agent answers."""
    user = viewer(request)
    queues.takes.take(user, pk, call, _goal(user, request, pk))


@require_POST
@button
def next_to_agent(request: HttpRequest, pk: int) -> None:
    """The same for whoever is first in the queue at this moment."""
    user = viewer(request)
    queues.takes.take_next(user, pk, _goal(user, request, pk))


@require_POST
@button
def cancel(request: HttpRequest, pk: int, call: int) -> None:
    """Hang up the agent's phone; the caller waits on."""
    queues.takes.cancel(viewer(request), pk, call)


def _goal(user: User, request: HttpRequest, pk: int) -> Goal:
    queue = queues.commands.found(user, pk, "call-agent")
    chosen = request.POST.get("agent", "")
    if not chosen:
        raise Refused(400, "Choose an agent.", "Nobody was called.")
    agent = _agents(user).filter(pk=row_number(chosen)).first()
    if agent is None:
        raise Refused(404, "Choose an agent.", "There is none of that name. Nothing was sent.")
    # One who is being called may be so by this very press, in another tab: the database decides.
    if (busy := _busy([agent])[agent.pk]) and busy not in {"no phone", "being called", "ringing"}:
        text = "Choose another agent, or take the caller into their conference. Nothing was sent."
        raise Refused(409, f"{agent} is {busy}.", text)
    return Goal(agent, _unused(queue.name))


def _unused(queue: str) -> str:
    """A name that no conference has now: at Telnyx whoever is called into one that exists would join it."""
    live = set(Conference.objects.live().values_list("name", flat=True))
    while (name := f"{queue[:240]} {random.randrange(10_000, 100_000)}") in live:  # noqa: S311 - no secret
        pass
    return name
