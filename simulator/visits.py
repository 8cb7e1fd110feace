"""Every wait in a queue from the start, and what the day came to: to compare a program's figures with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from simulator.state import Json, QueuePlace, Stamp, Visit, World, iso

ANSWERED = frozenset({"bridged", "bridging-in-process"})


def came(world: World, place: QueuePlace) -> None:
    place.visit = Visit(place.queue.name, place.leg.call_control_id, place.enqueued_at)
    world.visits.append(place.visit)


def went(place: QueuePlace, reason: str, at: Stamp, waited: int) -> None:
    if place.visit:
        place.visit.left_at, place.visit.reason, place.visit.waited = at, reason, waited


def day(world: World, within: int = 120, short: int = 0) -> list[Json]:
    """Each queue's figures since 00:00 UTC: in time is `within` so many seconds, and a hang-up before `short`
    counts as nothing."""
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1_000_000)
    names = sorted({visit.queue for visit in world.visits})
    return [
        {"name": name} | _figures([one for one in world.visits if one.queue == name], midnight, within, short)
        for name in names
    ]


def _figures(visits: Sequence[Visit], since: Stamp, within: int, short: int) -> Json:
    counted = [one for one in visits if not (one.reason == "hangup" and (one.waited or 0) < short)]
    left = [one for one in counted if one.left_at is not None and one.left_at >= since]
    answered = [one for one in left if one.reason in ANSWERED]
    abandoned = [one for one in left if one.reason == "hangup"]
    return {
        "waiting": sum(one.left_at is None for one in visits),
        "offered": sum(one.enqueued_at >= since for one in counted),
        "answered": len(answered),
        "answered_in_time": sum((one.waited or 0) <= within for one in answered),
        "abandoned": len(abandoned),
        "timed_out": sum(one.reason == "timeout" for one in left),
        "left": sum(one.reason == "leave" for one in left),
        "answer_seconds": sum(one.waited or 0 for one in answered),
        "abandon_seconds": sum(one.waited or 0 for one in abandoned),
    }


def shown(world: World) -> list[Json]:
    """Every visit, oldest first."""
    return [
        {
            "queue": one.queue,
            "call_control_id": one.call_control_id,
            "enqueued_at": iso(one.enqueued_at),
            "left_at": None if one.left_at is None else iso(one.left_at),
            "reason": one.reason,
            "wait_time_secs": one.waited,
        }
        for one in world.visits
    ]
