"""What the account itself tells: its live calls, their events, and its webhook deliveries."""

from __future__ import annotations

import base64

from simulator import call_api, errors, webhooks
from simulator.fields import Field, checked
from simulator.filters import within
from simulator.messages import Reply, Request, page, single, whole
from simulator.state import Json, Leg, World
from simulator.webhooks import Delivery


def list_active_calls(world: World, request: Request) -> Reply:
    """Pages by cursor (`page[after]`, `page[before]`, `page[limit]`), or by number as Telnyx's SDK does."""
    connection_id = request.names["connection_id"]
    if connection_id not in world.applications:
        raise errors.bad_connection()
    live = [one for one in world.legs.values() if not one.ended and one.connection_id == connection_id]
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
    skipped = (whole(request, "page[number]", 1, 1, None) - 1) * limit
    first = sum(leg.started_at <= _decoded(after, "after") for leg in live) if after else skipped
    return first, first + limit


def _decoded(cursor: str, name: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor.removeprefix("v1:")))
    except ValueError as fault:
        raise errors.invalid(f"page[{name}]", "The cursor is not valid.") from fault


def _cursors(path: str, shown: list[Leg], earlier: bool, later: bool) -> Json:
    """Without the ends that lead nowhere; an empty page has no leg for a cursor to stand beside."""
    meta: Json = {"cursors": {}}
    if later and shown:
        after = meta["cursors"]["after"] = _encoded(shown[-1])
        meta["next"] = f"{path}?page[after]={after}"
    if earlier and shown:
        before = meta["cursors"]["before"] = _encoded(shown[0])
        meta["previous"] = f"{path}?page[before]={before}"
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
