"""`GET /v2/call_events`: what was commanded and what was announced, leg by leg, of the last day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote

from simulator.fields import one_of
from simulator.filters import check_shared, parse_time, within
from simulator.messages import Reply, Request, page
from simulator.state import Json, Leg, World
from simulator.webhooks import Delivery

A_DAY = 86400.0


def list_events(world: World, request: Request) -> Reply:
    """In the order of their times. Filters: leg, session, type, failed, from, to, occurred_at."""
    check_shared(request)
    kind = one_of(request.query, "filter[type]", ("command", "webhook"))
    found = [*_webhooks(world)] if kind != "command" else []
    found += [*_commands(world)] if kind != "webhook" else []
    fitting = [one for one in found if _fits(world, one, request)]
    return page(request, sorted(fitting, key=lambda one: str(one["event_timestamp"])), lambda one: one)


def _webhooks(world: World) -> Iterator[Json]:
    for delivery in world.webhooks.finished:
        event = json.loads(delivery.event)
        leg = world.legs.get(event["payload"].get("call_control_id") or "")
        if leg is not None:
            time = event.get("occurred_at") or event["payload"].get("occurred_at")
            yield _shown(leg, "webhook", event["event_type"], time, {"event": event} | _outcome(delivery))


def _outcome(delivery: Delivery) -> Json:
    return {"status": "delivered" if delivery.delivered else "failed", "url": delivery.url}


def _commands(world: World) -> Iterator[Json]:
    for asked in world.requests:
        parts = asked["path"].split("/")
        if parts[1:3] == ["v2", "calls"] and parts[4:5] == ["actions"] and asked["status"] == 200:
            leg = world.legs.get(unquote(parts[3]))
            if leg is not None:
                yield _shown(leg, "command", parts[5], asked["at"], {"body": asked["body"] or {}})


def _shown(leg: Leg, kind: str, name: str, time: str | None, metadata: Json) -> Json:
    return {
        "record_type": "call_event",
        "type": kind,
        "name": name,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "event_timestamp": time or "",
        "metadata": metadata | {"from": leg.from_number, "to": leg.to_number},
    }


def _fits(world: World, event: Json, request: Request) -> bool:
    query, metadata = request.query, event["metadata"]
    happened = parse_time(event["event_timestamp"]) if event["event_timestamp"] else 0.0
    of_one = "filter[leg_id]" in query or "filter[application_session_id]" in query
    wanted = {
        "leg_id": event["call_leg_id"],
        "application_session_id": event["call_session_id"],
        "failed": "true" if metadata.get("status") == "failed" else "false",
        "from": metadata["from"],
        "to": metadata["to"],
        "product": "call_control",
    }
    return (
        all(query.get(f"filter[{name}]") in (None, value) for name, value in wanted.items())
        and (of_one or happened > world.clock.now() - A_DAY)
        and within(request, "occurred_at", happened)
    )
