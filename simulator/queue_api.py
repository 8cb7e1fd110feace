"""The addresses under /v2/queues."""

from __future__ import annotations

from simulator import departures, errors, queues
from simulator.fields import Field, checked
from simulator.messages import Reply, Request, nothing, page, single
from simulator.state import QueuePlace, World

CREATE = {
    "queue_name": Field(required=True, low=1, high=255),
    "max_size": Field("integer", low=1, default=queues.MAX_SIZE_BY_CREATE),
}
UPDATE = {"max_size": Field("integer", required=True, low=1)}


def list_queues(world: World, request: Request) -> Reply:
    found = sorted(world.queues.values(), key=lambda queue: queue.created_at)
    return page(request, found, lambda queue: queues.shown(world, queue))


def create(world: World, request: Request) -> Reply:
    body = checked(request.body, CREATE)
    if body["queue_name"] in world.queues:
        raise errors.cannot_execute("Queue with given name already exists.")
    return single(queues.shown(world, queues.create(world, body["queue_name"], body["max_size"])))


def retrieve(world: World, request: Request) -> Reply:
    return single(queues.shown(world, queues.find(world, request.names["queue_name"])))


def update(world: World, request: Request) -> Reply:
    queue = queues.find(world, request.names["queue_name"])
    queue.max_size = checked(request.body, UPDATE)["max_size"]
    departures.queue_changed(world, queue)
    return single(queues.shown(world, queue))


def delete(world: World, request: Request) -> Reply:
    queue = queues.find(world, request.names["queue_name"])
    if queue.waiting:
        raise errors.queue_not_empty()
    if queue.idle:
        queue.idle.cancel()
    del world.queues[queue.name]
    return nothing()


def list_calls(world: World, request: Request) -> Reply:
    queue = queues.find(world, request.names["queue_name"])
    return page(request, queue.waiting, lambda place: queues.shown_place(world, place))


def retrieve_call(world: World, request: Request) -> Reply:
    return single(queues.shown_place(world, _place(world, request)))


def update_call(world: World, request: Request) -> Reply:
    place = _place(world, request)
    keep = checked(request.body, {"keep_after_hangup": Field("boolean")})["keep_after_hangup"]
    if keep is not None:
        place.keep_after_hangup = keep
    place.leg.commanded = True
    return nothing()


def remove_call(world: World, request: Request) -> Reply:
    place = _place(world, request)
    if place.is_alive:
        # Telnyx's document: only for inactive calls. Its only refusal there is "not found".
        raise errors.not_found()
    departures.remove_from_queue(world, place.leg)
    return nothing()


def _place(world: World, request: Request) -> QueuePlace:
    queue = queues.find(world, request.names["queue_name"])
    wanted = request.names["call_control_id"]
    for place in queue.waiting:
        if place.leg.call_control_id == wanted:
            return place
    raise errors.not_found()
