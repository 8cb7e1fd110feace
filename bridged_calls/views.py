"""The page of a bridged call, its pane on the floor, and the address of its button."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from bridged_calls import commands, show
from bridged_calls.live import PAGE, PANE
from bridged_calls.verbs import VERBS
from dashboard.commands import Refused
from dashboard.pages import button, viewer
from dashboard.roles import Action
from telephony import status


@require_GET
@login_required
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one call, live or ended."""
    return _whole(request, pk, "bridged_calls/page.html", PAGE.lines)


@require_GET
@login_required
def pane(request: HttpRequest, pk: int) -> HttpResponse:
    """The floor's detail pane, as one fragment."""
    return _whole(request, pk, "bridged_calls/_pane.html", PANE.lines, on_floor=True)


def _whole(request: HttpRequest, pk: int, template: str, lines: int, **more: object) -> HttpResponse:
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    found = get_object_or_404(commands.visible(user), pk=pk)
    whole = show.whole(found, full_numbers=user.may(Action.SEE_NUMBERS), lines=lines)
    return render(request, template, {"call": whole, "telnyx": status.current(), **more})


@require_POST
@button
def press(request: HttpRequest, pk: int, verb: str) -> None:
    """A button on the call."""
    if verb not in VERBS:
        raise Refused(404, "There is no such button.", "Load the page again.")
    commands.on_call(viewer(request), pk, verb, request.POST)
