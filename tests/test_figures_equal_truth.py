"""Twenty minutes of a call centre through the whole projection: every figure is the simulator's truth.

In a time that the test turns by hand; delivered in disorder and partly twice, or half of it lost on the way
and fetched from Telnyx's log of deliveries; and once more after everything was made again from the inbox.
"""

import asyncio
import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine

from queues import days, intervals
from queues.models import Queue
from queues.statistics import STEP, Figures
from simulator import app
from simulator.clock import ManualClock
from simulator.webhooks import Mischief
from supervisor_site.rebuild import rebuild
from supervisor_site.webhooks import project_now
from telephony import status
from telephony.deliveries import Deliveries
from telephony.models import InboxEvent
from tests.simulator.office import Mailbox
from tests.support import visits as reference
from tests.support.answering import Answering
from tests.support.environment import CONNECTION_ID
from tests.support.story import NOON, at, tell_at_once
from tests.support.visits import Came

pytestmark = pytest.mark.django_db
Json = dict[str, Any]
MINUTES, SHORT = 20, 5
END = at(MINUTES * 60)
COUNTED = ("offered", "answered", "answered_in_time", "abandoned", "timed_out", "left")
SUMS = ("answer_seconds", "abandon_seconds")


@dataclass
class Morning:
    """What was delivered, what failed, and what is true."""

    delivered: list[bytes]
    failed: list[Json]
    truth: list[Json]
    visits: list[Json]


async def morning(mischief: Mischief) -> Morning:
    clock, mailbox = ManualClock(NOON.timestamp()), Mailbox()
    simulator = app.build(
        webhook_transport=httpx.ASGITransport(app=mailbox),
        clock=clock,
        mischief=mischief,
        seed=11,
        calls_per_minute=4,
        connection_id=CONNECTION_ID,
    )
    simulator.traffic.start()
    for _ in range(MINUTES * 3):
        clock.advance(20)
        await simulator.settle()
    simulator.world.timers.freeze()
    transport = httpx.ASGITransport(app=simulator)
    key = {"authorization": "Bearer KEY"}
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator", headers=key) as client:
        told = (await client.get(f"/_simulator/truth?figures=1&within=20&short={SHORT}")).json()
        visits = (await client.get("/_simulator/visits")).json()["visits"]
        await _land(clock, simulator)
        failed = await _failed(client)
    # Who speaks is two thirds of all there is, and says nothing of queues.
    heard = [body for _, body in mailbox.received if b"conference.floor.changed" not in body]
    return Morning(heard, failed, told["figures"], visits)


async def _land(clock: ManualClock, simulator: app.Simulator) -> None:
    """Until what is on its way has been tried for the last time."""
    for _ in range(10):
        clock.advance(2)
        await simulator.settle()


async def _failed(client: httpx.AsyncClient) -> list[Json]:
    found: list[Json] = []
    page, pages = 1, 1
    while page <= pages:
        query: dict[str, str | int] = {"filter[status][eq]": "failed", "page[number]": page, "page[size]": 50}
        answer = (await client.get("/v2/webhook_deliveries", params=query)).json()
        found, pages, page = found + answer["data"], answer["meta"]["total_pages"], page + 1
    return [one for one in found if one["webhook"]["event_type"] != "conference.floor.changed"]


@pytest.fixture
def later() -> Iterator[None]:
    """Just after those twenty minutes, in a queue world whose targets are tight."""
    with time_machine.travel(END, tick=False):
        status.answered(5)
        yield


def tell_in_disorder(bodies: list[bytes]) -> None:
    chance = random.Random(3)
    every = bodies + chance.sample(bodies, len(bodies) // 5)
    chance.shuffle(every)
    for first in range(0, len(every), 150):
        tell_at_once(every[first : first + 150])
    Queue.objects.update(wait_target_seconds=20, short_abandon_seconds=SHORT)


def equals(found: Morning) -> None:
    """Of the day and of each interval, in what pages show."""
    assert {queue["name"] for queue in found.truth} == set(Queue.objects.values_list("name", flat=True))
    for told in found.truth:
        queue = Queue.objects.get(name=told["name"])
        day = days.of(queue, NOON.date(), END)
        mine = dataclasses.asdict(day.total)
        assert {name: mine[name] for name in (*COUNTED, *SUMS)} == {
            name: told[name] for name in (*COUNTED, *SUMS)
        }
        assert (day.total.not_known, queue.calls.filter(left_at=None).count()) == (0, told["waiting"])
        log = [_came(visit) for visit in found.visits if visit["queue"] == queue.name]
        for span in day.spans:
            meant = reference.figures(log, span.begins, min(span.begins + STEP, END), 20, SHORT)
            assert span.figures == Figures(**meant), (queue.name, span.begins)


def _came(visit: Json) -> Came:
    left = visit["left_at"] and datetime.fromisoformat(visit["left_at"])
    return Came(datetime.fromisoformat(visit["enqueued_at"]), left, visit["reason"], visit["wait_time_secs"])


def test_delivered_in_disorder_and_twice(later: None) -> None:
    found = asyncio.run(morning(Mischief()))
    assert sum(queue["offered"] for queue in found.truth) > 60
    assert sum(queue["abandoned"] for queue in found.truth) > 2
    tell_in_disorder(found.delivered)
    equals(found)
    intervals.keep(END + timedelta(seconds=1))
    equals(found)


def test_lost_on_the_way_and_fetched_from_the_log(later: None) -> None:
    found = asyncio.run(morning(Mischief(drop=0.5)))
    tell_in_disorder(found.delivered)
    intervals.keep(END + timedelta(seconds=1))
    with pytest.raises(AssertionError):
        equals(found)
    log = Answering(body={"data": found.failed, "meta": {"total_pages": 1}})
    assert Deliveries(log.client()).look() > 50
    project_now()
    equals(found)
    rebuild()
    equals(found)
    assert not InboxEvent.objects.exclude(state=InboxEvent.State.PROJECTED).exists()
