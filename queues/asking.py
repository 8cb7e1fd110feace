"""What Telnyx itself says of a queue and of who waits at this moment, in words."""

from dashboard.asking import at, clock, words, yes
from queues.models import Queue, QueuedCall
from telephony.client import client

Told = list[tuple[str, str]]


def queue(row: Queue) -> Told:
    """Raises `TelnyxError`; NotFound for a queue that Telnyx has forgotten."""
    found = client().retrieve_queue(row.name)
    return [
        ("Waiting", words(found.get("current_size"))),
        ("Most callers waiting", words(found.get("max_size"))),
        ("Average wait", clock(found.get("average_wait_time_secs"))),
        ("Made", at(found.get("created_at"))),
        ("Changed", at(found.get("updated_at"))),
    ]


def caller(stay: QueuedCall) -> Told:
    """Raises `TelnyxError`; NotFound for somebody who left."""
    found = client().retrieve_queue_call(stay.queue.name, stay.call_control_id)
    return [
        ("Place", words(found.get("queue_position"))),
        ("Waiting", clock(found.get("wait_time_secs"))),
        ("Since", at(found.get("enqueued_at"))),
        ("The call lives", yes(found.get("is_alive"))),
    ]
