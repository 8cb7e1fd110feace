"""The page of agents; an agent's own page and the addresses of its buttons."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.views.decorators.http import require_GET, require_POST

from agents import asking, commands, filters, own, show, show_one
from agents.commands import ON_CALLER, ON_ONESELF, ON_RECORDING
from agents.filters import SORTS, Filters
from agents.roll import Roll
from agents.show_hands import raised
from agents.show_roll import shown
from dashboard.commands import Refused
from dashboard.pages import button, viewer
from dashboard.roles import Action
from queues.show import shown as shown_queues
from telephony import status


@require_GET
@login_required
def agents(request: HttpRequest) -> HttpResponse:
    """The directory, and what each agent does now, as the address's filters want it."""
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    wanted = Filters.read(request.GET.dict())
    full_numbers = user.may(Action.SEE_NUMBERS)
    roll = Roll(wanted, user.scope, full_numbers=full_numbers)
    known = {
        "hands": raised(user.scope, full_numbers=full_numbers),
        "agents": shown(roll, roll.page),
        "head": roll.head,
        "filters": wanted,
        "teams": filters.teams(user.scope),
        "sorts": SORTS.items(),
        "telnyx": status.current(),
    }
    return render(request, "agents/list.html", known)


@require_GET
@login_required
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent as a page of their own, for narrow screens."""
    return _one(request, pk, "agents/one.html")


@require_GET
@login_required
def pane(request: HttpRequest, pk: int) -> HttpResponse:
    """The same beside the list, as one fragment."""
    return _one(request, pk, "agents/_pane.html")


@require_POST
@button
def ask_telnyx(request: HttpRequest, pk: int) -> HttpResponse:
    """What Telnyx says of an agent whose state is not known, in one sentence."""
    return HttpResponse(escape(asking.ask(viewer(request), pk)))


def _one(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    last = show_one.read(show_one.roll_of(pk, user.scope, full_numbers=user.may(Action.SEE_NUMBERS)))
    if last is None:
        raise Http404
    known = {"details": show_one.details(last), "telnyx": status.current()}
    return render(request, template, known)


@require_GET
@login_required
def my_calls(request: HttpRequest) -> HttpResponse:
    """The call that the agent is in, their raised hand, their queues."""
    user = viewer(request)
    if not user.may(Action.OWN_CALL):
        raise PermissionDenied
    agent, full_numbers = own.entry(user), user.may(Action.SEE_NUMBERS)
    queues = shown_queues(show.own_queues(agent, user.scope), full_numbers=full_numbers)
    mine = show.mine(agent, full_numbers=full_numbers)
    known = {"mine": mine, "queues": queues, "telnyx": status.current()}
    return render(request, "agents/page.html", known)


@require_POST
@button
def press(request: HttpRequest, conference_id: str, verb: str) -> None:
    """A button on one's own leg, on the recording, or on one's own hand."""
    user = viewer(request)
    if verb == "raise-hand":
        commands.raise_hand(user, conference_id, request.POST)
    elif verb == "lower-hand":
        commands.lower_hand(user, conference_id)
    elif verb in ON_ONESELF or verb in ON_RECORDING:
        commands.on_call(user, conference_id, verb, request.POST)
    else:
        raise Refused(404, "There is no such button.", "Load the page again.")


@require_POST
@button
def press_on_caller(request: HttpRequest, conference_id: str, pk: int, verb: str) -> None:
    """A button on the caller of one's own call."""
    if verb not in ON_CALLER:
        raise Refused(404, "There is no such button.", "Load the page again.")
    commands.on_caller(viewer(request), conference_id, pk, verb, request.POST)
