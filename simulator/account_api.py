"""What the account itself tells: its application, its live calls, its webhook deliveries."""

from __future__ import annotations

import base64

from simulator import call_api, errors, webhooks
from simulator.fields import Field, checked
from simulator.messages import Reply, Request, page, single, whole
from simulator.recording_api import within
from simulator.state import Json, Leg, Settings, World
from simulator.webhooks import Delivery

SINCE = "2026-01-05T08:00:00.000Z"


def list_applications(world: World, request: Request) -> Reply:
    """This account has one."""
    return page(request, [world.settings], _application)


def retrieve_application(world: World, request: Request) -> Reply:
    if request.names["id"] != world.settings.connection_id:
        raise errors.not_found()
    return single(_application(world.settings))


def _application(settings: Settings) -> Json:
    return {
        "id": settings.connection_id,
        "record_type": "call_control_application",
        "active": True,
        "anchorsite_override": "Latency",
        "application_name": "call-centre",
        "call_cost_in_webhooks": False,
        "created_at": SINCE,
        "dtmf_type": "RFC 2833",
        "first_command_timeout": False,
        "first_command_timeout_secs": 30,
        "inbound": {"channel_limit": 200, "shaken_stir_enabled": False},
        "outbound": {"channel_limit": 200, "outbound_voice_profile_id": "1293384261075731499"},
        "redact_dtmf_debug_logging": False,
        "tags": [],
        "updated_at": SINCE,
        "webhook_api_version": "2",
        "webhook_event_failover_url": None,
        "webhook_event_url": settings.webhook_url,
        "webhook_timeout_secs": 2,
    }


def list_active_calls(world: World, request: Request) -> Reply:
    """Pages by cursor: `page[after]`, `page[before]`, `page[limit]`."""
    if request.names["connection_id"] != world.settings.connection_id:
        raise errors.bad_connection()
    live = [leg for leg in world.legs.values() if not leg.ended]
    limit = whole(request, "page[limit]", whole(request, "page[size]", 20, 1, 250), 1, 250)
    first, end = _window(live, request, limit)
    shown = live[first:end]
    meta = _cursors(request.path, shown, first > 0, end < len(live)) | {"total_items": len(live)}
    return Reply(200, {"data": [_active(world, leg) for leg in shown], "meta": meta})


def _window(live: list[Leg], request: Request, limit: int) -> tuple[int, int]:
    """A cursor is the start of the leg that it stands beside; that leg may have ended since."""
    after, before = request.query.get("page[after]"), request.query.get("page[before]")
    if before:
        end = sum(leg.started_at < _decoded(before, "before") for leg in live)
        return max(end - limit, 0), end
    first = sum(leg.started_at <= _decoded(after, "after") for leg in live) if after else 0
    return first, first + limit


def _decoded(cursor: str, name: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.removeprefix("v1:")))
    except ValueError as fault:
        raise errors.invalid(f"page[{name}]", "The cursor is not valid.") from fault


def _cursors(path: str, shown: list[Leg], earlier: bool, later: bool) -> Json:
    after, before = (_encoded(shown[-1]), _encoded(shown[0])) if shown else (None, None)
    meta: Json = {"cursors": {}}
    if later:
        meta["cursors"]["after"], meta["next"] = after, f"{path}?page[after]={after}"
    if earlier:
        meta["cursors"]["before"], meta["previous"] = before, f"{path}?page[before]={before}"
    return meta


def _encoded(leg: Leg) -> str:
    return "v1:" + base64.urlsafe_b64encode(str(leg.started_at).encode()).decode()


def _active(world: World, leg: Leg) -> Json:
    return {
        "record_type": "call",
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "call_duration": call_api.duration(world, leg),
        # Required here, and text (SPEC): empty for none.
        "client_state": leg.client_state or "",
    }


def list_deliveries(world: World, request: Request) -> Reply:
    """Newest first; only finished ones, for Telnyx has no word for the others."""
    checked(request.query, {"filter[status][eq]": Field(choices=("delivered", "failed"))})
    found = [one for one in reversed(world.webhooks.finished) if _fits(one, request)]
    return page(request, found, webhooks.shown)


def _fits(delivery: Delivery, request: Request) -> bool:
    query = request.query
    types = query.get("filter[event_type]")
    status = query.get("filter[status][eq]")
    return (
        (types is None or delivery.event_type in types.split(","))
        and (status is None or delivery.delivered == (status == "delivered"))
        and query.get("filter[webhook][contains]", "").encode() in delivery.event
        and query.get("filter[attempts][contains]", "") in delivery.url
        and within(request, "started_at", delivery.started_at / 1_000_000)
        and within(request, "finished_at", delivery.finished_at / 1_000_000)
    )


def retrieve_delivery(world: World, request: Request) -> Reply:
    for delivery in world.webhooks.finished:
        if delivery.id == request.names["id"]:
            return single(webhooks.shown(delivery))
    raise errors.not_found()
