"""The pages of wallboards: their list, the editor, and the wall itself."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.fields import row_number
from dashboard.models import Command, User
from dashboard.pages import button, viewer
from dashboard.roles import Action
from dashboard.scope import Scope
from queues.commands import visible as visible_queues
from queues.models import Queue
from telephony import status
from wallboards import assets, commands, show
from wallboards.listing import listing
from wallboards.metrics import METRICS
from wallboards.models import Row, Wallboard
from wallboards.options import MOST_COLUMNS, MOST_QUEUES

FIRST_METRICS = ["waiting", "longest", "service", "abandoned"]


@require_GET
@login_required
def wallboards(request: HttpRequest) -> HttpResponse:
    """All wallboards that this person sees."""
    user = viewer(request)
    if not user.may(Action.SEE_QUEUES):
        raise PermissionDenied
    known = {"listing": listing(user.actions, user.scope), "telnyx": status.current(), "scope": user.scope}
    return render(request, "wallboards/list.html", known)


@require_GET
@login_required
def wallboard(request: HttpRequest, pk: int) -> HttpResponse:
    """The wall, full screen."""
    user = viewer(request)
    return hung(request, get_object_or_404(commands.visible(user), pk=pk), user.scope)


def hung(request: HttpRequest, board: Wallboard, scope: Scope, live_address: str = "") -> HttpResponse:
    """The page of one wallboard, for whoever may see it: the caller has found that out. `live_address`: the
    socket of a screen that nobody is signed in at."""
    known = {
        "board": board,
        "wall": show.wall(board, scope),
        "live_address": live_address,
        "telnyx": status.current(),
        "release": assets.release(),
        "oldest": settings.WALLBOARD_RELOAD_SECONDS,
    }
    return render(request, "wallboards/board.html", known)


@require_GET
@login_required
def of_queue(request: HttpRequest, queue: int) -> HttpResponse:
    """The first wallboard by name that shows this queue; without one, the editor of a new one with it."""
    user = viewer(request)
    found = get_object_or_404(visible_queues(user), pk=queue)
    board = commands.visible(user).filter(rows__queue=found).order_by("name").first()
    if board is not None:
        return redirect(board)
    if user.may(Action.MANAGE_WALLBOARDS):
        return redirect(f"{reverse('wallboard-new')}?queue={queue}")
    return redirect("wallboards")


@require_http_methods(["GET", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """The editor of a new wallboard; what it posts."""
    return _make(request) if request.method == "POST" else _new(request)


@button
def _make(request: HttpRequest) -> HttpResponse:
    board = commands.make(viewer(request), request.POST)
    return _leads_to(reverse("wallboard-edit", args=[board.pk]))


@login_required
def _new(request: HttpRequest) -> HttpResponse:
    user = viewer(request)
    if not user.may(Action.MANAGE_WALLBOARDS):
        raise PermissionDenied
    chosen = visible_queues(user).filter(pk=row_number(request.GET.get("queue", "")))
    return _editor(request, user, Wallboard(metrics=FIRST_METRICS), list(chosen))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of a wallboard; what it posts."""
    return _change(request, pk) if request.method == "POST" else _edit(request, pk)


@button
def _change(request: HttpRequest, pk: int) -> HttpResponse:
    commands.change(viewer(request), pk, request.POST)
    return _leads_to(reverse("wallboard-edit", args=[pk]))


@login_required
def _edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = viewer(request)
    if not user.may(Action.MANAGE_WALLBOARDS):
        raise PermissionDenied
    board = get_object_or_404(commands.visible(user), pk=pk)
    if not commands.changeable(user).filter(pk=pk).exists():
        # It has a queue of another team, which saving would take off.
        return redirect(board)
    return _editor(request, user, board, board.queues)


def _editor(request: HttpRequest, user: User, board: Wallboard, chosen: list[Queue]) -> HttpResponse:
    places = {queue.pk: place for place, queue in enumerate(chosen, start=1)}
    others = [queue for queue in visible_queues(user) if queue.pk not in places]
    known: dict[str, Any] = {
        "board": board,
        "queues": [(queue, places.get(queue.pk)) for queue in [*chosen, *others]],
        "metrics": _metrics(board.metrics),
        "most_queues": MOST_QUEUES,
        "most_columns": MOST_COLUMNS,
        "layouts": Wallboard.Layout,
        "themes": Wallboard.Theme,
        "telnyx": status.current(),
    }
    if board.pk:
        known["saved"] = Command.objects.filter(subject=f"wallboard:{board.pk}").first()
        known["wall"] = show.wall(board, user.scope)
    return render(request, "wallboards/edit.html", known)


def _metrics(chosen: list[str]) -> list[tuple[str, str, str, bool]]:
    """Key, name, what it is compared with, whether it is chosen: the chosen first, in their order."""
    keys = [key for key in chosen if key in METRICS] + [key for key in METRICS if key not in chosen]
    return [(key, METRICS[key].name, METRICS[key].against, key in chosen) for key in keys]


@require_POST
@button
def preview(request: HttpRequest) -> HttpResponse:
    """The wall as it would be, of what the editor has now; `state=empty`: of a morning without a caller."""
    user = viewer(request)
    wanted = commands.read(user, request.POST)
    queues = wanted.pop("queues")
    seen = visible_queues(user).in_bulk(queues)
    board = Wallboard(**wanted)
    empty = request.POST.get("state") == "empty"
    wall = show.drawn(board, [seen[pk] for pk in queues], 0, empty=empty)
    hung = Row.objects.values("queue")
    unseen = visible_queues(user).exclude(pk__in=queues).exclude(pk__in=hung)
    known = {"board": board, "wall": wall, "unseen": list(unseen)}
    return render(
        request,
        "wallboards/_preview.html",
        known | {"most_queues": MOST_QUEUES, "most_columns": MOST_COLUMNS},
    )


@require_POST
@button
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a wallboard away."""
    commands.delete(viewer(request), pk)
    return _leads_to(reverse("wallboards"))


def _leads_to(address: str) -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = address
    return answer
