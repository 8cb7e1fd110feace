"""Every way out: of a queue, of a conference, of a bridge, of a call; and the end of a conference."""

from __future__ import annotations

from simulator import audio, events, gather, hearing, recordings, visits
from simulator.state import Conference, Leg, Queue, World

# SIP's own number for why a call ended.
SIP_CAUSES = {
    "normal_clearing": "200",
    "user_busy": "486",
    "no_answer": "480",
    "not_found": "404",
    "timeout": "487",
    "originator_cancel": "487",
    "call_rejected": "603",
    "time_limit": "200",
}


def hang_up(world: World, leg: Leg, cause: str = "normal_clearing", source: str = "unknown") -> None:
    """Ends the leg and every stay of it, in the order in which Telnyx was seen to announce them."""
    if leg.ended:
        return
    leg.state, leg.ended_at = "ended", world.stamp()
    for timer in leg.timers:
        timer.cancel()
    events.call_hangup(world, leg, cause, source, SIP_CAUSES.get(cause, "200"))
    gather.finish(world, leg, "call_hangup")
    audio.stop_for_leg(world, leg, "call_hangup")
    for recording in recordings.running_of_call(leg):
        recordings.finish(world, recording)
    _leave_queue_by_hangup(world, leg)
    leave_conference(world, leg)
    unbridge(world, leg)
    if leg.supervised:
        hearing.note_bridge(world, leg.supervised)
    for supervisor in hearing.supervisors([leg]):
        hang_up(world, supervisor)


def leave_queue(world: World, leg: Leg, reason: str) -> None:
    """`reason`: bridged, bridging-in-process, hangup, leave or timeout. Nothing if the leg waits nowhere."""
    place = leg.place
    if place is None:
        return
    queue = place.queue
    position = queue.waiting.index(place) + 1
    remove_from_queue(world, leg)
    at = world.stamp()
    waited = round((at - place.enqueued_at) / 1_000_000)
    visits.went(place, reason, at, waited)
    events.dequeued(world, leg, queue.name, position, reason, waited, at)


def remove_from_queue(world: World, leg: Leg) -> None:
    """Without a webhook: of a call that hung up and was kept."""
    place = leg.place
    if place is None:
        return
    leg.place, at = None, world.stamp()
    visits.went(place, "hangup", at, round((at - place.enqueued_at) / 1_000_000))
    if place.max_wait:
        place.max_wait.cancel()
    place.queue.waiting.remove(place)
    queue_changed(world, place.queue)


def queue_changed(world: World, queue: Queue) -> None:
    """A new version; an empty queue is forgotten when nobody came for a while."""
    queue.version += 1
    queue.updated_at = world.stamp()
    if queue.idle:
        queue.idle.cancel()
    if not queue.waiting:
        queue.idle = world.timers.after(
            world.settings.queue_idle_seconds, lambda: _forget_queue(world, queue)
        )


def _forget_queue(world: World, queue: Queue) -> None:
    if not queue.waiting and world.queues.get(queue.name) is queue:
        del world.queues[queue.name]


def _leave_queue_by_hangup(world: World, leg: Leg) -> None:
    place = leg.place
    if place is None:
        return
    if not place.keep_after_hangup:
        leave_queue(world, leg, "hangup")
        return
    place.is_alive = False
    if place.max_wait:
        place.max_wait.cancel()
    queue_changed(world, place.queue)


def leave_conference(world: World, leg: Leg) -> None:
    """Takes the leg out; ends the conference when it was the last one, or one whose exit ends it."""
    participant = leg.participant
    if participant is None:
        return
    conference = participant.conference
    leg.participant = None
    participant.status, participant.updated_at = "left", world.stamp()
    del conference.participants[leg.call_control_id]
    conference.left[participant.id] = participant
    gather.finish(world, leg, "cancelled")
    audio.stop_for_leg(world, leg, "cancelled")
    events.participant(world, conference, leg, "left", participant.updated_at)
    changed(world, conference)
    if conference.ending:
        return
    if participant.end_on_exit:
        end(world, conference, "host_left", "host_left", leg)
    elif not conference.participants:
        _complete(world, conference, "all_left", "all_left", leg, leg)
    elif participant.soft_end_on_exit:
        conference.closed_to_newcomers = True


def end(world: World, conference: Conference, end_reason: str, announced: str, by: Leg | None = None) -> None:
    """Hangs everybody up and closes it. `announced` is the webhook's reason: it knows no `ended_via_api`."""
    conference.ending = True
    last = by or conference.creator
    for participant in list(conference.participants.values()):
        last = participant.leg
        hang_up(world, participant.leg)
    _complete(world, conference, end_reason, announced, last, by)


def _complete(
    world: World, conference: Conference, end_reason: str, announced: str, last: Leg, by: Leg | None
) -> None:
    conference.ending = True
    conference.status, conference.end_reason, conference.ended_by = "completed", end_reason, by
    for timer in conference.timers:
        timer.cancel()
    audio.stop(world, conference, [])
    if conference.recording:
        recordings.finish(world, conference.recording)
        conference.recording = None
    changed(world, conference)
    events.conference_ended(world, conference, last, announced)


def changed(world: World, conference: Conference) -> None:
    conference.version += 1
    conference.updated_at = world.stamp()
    hearing.note(world, conference)


def unbridge(world: World, leg: Leg) -> None:
    """Parts two bridged legs; the other is hung up unless it is to be parked then."""
    other = leg.bridged_with
    if other is None:
        return
    hearing.end_bridge(world, leg)
    leg.bridged_with = other.bridged_with = None
    if not other.park_after_unbridge:
        hang_up(world, other)


def leave_everything(world: World, leg: Leg) -> None:
    """Out of wherever it is, to go somewhere else."""
    leave_queue(world, leg, "bridged")
    leave_conference(world, leg)
    unbridge(world, leg)
