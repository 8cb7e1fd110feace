"""Five-minute figures: kept by the worker, mended by what comes late, and never other than the stays say."""

import dataclasses
import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import intervals, windows
from queues.models import Aim, Interval, Queue, QueuedCall
from queues.statistics import STEP, Figures, floor
from supervisor_site.rebuild import rebuild
from supervisor_site.webhooks import PROJECTIONS
from telephony.projection import project, store
from tests.support import visits as reference
from tests.support.story import NOON, at, tell, tell_at_once, told
from tests.support.telling import Line, disorder, histories
from tests.support.visits import Came

pytestmark = pytest.mark.django_db
LATER = at(3600)


def came(number: int, seconds: float, waited: float | None, reason: str = "bridged") -> list[bytes]:
    """A caller who came so many seconds after noon, and left after waiting."""
    leg = f"v3:{number}"
    events = [told("call.enqueued", seconds, leg, queue="Sales")]
    if waited is not None:
        events.append(told("call.dequeued", seconds + waited, leg, queue="Sales", reason=reason))
    return events


def shown(end: datetime = LATER) -> dict[datetime, Figures]:
    queue = Queue.objects.get()
    return intervals.of([queue], NOON, end)[queue.pk]


def kept() -> dict[datetime, Figures]:
    return {row.begins: row.figures for row in Interval.objects.all()}


def meant(end: datetime = LATER, target: int = 120, short: int = 5) -> dict[datetime, Figures]:
    """What the reference makes of the stays that are stored, interval by interval."""
    log = [
        Came(row.enqueued_at, row.left_at, row.left_because, row.waited_seconds)
        for row in QueuedCall.objects.all()
    ]
    found, begins = {}, floor(min((one.enqueued_at for one in log), default=NOON))
    while begins < end:
        figures = Figures(**reference.figures(log, begins, min(begins + STEP, end), target, short))
        found[begins] = figures
        begins += STEP
    return {begins: figures for begins, figures in found.items() if figures != Figures()}


def told_of(found: dict[datetime, Figures]) -> dict[datetime, Figures]:
    return {begins: figures for begins, figures in found.items() if figures != Figures()}


# --- kept, and shown before they are --------------------------------------------------------------------
def test_what_is_shown_is_the_same_before_and_after_it_is_kept() -> None:
    tell(came(1, 10, 40) + came(2, 200, 250) + came(3, 400, 30, "hangup") + came(4, 900, None))
    before = shown()
    assert told_of(before) == meant()
    assert kept() == {}
    assert intervals.keep(LATER) == 0
    assert shown() == before
    assert told_of(kept()) == meant()
    assert Queue.objects.get().stale_since is None


def test_what_comes_days_late_is_kept_a_day_at_a_time_and_shown_at_once() -> None:
    days = 3 * 86_400
    tell(came(1, days + 700, 20) + came(2, days + 900, None))
    end = at(days + 1800)
    intervals.keep(end)
    tell(came(3, 320, days + 30))
    before = shown(end)
    assert told_of(before) == meant(end)
    sizes = []
    while intervals.keep(end):
        sizes.append(len(kept()))
        assert shown(end) == before
    assert sizes == [288 + 4, 2 * 288 + 4, 3 * 288 + 4]
    assert shown(end) == before
    assert told_of(kept()) == meant(end)


def test_an_event_that_comes_late_mends_its_interval_and_no_other() -> None:
    tell(came(1, 10, 40) + came(2, 700, 20))
    intervals.keep(LATER)
    before = kept()
    tell(came(3, 320, 50, "hangup"))
    assert told_of(shown()) == meant()
    intervals.keep(LATER)
    changed = {begins for begins in kept().keys() | before.keys() if kept().get(begins) != before.get(begins)}
    assert changed == {at(300)}
    assert told_of(kept()) == meant()


def test_a_closing_that_is_moved_by_proof_leaves_no_trace() -> None:
    tell([told("call.enqueued", 10, "v3:1", queue="Sales")])
    tell([told("read.queue", 620, queue="Sales", left=["v3:1"])])
    intervals.keep(LATER)
    assert kept()[at(600)].not_known == 1
    tell([told("call.dequeued", 70, "v3:1", queue="Sales", reason="bridged", wait_time_secs=60)])
    intervals.keep(LATER)
    assert told_of(kept()) == meant() == {NOON: Figures(1, 1, 1, answer_seconds=60, highest=1, longest=60)}


