"""Why a caller left a queue is known from `call.dequeued` alone: a hang-up says only that it is over."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from channels.db import database_sync_to_async as in_database
from django.utils import timezone

import queues.show
from queues.models import Queue, QueuedCall
from supervisor_site.webhooks import project_now
from telephony.events import parse
from tests.support.events import event, post_webhook
from tests.support.in_memory import Memory
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async
from tests.support.story import CALLER, at, source_of, tell, told

QUEUED = told("call.enqueued", 1, CALLER, queue="Sales")
TALKS = [told("conference.participant.joined", 11, CALLER), told("conference.participant.left", 200, CALLER)]
HUNG_UP = told("call.hangup", 200, CALLER, hangup_cause="normal_clearing")
GONE = told("read.queue", 20, queue="Sales", left=[CALLER])
ANSWERED = told("call.dequeued", 10, CALLER, queue="Sales", reason="bridged", wait_time_secs=9)
GAVE_UP = told("call.dequeued", 200, CALLER, queue="Sales", reason="hangup", wait_time_secs=199)


def outcomes(*bodies: bytes) -> set[tuple[str, int | None]]:
    """Reason and wait, after these events in each order."""
    events = [parse(body, source=source_of(body), received_at=at(0)) for body in bodies]
    found = set()
    for order in permutations(events):
        memory = Memory()
        memory.take(order)
        (stay,) = memory.rows()["queued"]["Sales", CALLER]
        found.add((stay["left_because"], stay["waited_seconds"]))
    return found


def test_who_was_answered_and_hung_up_after_the_talk_has_not_given_up() -> None:
    """The webhook of leaving the queue was lost, and no read came between it and the hang-up."""
    assert outcomes(QUEUED, *TALKS, HUNG_UP) == {("", None)}


@pytest.mark.engines
@pytest.mark.django_db
def test_the_database_says_the_same() -> None:
    tell([HUNG_UP, QUEUED, *TALKS])
    stay = QueuedCall.objects.get()
    assert (stay.left_because, stay.waited_seconds, stay.left_at) == ("", None, at(200))
    tell([ANSWERED])
    stay.refresh_from_db()
    assert (stay.left_because, stay.waited_seconds, stay.left_at) == ("bridged", 9, at(10))


def test_a_hang_up_alone_is_no_reason() -> None:
    assert outcomes(QUEUED, HUNG_UP) == {("", None)}


def test_the_webhook_is_the_reason_whenever_it_comes() -> None:
    assert outcomes(QUEUED, HUNG_UP, GAVE_UP) == {("hangup", 199)}
    assert outcomes(QUEUED, HUNG_UP, ANSWERED, TALKS[0]) == {("bridged", 9)}


def test_a_read_that_found_the_caller_gone_says_when_not_why() -> None:
    assert outcomes(QUEUED, GONE, HUNG_UP) == {("", 19)}
    assert outcomes(QUEUED, GONE, HUNG_UP, ANSWERED) == {("bridged", 9)}


@pytest.mark.django_db(transaction=True)
async def test_the_page_says_not_known_and_counts_nobody_as_abandoned(
    http: httpx.AsyncClient, cast: Cast, site: InProcess
) -> None:
    def post(kind: str, seconds_ago: float, **payload: Any) -> bytes:
        when = timezone.now() - timedelta(seconds=seconds_ago)
        return event(f"call.{kind}", at=when, call_control_id=CALLER, **payload)

    queued, hung_up = post("enqueued", 90, queue="Sales"), post("hangup", 3)
    assert (await post_webhook(http, queued)).status_code == 200
    await in_database(project_now)()

    async def hang_up() -> None:
        assert (await post_webhook(http, hung_up)).status_code == 200

    path = f"/queues/{(await Queue.objects.aget()).pk}/"
    page = await live_equals_reload(site, await session_of_async(cast.supervisor), path, hang_up)
    shown = "\n".join(page.lines())
    assert ("Not known" in shown, "Hung up" in shown) == (True, False)
    assert "1 not known" in shown
    assert "Not known 1" in shown
    today = await in_database(lambda: queues.show.shown([Queue.objects.get()], full_numbers=False)[0].today)()
    assert (today.abandoned, today.not_known, today.service_level) == (0, 1, None)
