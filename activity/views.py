"""The pages of the activity, and the list as a file. Nothing here can be edited."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from activity import export as exporting
from activity import live
from activity.detail import detail
from activity.filters import DAYS, MODES, Filters
from activity.head import head
from dashboard import exports
from dashboard.boards import Audience
from dashboard.models import User
from dashboard.pages import viewer
from dashboard.roles import Action
from telephony import status


@require_GET
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """One view of it, as the address's filters want it."""
    user = _supervisor(request)
    wanted, audience = Filters.read(request.GET.dict()), _audience(user)
    on_page = list(live.found(wanted, audience)[wanted.on_page()])
    return render(
        request,
        "activity/page.html",
        {
            "rows": live.of_rows(on_page, full_numbers=audience.full_numbers),
            "head": head(wanted, user.scope, full_numbers=audience.full_numbers),
            "filters": wanted,
            "days": DAYS.items(),
            "modes": MODES.items(),
            "outcomes": wanted.outcomes.items(),
            "kept": settings.COMMAND_DAYS,
            "telnyx": status.current(),
        },
    )


@require_GET
@login_required
def pane(request: HttpRequest, number: str) -> HttpResponse:
    """The details of one supervision, as one fragment."""
    return _one(request, number, "activity/_detail.html")


@require_GET
@login_required
def supervision(request: HttpRequest, number: str) -> HttpResponse:
    """The same as a page of its own, for a phone and for a link."""
    return _one(request, number, "activity/supervision.html")


def _one(request: HttpRequest, number: str, template: str) -> HttpResponse:
    user = _supervisor(request)
    found = live.one(user.scope, str(number))
    if found is None:
        raise Http404
    shown = detail(found, full_numbers=user.may(Action.SEE_NUMBERS))
    return render(request, template, {"detail": shown, "telnyx": status.current()})


@require_POST
@login_required
def export(request: HttpRequest) -> HttpResponse:
    """The rows that the address's filters leave; that they were taken away is an entry of the log first."""
    user = _supervisor(request)
    form = request.POST.get("form", "")
    if form not in exports.FORMS:
        raise Http404
    wanted = Filters.read(request.GET.dict())
    found = exporting.rows(wanted, _audience(user))
    name = "commands" if wanted.view else "supervision"
    what = ", ".join([f"{name} as {form.upper()}", *wanted.words()])[:255]
    exports.logged(user, "activity", "Activity", what, form, len(found))
    return exports.file(f"activity {name}", form, exporting.columns(wanted), found)


def _audience(user: User) -> Audience:
    return Audience(user.actions, user.scope)


def _supervisor(request: HttpRequest) -> User:
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    return user
