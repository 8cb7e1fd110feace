"""Behind the door: what is answered with 200 is committed, once, and projected whatever happens."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from queues.models import Queue, QueuedCall
from supervisor_site import inbox
from supervisor_site.inbox import Full, Pace, Projector, Turns, Writer
from supervisor_site.webhooks import door, project_now
from telephony.models import InboxEvent
from telephony.projection import Arrival, arrive
from tests.support.events import event, post_webhook
from tests.support.waiting import eventually, eventually_async

pytestmark = [pytest.mark.engines, pytest.mark.django_db(transaction=True)]


def enqueued(number: int, **payload: Any) -> bytes:
    return event(
        "call.enqueued", event_id=f"e{number}", call_control_id=f"v3:{number}", queue="Claims", **payload
    )


def states() -> dict[str, str]:
    return dict(InboxEvent.objects.values_list("event_id", "state"))


@contextmanager
def database_that_does_not_let_write() -> Iterator[None]:
    """Another program holds the lock that every insert into the inbox needs."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(name, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    keys = ("HOST", "PORT", "USER")
    host, port, user = (connection.settings_dict[key] for key in keys)
    with psycopg.connect(host=host, port=port, user=user, dbname=name) as locker:
        locker.execute("LOCK TABLE telephony_inboxevent IN EXCLUSIVE MODE")
        yield


