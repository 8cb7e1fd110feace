"""The pages of queues. Agents see these, without buttons and with masked numbers."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from dashboard.models import User
from dashboard.pages import viewer
from dashboard.roles import Action
from queues import show
from queues.models import Queue
from telephony import status


@require_GET
@login_required
def queues(request: HttpRequest) -> HttpResponse:
    """All queues, one row each."""
    user = _watcher(request)
    rows = show.shown(Queue.objects.all(), full_numbers=user.may(Action.SEE_NUMBERS))
    return render(request, "queues/list.html", {"queues": rows, "telnyx": status.current()})


@require_GET
@login_required
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """One queue: who waits, in order, and who left in the last 15 minutes."""
    user = _watcher(request)
    whole = show.whole(get_object_or_404(Queue, pk=pk), full_numbers=user.may(Action.SEE_NUMBERS))
    return render(request, "queues/page.html", {"queue": whole, "telnyx": status.current()})


def _watcher(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.SEE_QUEUES):
        raise PermissionDenied
    return user
