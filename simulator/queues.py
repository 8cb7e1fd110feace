"""Queues: made on demand, filled at the end, emptied from the front."""

from __future__ import annotations

from simulator import departures, errors, events, visits
from simulator.state import Json, Leg, Queue, QueuePlace, World, iso, new_id

MAX_SIZE_BY_ENQUEUE = 100
MAX_SIZE_BY_CREATE = 300


def create(world: World, name: str, max_size: int) -> Queue:
    now = world.stamp()
    queue = Queue(new_id(), name, max_size, now, now)
    world.queues[name] = queue
    departures.queue_changed(world, queue)
    return queue


def find(world: World, name: str) -> Queue:
    queue = world.queues.get(name)
    if queue is None:
        raise errors.not_found()
    return queue


def enqueue(
    world: World,
    leg: Leg,
    name: str,
    max_size: int | None = None,
    max_wait_secs: int | None = None,
    keep_after_hangup: bool = False,
) -> QueuePlace:
    """Puts the leg last, out of wherever it was; refused when full, already there, or of another size."""
    queue = _room_for(world, leg, name, max_size)
    departures.leave_queue(world, leg, "leave")
    departures.leave_conference(world, leg)
    departures.unbridge(world, leg)
    place = QueuePlace(leg, queue, world.stamp(), keep_after_hangup)
    queue.waiting.append(place)
    visits.came(world, place)
    leg.place = place
    if queue.idle:
        queue.idle.cancel()
    if max_wait_secs is not None:
        place.max_wait = world.timers.after(
            max_wait_secs, lambda: departures.leave_queue(world, leg, "timeout")
        )
    departures.queue_changed(world, queue)
    position = len(queue.waiting)
    events.enqueued(world, leg, name, position, average_wait(world, queue), place.enqueued_at)
    return place


def _room_for(world: World, leg: Leg, name: str, max_size: int | None) -> Queue:
    queue = world.queues.get(name)
    if leg.place is not None and leg.place.queue is queue:
        raise errors.already_in_queue()
    if queue is None:
        return create(world, name, MAX_SIZE_BY_ENQUEUE if max_size is None else max_size)
    if max_size is not None and max_size != queue.max_size:
        raise errors.queue_size_fixed()
    if len(queue.waiting) >= queue.max_size:
        raise errors.queue_full(name)
    return queue


def average_wait(world: World, queue: Queue) -> int:
    """The mean wait, in whole seconds, of those who wait now."""
    if not queue.waiting:
        return 0
    return sum(waited(world, place) for place in queue.waiting) // len(queue.waiting)


def waited(world: World, place: QueuePlace) -> int:
    return max(round(world.clock.now() - place.enqueued_at / 1_000_000), 0)


def shown(world: World, queue: Queue) -> Json:
    return {
        "id": queue.id,
        "name": queue.name,
        "record_type": "queue",
        "current_size": len(queue.waiting),
        "max_size": queue.max_size,
        "average_wait_time_secs": average_wait(world, queue),
        "created_at": iso(queue.created_at),
        "updated_at": iso(queue.updated_at),
    }


def shown_place(world: World, place: QueuePlace) -> Json:
    leg = place.leg
    return {
        "record_type": "queue_call",
        "queue_id": place.queue.id,
        "queue_position": place.queue.waiting.index(place) + 1,
        "call_control_id": leg.call_control_id,
        "call_leg_id": leg.call_leg_id,
        "call_session_id": leg.call_session_id,
        "connection_id": leg.connection_id,
        "from": leg.from_number,
        "to": leg.to_number,
        "enqueued_at": iso(place.enqueued_at),
        "wait_time_secs": waited(world, place),
        "is_alive": place.is_alive,
    }