async def test_five_hundred_at_once_of_a_hundred_events(http: httpx.AsyncClient) -> None:
    bodies = [enqueued(number) for number in range(100)] * 5
    answers = await asyncio.gather(*(post_webhook(http, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert await InboxEvent.objects.acount() == 100
    waiting = InboxEvent.objects.exclude(state="projected")
    await eventually_async(lambda: _none(waiting), 20)
    assert await QueuedCall.objects.filter(queue__name="Claims", left_at=None).acount() == 100


async def _none(rows: Any) -> bool:
    return not await rows.aexists()


async def test_what_is_answered_is_committed(http: httpx.AsyncClient) -> None:
    """Read on another connection right after the answer: it must be there already."""
    for number in range(10):
        assert (await post_webhook(http, enqueued(number))).status_code == 200
        assert await InboxEvent.objects.filter(event_id=f"e{number}").aexists()


async def test_a_database_that_does_not_answer(http: httpx.AsyncClient) -> None:
    """503 in time for Telnyx, which comes again: stored once, whichever try it was."""
    with database_that_does_not_let_write():
        started = asyncio.get_running_loop().time()
        assert (await post_webhook(http, enqueued(1))).status_code == 503
        assert 1.4 < asyncio.get_running_loop().time() - started < 2.0
    assert (await post_webhook(http, enqueued(1))).status_code == 200
    assert await InboxEvent.objects.acount() == 1


async def test_what_was_refused_while_the_database_did_not_answer_is_stored_when_it_does(
    http: httpx.AsyncClient,
) -> None:
    with database_that_does_not_let_write():
        assert (await post_webhook(http, enqueued(1))).status_code == 503
    assert await eventually_async(lambda: InboxEvent.objects.filter(event_id="e1").aexists())


async def test_a_connection_that_broke_is_made_anew(http: httpx.AsyncClient) -> None:
    assert (await post_webhook(http, enqueued(1))).status_code == 200
    await eventually_async(lambda: InboxEvent.objects.filter(state="projected", event_id="e1").aexists())
    assert await sync_to_async(_end_connections)() == (2 if connection.vendor == "postgresql" else 0)
    assert (await post_webhook(http, enqueued(2))).status_code == 200
    await eventually_async(lambda: InboxEvent.objects.filter(state="projected", event_id="e2").aexists())


def _end_connections() -> int:
    """Those of the door's two threads; SQLite has none that could break."""
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'earshot inbox-%'"
        )
        return len(cursor.fetchall())


async def test_text_that_postgresql_refuses_harms_nobody(http: httpx.AsyncClient) -> None:
    odd = enqueued(1, from_="\0", note="x\0y", other="\ud800").replace(b"from_", b"from")
    assert b"\\u0000" in odd and b"\\ud800" in odd
    for body in (odd, enqueued(2)):
        assert (await post_webhook(http, body)).status_code == 200
    await eventually_async(lambda: InboxEvent.objects.filter(state="projected", event_id="e2").aexists())
    row = await InboxEvent.objects.aget(event_id="e1")
    assert (row.state, bytes(row.body)) == ("projected", odd)


async def test_a_row_that_cannot_be_stored_does_not_take_its_neighbours_along() -> None:
    """An event id with NUL cannot come through the door; it stands for whatever one row may have."""
    writer = Writer(Turns(), lambda: None)
    futures = [writer.put(_arrival(name)) for name in ("good", "a" * 300, "also-good")]
    writer.start()
    try:
        await asyncio.wait_for(asyncio.gather(futures[0], futures[2]), 5)
    finally:
        writer.stop()
    wrong = connection.vendor == "postgresql"  # SQLite stores a text of any length
    assert futures[1].done() is not wrong
    assert await InboxEvent.objects.acount() == (2 if wrong else 3)


def _arrival(name: str) -> Arrival:
    return Arrival(name, "webhook", "call.hangup", json.dumps({"name": name}).encode(), timezone.now())


async def test_memory_has_an_end_while_the_database_does_not_answer(http: httpx.AsyncClient) -> None:
    writer = Writer(Turns(), lambda: None)
    for number in range(inbox.WAITING_MOST):
        writer.put(_arrival(str(number)))
    with pytest.raises(Full):
        writer.put(_arrival("one more"))


async def test_ending_stores_what_has_arrived() -> None:
    writer = Writer(Turns(), lambda: None)
    writer.start()
    for number in range(700):
        writer.put(_arrival(str(number)))
    await asyncio.to_thread(writer.stop)
    assert await InboxEvent.objects.acount() == 700


def test_what_another_process_left_is_projected_within_a_second(application: Any) -> None:
    InboxEvent.objects.create(
        event_id="e1",
        source="webhook",
        event_type="call.enqueued",
        body=enqueued(1),
        received_at=timezone.now(),
    )
    door.start()
    assert eventually(lambda: states() == {"e1": "projected"}, 3)
    assert Queue.objects.get().name == "Claims"


def test_our_own_events_wake_the_projector(application: Any) -> None:
    door.start()
    body = enqueued(1)
    arrive([Arrival("e1", "reply", "call.enqueued", body, timezone.now())])
    assert eventually(lambda: states() == {"e1": "projected"}, 0.9)


def test_the_projector_gives_way_for_a_moment_that_nobody_prolongs() -> None:
    looks = list[float]()

    def look() -> list[object]:
        looks.append(time.monotonic())
        return []

    projector = Projector(look)
    projector.start()
    assert eventually(lambda: bool(looks))
    asked = time.monotonic()
    projector.wake(0.5)
    projector.wake()
    projector.wake(60)
    assert eventually(lambda: looks[-1] > asked)
    projector.stop()
    assert looks[-1] - asked >= 0.49


def test_projecting_at_once_tells_what_changed() -> None:
    arrive([Arrival(f"e{n}", "webhook", "call.enqueued", enqueued(n), timezone.now()) for n in range(301)])
    assert ("queue", "Claims") in project_now()
    assert set(states().values()) == {"projected"}
    assert project_now() == set()


def test_the_door_opens_again_after_it_was_closed(application: Any) -> None:
    for number in range(3):
        door.start()
        arrive([Arrival(f"e{number}", "webhook", "call.enqueued", enqueued(number), timezone.now())])
        assert eventually(lambda: set(states().values()) == {"projected"})
        door.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("inbox-")]


def test_turns_are_taken_in_the_order_of_coming() -> None:
    """A backlog in the projector must not keep the writer, whom Telnyx waits for, from its turn."""
    turns, order, may_go_on = Turns(), list[str](), threading.Event()

    def hold(name: str) -> None:
        with turns.take():
            order.append(name)
            may_go_on.wait(5)

    names = ["projector", "writer", "projector again"] if connection.vendor == "sqlite" else []
    threads = [threading.Thread(target=hold, args=(name,)) for name in names]
    for number, thread in enumerate(threads, 1):
        thread.start()
        eventually(partial(_asked, turns, number))
    may_go_on.set()
    for thread in threads:
        thread.join(5)
    assert order == names


def _asked(turns: Turns, times: int) -> bool:
    return turns.asked == times


def test_a_transaction_takes_as_many_events_as_fit_into_a_moment() -> None:
    pace = Pace()
    for _ in range(10):
        pace.took(0.0)
    assert pace.limit == inbox.BATCH
    pace.took(3.0)
    assert pace.limit == inbox.FEWEST
    pace.took(0.16)
    assert pace.limit == 62
