"""What shows conferences and queues together: the floor, its boards, and the same as JSON."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import activity.live
import agents.live
import agents.live_hands
import agents.live_one
import agents.live_roll
import bridged_calls.commands
import bridged_calls.live
import bridged_calls.show
import conferences.commands
import conferences.live
import conferences.show
import queues.commands
import queues.live
import queues.show
import recordings.live
import supervision.live
import wallboards.live
import wallboards.live_lists
from conferences.models import Conference
from conferences.presentation import ConferenceShown
from dashboard import tokens
from dashboard.boards import Audience, Board, Fragment
from dashboard.models import User
from dashboard.pages import button, viewer
from dashboard.rendering import html
from dashboard.roles import Action, actions_of
from queues.models import Queue
from supervisor_site import measures
from supervisor_site.panes import Pane
from telephony import status
from telephony.projection import Change

# Rows of each kind in the page itself, so that a long floor opens fast; the first snapshot has all.
AT_FIRST = 200


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The page of the role: the floor, an agent's own calls, or the queues."""
    user = viewer(request)
    if user.may(Action.SEE_FLOOR):
        return redirect("floor")
    return redirect("my-calls" if user.may(Action.OWN_CALL) else "queues")


@require_GET
@login_required
def floor(request: HttpRequest) -> HttpResponse:
    """The queue strip and every live conference."""
    user = viewer(request)
    if not user.may(Action.SEE_FLOOR):
        raise PermissionDenied
    full_numbers, version = user.may(Action.SEE_NUMBERS), queues.live.summary_version()
    every = queues.show.shown(queues.commands.visible(user), full_numbers=full_numbers)
    live = [*conferences.commands.visible(user).live().order_by("first_seen_at", "id")[: AT_FIRST + 1]]
    bridged = [*bridged_calls.commands.visible(user).live().order_by("started_at", "id")[: AT_FIRST + 1]]
    return render(
        request,
        "floor/page.html",
        {
            "conferences": conferences.show.shown(live[:AT_FIRST], full_numbers=full_numbers),
            "bridged": bridged_calls.show.shown(bridged[:AT_FIRST], full_numbers=full_numbers),
            "has_more": max(len(live), len(bridged)) > AT_FIRST,
            "queues": every,
            "version": version,
            "telnyx": status.current(),
            "scope": user.scope,
        },
    )


@require_POST
@button
def try_now(request: HttpRequest) -> None:
    """Ask Telnyx at once instead of at the next beat."""
    viewer(request)
    status.ask_now()


@require_POST
@button
def preferences(request: HttpRequest) -> None:
    """How somebody likes their pages: `theme` (system, light, dark), `compact` (true, false)."""
    user = viewer(request)
    if request.POST.get("theme") in User.Theme.values:
        user.theme = request.POST["theme"]
    if request.POST.get("compact") in {"true", "false"}:
        user.compact = request.POST["compact"] == "true"
    user.save(update_fields=["theme", "compact"])


class Floor:
    """The scope `floor`: rows, strip cells, the strip's summary, and whether Telnyx answers."""

    kind = "floor"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_FLOOR in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        strip = queues.live.strip(audience)
        calls = [*conferences.live.rows(audience), *bridged_calls.live.rows(audience)]
        return [*calls, *strip, *telnyx_fragments(audience)]

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        ids = {key for kind, key in changes if kind == "conference"}
        names = {key for kind, key in changes if kind == "queue"}
        bridged = {key for kind, key in changes if kind == "bridged"}
        found = conferences.live.changed_rows(audience, ids) if ids else []
        if bridged:
            found += bridged_calls.live.changed_rows(audience, bridged)
        if names:
            found += queues.live.strip(audience, names)
        if changes & TELNYX_CHANGES:
            found += telnyx_fragments(audience)
        return found

    def touches(self, key: str, change: Change) -> bool:
        return True

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        calls = [*conferences.live.row_versions(audience), *bridged_calls.live.row_versions(audience)]
        return [*calls, *queues.live.cell_versions(audience), *telnyx_versions()]


class Telnyx:
    """The scope `telnyx`: whether Telnyx answers and webhooks come; pages but the floor show it by this."""

    kind = "telnyx"

    def allowed(self, audience: Audience, key: str) -> bool:
        return Action.SEE_QUEUES in audience.actions and not key

    def snapshot(self, audience: Audience, key: str) -> Sequence[Fragment]:
        return telnyx_fragments(audience)

    def changed(self, audience: Audience, key: str, changes: AbstractSet[Change]) -> Sequence[Fragment]:
        return self.snapshot(audience, key)

    def touches(self, key: str, change: Change) -> bool:
        return change in TELNYX_CHANGES

    def versions(self, audience: Audience, key: str) -> Sequence[tuple[str, int]]:
        return telnyx_versions()


TELNYX_CHANGES: frozenset[Change] = frozenset({status.CHANGE, measures.HEARING_CHANGE})


