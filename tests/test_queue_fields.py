"""What Telnyx's queues and queued calls say, and how our own commands have a caller wait, has its place."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from queues import show
from queues.models import Queue, QueuedCall
from queues.presentation import QueueShown
from queues.reads import Reader
from supervisor_site.webhooks import project_now
from telephony.models import InboxEvent
from tests.support.answering import Answering, Asked
from tests.support.environment import CONNECTION_ID
from tests.support.story import CALLER, at, tell, told

pytestmark = pytest.mark.django_db
Json = dict[str, Any]
FOUND = {
    "id": "q1",
    "name": "Sales",
    "record_type": "queue",
    "current_size": 1,
    "max_size": 50,
    "average_wait_time_secs": 29,
    "created_at": at(-3600).isoformat(),
    "updated_at": at(1).isoformat(),
}
WAITS = {"call_control_id": CALLER, "connection_id": CONNECTION_ID, "is_alive": True, "from": "+16175550188"}
CAME = told(
    "call.enqueued", 1, CALLER, queue="Sales", current_position=3, queue_avg_wait_time_secs=70, name="came"
)


def read(queue: Json, *callers: Json, seconds: float = 30) -> None:
    def answer(asked: Asked) -> Json:
        return {"data": callers, "meta": {"total_pages": 1}}

    with time_machine.travel(at(seconds), tick=False):
        assert Reader(Answering(answer=answer).client()).read("Sales", queue)
        project_now()


def page(seconds: float = 30) -> QueueShown:
    with time_machine.travel(at(seconds), tick=False):
        return show.whole(Queue.objects.get(), full_numbers=False)


def events_of_reads() -> int:
    return InboxEvent.objects.filter(source="read").count()


def test_the_average_is_shown_as_the_moment_that_it_counts_from() -> None:
    tell([CAME])
    read(FOUND, WAITS)
    queue = page()
    assert (queue.average_since, queue.average_at_enqueue) == (at(1), 70)
    assert (queue.made_at, queue.changed_at, queue.max_size) == (at(-3600), at(1), 50)


def test_an_average_that_only_grows_with_time_is_no_news() -> None:
    tell([CAME])
    read(FOUND, WAITS)
    before = events_of_reads()
    read(FOUND | {"average_wait_time_secs": 39, "updated_at": at(39).isoformat()}, WAITS, seconds=40)
    assert events_of_reads() == before
    read(FOUND | {"average_wait_time_secs": 20}, WAITS, seconds=50)
    assert page().average_since == at(30)


def test_nobody_waits_no_average() -> None:
    with time_machine.travel(at(40), tick=False):
        tell([CAME])
    read(FOUND, WAITS)
    with time_machine.travel(at(40), tick=False):
        tell([told("call.dequeued", 40, CALLER, queue="Sales", reason="bridged", queue_position=1)])
    read(FOUND | {"current_size": 0, "average_wait_time_secs": 0}, seconds=50)
    assert Queue.objects.get().average_since is None
    assert page().gone[0].place == 1


def test_a_count_that_is_not_that_of_the_list_is_said() -> None:
    tell([CAME])
    read(FOUND | {"current_size": 4}, WAITS)
    assert page().counted == 4
    read(FOUND, WAITS, seconds=45)
    assert page().counted is None


def test_a_caller_waits_as_our_commands_wanted() -> None:
    tell([told("reply.enqueue", 0, legs=[CALLER], options=wished(keep_after_hangup=True)), CAME])
    (waits,) = page().waiting
    assert (waits.kept, waits.leaves_at, waits.came_as) == (True, at(1) + timedelta(seconds=300), 3)
    tell([told("reply.keep", 9, queue="Sales", legs=[CALLER], options={"keep_after_hangup": False})])
    (waits,) = page().waiting
    assert waits.kept is False


def test_what_was_wanted_of_one_wait_is_not_of_the_next() -> None:
    tell(
        [
            told("reply.enqueue", 0, legs=[CALLER], options=wished(keep_after_hangup=True)),
            CAME,
            told("call.dequeued", 40, CALLER, queue="Sales", reason="leave", queue_position=2),
            told("reply.enqueue", 59, legs=[CALLER], options={"queue_name": "Sales"}, name="again"),
            told("call.enqueued", 60, CALLER, queue="Sales"),
        ]
    )
    found = QueuedCall.objects.values_list("keep_after_hangup", "max_wait_seconds", "position_at_leaving")
    assert list(found) == [(True, 300, 2), (False, None, None)]


def test_nobody_said_how_a_caller_of_others_waits() -> None:
    tell([told("call.enqueued", 1, CALLER, queue="Sales")])
    (waits,) = page().waiting
    assert (waits.kept, waits.leaves_at, waits.came_as) == (None, None, None)


def wished(**options: Any) -> Json:
    return {"queue_name": "Sales", "max_wait_time_secs": 300} | options
