"""The pages of screens: their list beside the editor, the page of a link, and the wallboard on the wall."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard.pages import button, viewer
from dashboard.roles import Action
from telephony import status
from wallboards import commands, devices, devices_list
from wallboards.devices_models import Device
from wallboards.views import hung

PATH = "/screen/"
LIVE_PATH = f"{PATH}live"
GUESSES = {"screen_link": "20/15m/ip"}


# --- the list ------------------------------------------------------------------------------------------
@require_GET
@login_required
@never_cache
def screens(request: HttpRequest, pk: int) -> HttpResponse:
    """The screens of a wallboard, for who may change it."""
    user = viewer(request)
    if not user.may(Action.MANAGE_WALLBOARDS):
        raise PermissionDenied
    board = get_object_or_404(commands.changeable(user), pk=pk)
    known = {"board": board, "screens": devices_list.screens(board), "telnyx": status.current()}
    return render(request, "wallboards/devices.html", known)


@require_POST
@never_cache
@button
def make(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link, the only time that it is shown; the list comes to everybody alike."""
    made, code = devices.make(viewer(request), pk, request.POST.get("name", ""))
    address = request.build_absolute_uri(reverse("screen-link", args=[devices.shown(code)]))
    return render(request, "wallboards/_new_link.html", {"made": made, "address": address})


@require_POST
@button
def revoke(request: HttpRequest, pk: int, device: int) -> None:
    """The screen goes blank."""
    devices.revoke(viewer(request), pk, device)


def _state(one: Device) -> str:
    """opened · waiting (for its link to be opened) · late (it never was) · ended · revoked."""
    if one.revoked_at:
        return "revoked"
    if not one.opened_at:
        return "waiting" if devices.holds(one) else "late"
    return "opened" if devices.holds(one) else "ended"


# --- the link ------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link(request: HttpRequest, code: str) -> HttpResponse:
    """GET changes nothing, so a preview of the link does not use it; its one button opens it, once."""
    if not _may_guess(request, dry_run=True):
        return _said(request, "guesses", 429)
    found = devices.of_link(code)
    if found is None:
        _may_guess(request, dry_run=False)
        return _said(request, "unknown", 404)
    state = _state(found)
    if state == "waiting" and request.method == "POST" and (key := devices.open_link(found)):
        return _opened(key)
    if state == "waiting" and request.method != "POST":
        return render(request, "wallboards/device_link.html", {"device": found})
    found.refresh_from_db()
    return _said(request, _why_not(found), 410, found)


def _may_guess(request: HttpRequest, *, dry_run: bool) -> bool:
    """Wrong codes count for one network, as wrong passwords do."""
    usage = ratelimit.consume(
        request, app="wallboards", action="screen_link", config=GUESSES, dry_run=dry_run, limit_get=True
    )
    return usage is not None


def _why_not(found: Device) -> str:
    if found.revoked_at:
        return "revoked"
    return "used" if found.opened_at else "late"


def _opened(key: str) -> HttpResponse:
    answer = redirect("screen")
    _set_cookie(answer, key)
    return answer


def _set_cookie(answer: HttpResponse, key: str) -> None:
    answer.set_cookie(
        devices.COOKIE,
        key,
        max_age=devices.COOKIE_HOLDS,
        path=PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


# --- the screen ----------------------------------------------------------------------------------------
@require_GET
@never_cache
def screen(request: HttpRequest) -> HttpResponse:
    """The wallboard of whoever has this cookie, or words why there is none."""
    key = request.COOKIES.get(devices.COOKIE, "")
    found = devices.of_cookie(key) if key else None
    if found is None:
        return _said(request, "none", 404)
    if not devices.holds(found):
        return _said(request, "taken" if found.revoked_at else "ended", 410, found)
    devices.note_seen([found])
    answer = hung(request, found.wallboard, None, live_address=LIVE_PATH)
    _set_cookie(answer, key)
    return answer


def _said(request: HttpRequest, why: str, code: int, found: Device | None = None) -> HttpResponse:
    known = {"why": why, "device": found}
    return render(request, "wallboards/device_words.html", known, status=code)