def telnyx_fragments(audience: Audience) -> list[Fragment]:
    """Whether Telnyx answers, and whether its webhooks are missing."""
    telnyx, hearing = status.current(), measures.hearing()
    answers = html("floor/_telnyx.html", audience, {"telnyx": telnyx})
    comes = html("health/_webhooks_status.html", audience, hearing)
    return [
        Fragment("telnyx-status", "telnyx", telnyx.version, answers),
        Fragment(measures.HEARING, "telnyx", hearing["version"], comes),
    ]


def telnyx_versions() -> list[tuple[str, int]]:
    return [("telnyx-status", status.current().version), (measures.HEARING, measures.hearing()["version"])]


BOARDS: tuple[Board, ...] = (
    Floor(),
    Telnyx(),
    conferences.live.PAGE,
    bridged_calls.live.PAGE,
    Pane(),
    queues.live.QueueList(),
    queues.live.OneQueue(),
    recordings.live.BOARD,
    *supervision.live.BOARDS,
    *activity.live.BOARDS,
    *agents.live.BOARDS,
    wallboards.live.OneWallboard(measures.hearing, measures.HEARING_CHANGE),
    *wallboards.live_lists.BOARDS,
    agents.live_hands.BOARD,
    agents.live_one.BOARD,
    agents.live_roll.BOARD,
)


@require_GET
def api_floor(request: HttpRequest) -> HttpResponse:
    """The floor as JSON, by sign-in or bearer token, through the same rights as the pages.

    `{"conferences": [{"id", "name", "status", "floor", "recording", "version", "participants": [
    {"call_control_id", "label", "muted", "on_hold", "supervisor_role"}]}], "queues": [{"name", "max_size",
    "version", "waiting": [{"call_control_id", "position", "enqueued_at"}]}], "bridged_calls": [{"id",
    "version", "legs": [{"call_control_id", "label"}], "supervisors": [{"call_control_id",
    "supervisor_role"}]}]}`: live conferences and who is in them now, callers in order, and the calls of two
    bridged legs (of one, while the other is not known). `floor` is None as well while webhooks are missing,
    and when some were lost since, because only they tell it. Who may not see the floor gets no conferences,
    no calls and no control ids; who sees some teams, what is theirs.
    """
    audience = _audience(request)
    if audience is None:
        answer = JsonResponse(
            {"error": "Sign in, or send a valid token: Authorization: Bearer …"}, status=401
        )
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    if Action.SEE_QUEUES not in audience.actions:
        return JsonResponse({"error": _why_nothing(request)}, status=403)
    return JsonResponse(
        {
            "conferences": _conferences(audience) if Action.SEE_FLOOR in audience.actions else [],
            "queues": _queues(audience),
            "bridged_calls": bridged_calls.live.as_json(audience),
        }
    )


def _audience(request: HttpRequest) -> Audience | None:
    if "Authorization" in request.headers:
        token = tokens.bearer(request)
        return Audience(actions_of([token.role]), token.scope) if token else None
    return Audience(request.user.actions, request.user.scope) if isinstance(request.user, User) else None


def _why_nothing(request: HttpRequest) -> str:
    if isinstance(request.user, User) and request.user.second_factor_first:
        return "Set up a second factor first."
    return "This account has no role yet. An admin can give it one."


def _conferences(audience: Audience) -> list[dict[str, Any]]:
    seen = Conference.objects.live().within(audience.teams).order_by("id")
    live = {found.id: found for found in seen}
    shown = conferences.show.shown(live.values(), full_numbers=audience.full_numbers)
    heard = measures.hearing()["shown"]["since"] is None
    return [_conference(row, live[row.id], heard) for row in shown]


def _conference(row: ConferenceShown, conference: Conference, heard: bool) -> dict[str, Any]:
    people = [
        {
            "call_control_id": person.leg.call_control_id,
            "label": person.leg.label,
            "muted": bool(person.muted),
            "on_hold": bool(person.on_hold),
            "supervisor_role": person.role or "none",
        }
        for person in sorted(row.people, key=lambda person: person.leg.call_control_id)
    ]
    there = {person["call_control_id"] for person in people}
    told = heard and not conference.is_floor_doubted
    return {
        "id": row.id,
        "name": conference.name,
        "status": conference.status,
        "floor": conference.floor_leg if told and conference.floor_leg in there else None,
        "recording": row.recording.state,
        "version": row.version,
        "participants": people,
    }


def _queues(audience: Audience) -> list[dict[str, Any]]:
    named = Action.SEE_FLOOR in audience.actions
    there = Queue.objects.filter(absent_since=None).within(audience.teams)
    shown = queues.show.shown(there, full_numbers=audience.full_numbers)
    return [
        {
            "name": queue.name,
            "max_size": queue.max_size,
            "version": queue.version,
            "waiting": [
                {
                    "call_control_id": caller.leg.call_control_id if named else None,
                    "position": caller.place,
                    "enqueued_at": _iso(caller.since),
                }
                for caller in queue.waiting
            ],
        }
        for queue in shown
    ]


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