def test_a_rebuild_from_the_inbox_gives_the_same_numbers() -> None:
    tell_at_once([body for number in range(40) for body in came(number, number * 37, 5 + number * 4)])
    intervals.keep(LATER)
    before = kept()
    Interval.objects.all().delete()
    rebuild()
    assert told_of(kept()) == told_of(before) == meant()


def test_a_new_target_counts_from_its_moment_on() -> None:
    tell(came(1, 10, 100) + came(2, 400, 100))
    queue = Queue.objects.get()
    queue.wait_target_seconds = 60
    queue.save()
    intervals.note_aims(queue, {"wait_target_seconds": 120}, at(300))
    intervals.keep(LATER)
    assert [figures.service_level for figures in kept().values()] == [100, 0]
    assert list(Aim.objects.values_list("wait_target_seconds", flat=True)) == [120, 60]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(longest=30), st.integers(0, 2**32))
def test_whatever_is_told_in_whatever_order(lines: list[Line], seed: int) -> None:
    """Kept after some batches, so that what comes later has something to mend."""
    chance = random.Random(seed)
    with transaction.atomic():
        for batch in disorder(lines, seed):
            store([line.arrival() for line in batch])
            project(PROJECTIONS)
            if chance.random() < 0.5:
                intervals.keep(LATER)
        for queue in Queue.objects.all():
            mine = intervals.of([queue], floor(at(-600)), LATER)[queue.pk]
            assert told_of(mine) == _meant_of(queue)
        transaction.set_rollback(True)


def _meant_of(queue: Queue) -> dict[datetime, Figures]:
    log = [
        Came(row.enqueued_at, row.left_at, row.left_because, row.waited_seconds) for row in queue.calls.all()
    ]
    found = {
        begins: Figures(**reference.figures(log, begins, begins + STEP, 120, 5))
        for begins in (floor(at(-600)) + number * STEP for number in range(14))
    }
    return told_of(found)


# --- spans that move -------------------------------------------------------------------------------------
def windows_of(queue: Queue) -> windows.Windows:
    return windows.of([queue])[queue.pk]


def test_spans_are_counted_back_from_the_queues_own_minute() -> None:
    with time_machine.travel(at(2000), tick=False):
        tell(came(1, 100, 30) + came(2, 1000, 30) + came(3, 1950, None))
    queue = Queue.objects.get()
    assert queue.figures_at == at(1980)
    found = windows_of(queue)
    assert (found.lately.answered, found.hour.answered, found.today.offered) == (1, 2, 3)
    assert (len(found.chart), found.chart[-1][0]) == (36, at(1800))
    with time_machine.travel(at(9000), tick=False):
        assert windows_of(queue) == found


def test_the_workers_minute_moves_what_moves_with_a_version_of_its_own() -> None:
    with time_machine.travel(at(2000), tick=False):
        tell(came(1, 1000, 30))
        Queue.objects.create(name="Quiet", version=7)
    busy, _ = Queue.objects.order_by("pk")
    with time_machine.travel(at(2065), tick=False):
        assert windows.tick() == {("queue", "Sales")}
        assert windows.tick() == set()
    with time_machine.travel(at(2105), tick=False):
        assert windows.tick() == {("queue", "Sales"), ("queue", "Quiet")}
    moved = Queue.objects.order_by("pk").values_list("version", "figures_at")
    assert list(moved) == [(busy.version + 2, at(2100)), (8, at(2100))]


def test_today_begins_anew_at_midnight() -> None:
    late = at(11 * 3600 + 58 * 60)
    with time_machine.travel(late, tick=False):
        tell(came(1, 11 * 3600, 30))
    assert windows_of(Queue.objects.get()).today.answered == 1
    with time_machine.travel(late + timedelta(minutes=3), tick=False):
        windows.tick()
    assert windows_of(Queue.objects.get()).today == Figures()


def test_what_is_kept_has_a_column_for_each_figure() -> None:
    names = {field.name for field in dataclasses.fields(Figures)}
    columns: Iterable[str] = (field.name for field in Interval._meta.local_fields)
    assert set(columns) - {"id", "queue", "begins"} == names
