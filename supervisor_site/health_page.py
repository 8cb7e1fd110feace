"""The health page of admins, its live boards, and the buttons on dead letters."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from dashboard.boards import Audience, Board, Fragment
from dashboard.commands import Refused, require
from dashboard.pages import button, viewer
from dashboard.pokes import poke
from dashboard.rendering import html
from dashboard.roles import Action
from supervisor_site import letters, measures
from supervisor_site.models import HealthReport
from telephony import status
from telephony.projection import Change

# Fragment id, or the start of several → its list, its template.
PARTS = {
    "health-banner": ("health-banner", "health/_banner.html"),
    "health-head": ("health-head", "health/_head.html"),
    "health-letters": ("health-tiles", "health/_letters.html"),
    "tile-webhooks": ("health-tiles", "health/_webhooks.html"),
    "tile-": ("health-tiles", "health/_tile.html"),
}
COUNT = "health-count"
LONGEST_REASON = 200
ELSEWHERE = {COUNT, measures.HEARING}  # parts that other pages show


@require_GET
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """How Earshot itself is: a tile for each thing that may be down or late, and the dead letters."""
    if not viewer(request).may(Action.ADMINISTER):
        raise PermissionDenied
    report = measures.current()
    if not report.version:
        measures.measure()
        report = measures.current()
    parts = {key.replace("-", "_"): part for key, part in report.parts.items()}
    grid = [(template_of(key), part) for key, part in report.parts.items() if _place(key) == "health-tiles"]
    return render(request, "health/page.html", {**parts, "grid": grid, "telnyx": status.current()})


@require_POST
@button
def replay(request: HttpRequest, pk: int) -> None:
    """One dead letter, which may have been put aside, is projected as if it had just come."""
    user = viewer(request)
    require(user, Action.ADMINISTER)
    if not letters.replay([pk], user):
        raise Refused(409, "This letter is not dead any more.", "Somebody has replayed it already.")
    poke(measures.measure())


@require_POST
@button
def put_aside(request: HttpRequest, pk: int) -> None:
    """One dead letter is kept and no trouble any more: `reason` says why."""
    user, reason = viewer(request), " ".join(request.POST.get("reason", "").replace("\x00", "").split())
    require(user, Action.ADMINISTER)
    if not reason:
        raise Refused(400, "Say why.", "A letter is put aside with a reason, for whoever finds it later.")
    if not letters.put_aside(pk, user, reason[:LONGEST_REASON]):
        raise Refused(409, "This letter is not dead any more.", "Somebody has replayed it or put it aside.")
    poke(measures.measure())


@require_POST
@button
def replay_all(request: HttpRequest) -> None:
    user = viewer(request)
    require(user, Action.ADMINISTER)
    if not letters.replay_all(user):
        raise Refused(409, "No letter is dead any more.", "Somebody has replayed them already.")
    poke(measures.measure())


class Health:
    """The scope `health`: every part of the page."""

    kind = "health"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.ADMINISTER in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        parts = measures.current().parts
        return [_fragment(audience, id_, part) for id_, part in parts.items() if id_ not in ELSEWHERE]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == measures.CHANGE

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        parts = measures.current().parts
        return [(id_, part["version"]) for id_, part in parts.items() if id_ not in ELSEWHERE]


class Trouble:
    """The scope `trouble`: how many things are down, in the navigation of admins, on every page."""

    kind = "trouble"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.ADMINISTER in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        part = count_of(measures.current())
        return [Fragment(COUNT, "trouble", part["version"], html("health/_count.html", audience, part))]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change == measures.CHANGE

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return [(COUNT, count_of(measures.current())["version"])]


BOARDS: tuple[Board, ...] = (Health(), Trouble())


def count_of(report: HealthReport) -> measures.Shown:
    """The version and content of the navigation's count; nothing is down before the first report."""
    part: measures.Shown = report.parts.get(COUNT, {"version": 0, "shown": {"down": 0}})
    return part


def _fragment(audience: Audience, id_: str, part: measures.Shown) -> Fragment:
    return Fragment(id_, _place(id_), part["version"], html(template_of(id_), audience, part))


def _place(id_: str) -> str:
    return _part(id_)[0]


def template_of(id_: str) -> str:
    return _part(id_)[1]


def _part(id_: str) -> tuple[str, str]:
    found = PARTS.get(id_) or next((part for start, part in PARTS.items() if id_.startswith(start)), None)
    return found or ("", "")
