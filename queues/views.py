"""The pages of queues and the addresses of their buttons. Agents see these, without buttons and with masked
numbers."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from dashboard.asking import answered
from dashboard.commands import Refused, require
from dashboard.fields import row_number
from dashboard.models import User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from queues import asking, commands, show
from queues.models import Queue
from queues.reaches import REACHES, THREE_HOURS
from queues.verbs import CALLER, INACTIVE, WHOLE
from telephony import status

# Into a conference leads another way, because it names one: `supervisor_site.takes`.
ALONE = {*CALLER, *INACTIVE} - {"join", "create"}


@require_GET
@login_required
def queues(request: HttpRequest) -> HttpResponse:
    """All queues, one row each."""
    user = _watcher(request)
    rows = show.shown(commands.visible(user), full_numbers=user.may(Action.SEE_NUMBERS))
    return render(
        request, "queues/list.html", {"queues": rows, "telnyx": status.current(), "scope": user.scope}
    )


@require_GET
@login_required
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """One queue: who waits, in order, and who left in the last 15 minutes. `span`: how far its chart goes."""
    user = _watcher(request)
    found = get_object_or_404(commands.visible(user), pk=pk)
    reach = REACHES.get(request.GET.get("span", ""), THREE_HOURS)
    whole = show.whole(found, full_numbers=user.may(Action.SEE_NUMBERS), reach=reach)
    return render(request, "queues/page.html", {"queue": whole, "telnyx": status.current()})


@require_GET
@login_required
def beside(request: HttpRequest, pk: int, by: int) -> HttpResponse:
    """The queue so many places further by name, after the last the first; its chart goes as far back."""
    keys = list(commands.visible(_watcher(request)).order_by("name", "pk").values_list("pk", flat=True))
    if pk not in keys:
        raise Http404
    address = reverse("queue", args=[keys[(keys.index(pk) + by) % len(keys)]])
    asked = request.GET.urlencode()
    return redirect(f"{address}?{asked}" if asked else address)


@require_GET
@login_required
def names(request: HttpRequest) -> HttpResponse:
    """The names of the queues, as options of the fields that name one."""
    found = commands.visible(_watcher(request)).values_list("name", flat=True)
    return render(request, "queues/_names.html", {"names": found})


def _watcher(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.SEE_QUEUES):
        raise PermissionDenied
    return user


@require_GET
@button
def at_telnyx(request: HttpRequest, pk: int, call: int | None = None) -> HttpResponse:
    """What Telnyx says of the queue now, or of one who waits in it."""
    found = get_object_or_404(commands.visible(_manager(request)), pk=pk)
    if call is None:
        return answered(request, lambda: asking.queue(found))
    stay = get_object_or_404(found.calls, pk=call)
    return answered(request, lambda: asking.caller(stay))


def _manager(request: HttpRequest) -> User:
    user = viewer(request)
    require(user, Action.MOVE)
    return user


@require_POST
@button
def make(request: HttpRequest) -> HttpResponse:
    """A new queue; its page opens."""
    name = commands.make(viewer(request), request.POST)
    answer = HttpResponse(status=204)
    found = Queue.objects.filter(name=name).first()
    if found:
        answer["HX-Redirect"] = f"/queues/{found.pk}/"
    return answer


@require_POST
@button
def press(request: HttpRequest, pk: int, verb: str) -> None:
    """A button on the queue itself."""
    if verb not in WHOLE:
        raise Refused(404, "There is no such button.", "Load the page again.")
    commands.on_queue(viewer(request), pk, verb, request.POST)


@require_POST
@button
def aim(request: HttpRequest, pk: int) -> None:
    """Our own targets of the queue."""
    commands.aim(viewer(request), pk, request.POST)


@require_POST
@button
def press_on_caller(request: HttpRequest, pk: int, call: int, verb: str) -> None:
    """A button on somebody who waits."""
    if verb not in ALONE:
        raise Refused(404, "There is no such button.", "Load the page again.")
    commands.on_caller(viewer(request), pk, call, verb, request.POST)


@require_POST
@button
def press_on_selected(request: HttpRequest, pk: int, verb: str) -> None:
    """A button on everybody whom the viewer ticked."""
    if verb not in {"enqueue", "remove"}:
        raise Refused(404, "There is no such button.", "Load the page again.")
    ticked = [row_number(call) for call in request.POST.getlist("call")]
    commands.on_callers(viewer(request), pk, verb, ticked, request.POST)
