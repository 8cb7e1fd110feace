"""Times of which nobody told what happened: noted when they are over, unless Telnyx's log told it later."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from queues import days, windows
from queues.models import Gap, Queue
from queues.statistics import Figures
from supervisor_site import measures
from supervisor_site.gaps import CHANCE, Gaps
from supervisor_site.models import HealthReport
from supervisor_site.rebuild import rebuild
from supervisor_site.webhooks import project_now
from telephony import status
from telephony.models import InboxEvent
from tests.support.story import NOON, at, tell, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as clock:
        status.answered(5)
        yield clock


def missing(since: datetime | None) -> None:
    """What the judge of health says of webhooks."""
    shown = {"since": since.isoformat() if since else None, "every": None}
    parts = {measures.HEARING: {"version": 1, "shown": shown}}
    HealthReport.objects.update_or_create(pk=1, defaults={"version": 1, "parts": parts})


def noted(gaps: Gaps) -> list[tuple[datetime, datetime]]:
    gaps.look()
    project_now()
    return list(Gap.objects.values_list("since", "until"))


def test_webhooks_that_were_missing(clock: Any) -> None:
    gaps = Gaps()
    missing(at(-90))
    assert noted(gaps) == []
    clock.move_to(at(60))
    missing(None)
    assert noted(gaps) == []
    clock.shift(CHANCE)
    assert noted(gaps) == [(at(-90), at(60))]
    assert noted(gaps) == [(at(-90), at(60))]


def test_a_log_that_was_read_past_it_leaves_none(clock: Any) -> None:
    gaps = Gaps()
    missing(at(-90))
    noted(gaps)
    clock.move_to(at(60))
    missing(None)
    noted(gaps)
    clock.shift(CHANCE)
    status.read_deliveries(until=at(61))
    assert noted(gaps) == []
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize(("pause", "count"), [(20, 0), (600, 1)])
def test_a_time_in_which_earshot_did_not_run(clock: Any, pause: int, count: int) -> None:
    clock.shift(timedelta(seconds=pause))
    gaps = Gaps()
    gaps.look()
    status.answered(5)
    clock.shift(CHANCE)
    assert noted(gaps) == [(NOON, at(pause))] * count


def test_the_first_start_of_all_is_no_gap(db: None) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        gaps = Gaps()
        gaps.look()
        clock.shift(CHANCE)
        assert noted(gaps) == []


def test_it_shows_with_every_queue_and_survives_a_rebuild(clock: Any) -> None:
    clock.move_to(at(1900))
    tell(
        told(kind, seconds, f"v3:{seconds // 100}", queue="Sales", **more)
        for kind, seconds, more in [
            ("call.enqueued", 100, {}),
            ("call.dequeued", 130, {"reason": "bridged"}),
            ("call.enqueued", 700, {}),
            ("call.dequeued", 730, {"reason": "bridged"}),
        ]
    )
    before = Queue.objects.get()
    assert windows.of([before])[before.pk].today.answered == 2
    tell([told("read.gap", 1800, since=at(620).isoformat(), until=at(910).isoformat())])
    for again in (False, True):
        if again:
            rebuild()
        queue = Queue.objects.get()
        found = windows.of([queue])[queue.pk]
        assert queue.version > before.version
        assert (found.today.answered, found.unknown) == (1, 2)
        assert [begins for begins, figures in found.chart if figures is None] == [at(600), at(900)]
        day = days.of(queue, NOON.date(), timezone.now())
        assert [span.begins for span in day.not_known] == [at(600), at(900)]
        assert day.total == Figures(1, 1, 1, answer_seconds=30, highest=1, longest=30)
