"""A day of a queue: on the page, beside other days, as a file, and where it has 23 or 25 hours."""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from dashboard.models import Command
from queues import days, history, intervals
from queues.models import Gap, Queue, QueuedCall
from queues.statistics import EPOCH
from tests.support.people import Cast
from tests.support.story import NOON, at

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = NOON.date()
WEEK = 7 * 86400


@pytest.fixture
def queue() -> Queue:
    return Queue.objects.create(name="Support, =Tier 1")


@pytest.fixture
def client(cast: Cast) -> Iterator[Client]:
    """A supervisor's, at half past two."""
    with time_machine.travel(at(9000), tick=False):
        client = Client()
        client.force_login(cast.supervisor)
        yield client


def visit(queue: Queue, seconds: float, waited: float | None = 30, because: str = "bridged") -> None:
    leg = f"v3:{QueuedCall.objects.count()}"
    left = None if waited is None else at(seconds + waited)
    QueuedCall.objects.create(
        queue=queue,
        call_control_id=leg,
        opened_by=leg,
        enqueued_at=at(seconds),
        left_at=left,
        left_because=because if left else "",
        waited_seconds=waited,
    )
    intervals.remake(timezone.now())


def page(client: Client, queue: Queue, query: str = "") -> Any:
    return client.get(f"/queues/{queue.pk}/history/{query}")


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- on the page -----------------------------------------------------------------------------------------
def test_a_day_has_its_figures_and_a_line_for_each_interval(client: Client, queue: Queue) -> None:
    visit(queue, 600)
    visit(queue, 610, 200)
    visit(queue, 620, 40, "hangup")
    visit(queue, 8990, None)
    shown = text(page(client, queue))
    assert '<dt>Callers</dt><dd class="key-figure">4</dd>' in shown
    assert '<dt>Answered</dt><dd class="key-figure">2</dd>' in shown
    assert '<dd class="key-figure">33.3%</dd>' in shown
    assert "1 caller, limit 5%" in shown
    assert 'data-span="12:10 – 12:15" data-words="3 waiting|2 answered|1 abandoned"' in shown
    assert "Mon 23 Nov: most waited at 12:10, 3; 2 answered, 1 abandoned, service level 33%." in shown
    assert "counted until 14:30:00" in shown
    assert "Targets as they were on that day: 80% within 2:00" in shown


def test_it_is_compared_until_the_same_time_of_the_clock(client: Client, queue: Queue) -> None:
    for seconds in (0, 60, 7 * 3600):
        visit(queue, seconds - WEEK)
    for seconds in (0, 60, 120):
        visit(queue, seconds)
    shown = text(page(client, queue))
    assert "1 more than 16 Nov" in shown
    assert "16 Nov: 1 waiting, service level 100%" in shown
    assert "16 Nov" not in text(page(client, queue, "?compare=none")).partition("<main")[2].replace(
        "Mon 16 Nov</a>", ""
    )


def test_a_day_to_compare_with_that_is_not_known_is_said(client: Client, queue: Queue) -> None:
    visit(queue, 600)
    assert "Nothing is known of Mon 16 Nov, so there is nothing to compare with." in text(page(client, queue))
    mean = text(page(client, queue, "?compare=mean"))
    assert "Nothing is known of the four Mondays before, so there is nothing to compare with." in mean
    assert "to compare with" not in text(page(client, queue, "?compare=none"))
    visit(queue, 600 - WEEK)
    assert "to compare with" not in text(page(client, queue))


def test_the_mean_of_four_weekdays_is_of_those_that_are_known(client: Client, queue: Queue) -> None:
    for number in range(4):
        visit(queue, 60 - 2 * WEEK + number)
    visit(queue, 60 - WEEK)
    visit(queue, 60)
    shown = text(page(client, queue, "?compare=mean"))
    assert "Mean of 4 Mondays" in shown
    assert "1 fewer than the mean of 2" in shown
    assert "the mean of 2: 2.5 waiting" in shown


def test_what_is_not_known_is_said_and_in_no_sum(client: Client, queue: Queue) -> None:
    for seconds in (60, 1000, 2000):
        visit(queue, seconds)
    visit(queue, 3000, 30, "")
    Gap.objects.create(event="read:1", since=at(910), until=at(1790))
    shown = text(page(client, queue))
    assert "12:15 – 12:30 not known" in shown
    assert '<td colspan="4" class="dim not-known">not known</td>' in shown
    assert "3 intervals of this day are not known" in shown
    assert "How 1 caller left is not known" in shown
    assert '<dt>Answered</dt><dd class="key-figure">2</dd>' in shown


def test_targets_are_those_of_the_day(client: Client, queue: Queue) -> None:
    visit(queue, 600 - 86400, 100)
    visit(queue, 600, 100)
    queue.wait_target_seconds = 20
    queue.save()
    intervals.note_aims(queue, {"wait_target_seconds": 120}, at(0))
    intervals.remake(timezone.now())
    yesterday, today = text(page(client, queue, "?day=2026-11-22")), text(page(client, queue))
    assert "80% within 2:00" in yesterday
    assert "service level 100%" in yesterday
    assert "80% within 0:20" in today
    assert "service level 0%" in today


@pytest.mark.parametrize(("seconds", "last"), [(7500, "14:05"), (9000, "14:30"), (10700, "15:00")])
def test_the_words_under_the_axis_do_not_meet(
    client: Client, queue: Queue, seconds: float, last: str
) -> None:
    """Soon after a whole hour too, until when the day is drawn by then."""
    visit(queue, 0)
    with time_machine.travel(at(seconds), tick=False):
        shown = text(page(client, queue))
    ticks = re.findall(r'class="tick" x="([0-9.]+)" y="547">([0-9:]+)<', shown)
    places = [float(x) for x, _ in ticks]
    assert all(after - before >= 44 for before, after in pairwise(places))
    assert ticks[-1] == ("946.0", last)


@pytest.mark.parametrize(("step", "count"), [("5", 54), ("15", 18), ("60", 5), ("7", 54)])
def test_longer_spans(client: Client, queue: Queue, step: str, count: int) -> None:
    """Four hours at least, up to now: from ten until half past two."""
    visit(queue, 0)
    assert page(client, queue, f"?step={step}").content.count(b"data-line=") == count


@pytest.mark.parametrize(
    ("query", "words", "status"),
    [
        ("?day=2026-11-24", "Tue 24 Nov has not come yet.", 404),
        ("?day=2026-13-45", "There is no day “2026-13-45”.", 404),
        ("?day=%3Cb%3E", "There is no day “&lt;b&gt;”.", 404),
        ("?day=0001-01-01", "There is nothing to show of", 404),
        (
            "?day=2026-11-20",
            "Nothing is known of Fri 20 Nov: Earshot knows of callers from Sun 22 Nov on.",
            200,
        ),
        ("", "Nobody called Support, =Tier 1 on Mon 23 Nov so far.", 200),
    ],
)
def test_days_without_callers_say_why(
    client: Client, queue: Queue, query: str, words: str, status: int
) -> None:
    visit(queue, -86400)
    answer = page(client, queue, query)
    assert answer.status_code == status
    assert words in text(answer)


def test_a_queue_that_nobody_ever_called(client: Client, queue: Queue) -> None:
    assert "Nobody has called this queue yet" in text(page(client, queue))


def test_who_may_not_see_it(client: Client, queue: Queue, cast: Cast) -> None:
    for who in (cast.agent, cast.stranger):
        client.force_login(who)
        assert page(client, queue).status_code == 403
        assert client.post(f"/queues/{queue.pk}/history.csv").status_code == 403
        assert f"/queues/{queue.pk}/history/" not in client.get(f"/queues/{queue.pk}/").content.decode()
    assert not Command.objects.exists()


# --- as a file ---------------------------------------------------------------------------------------------
def test_the_file_has_the_whole_day_and_is_logged(client: Client, queue: Queue) -> None:
    visit(queue, 600)
    Gap.objects.create(event="read:1", since=at(900), until=at(1000))
    answer = client.post(f"/queues/{queue.pk}/history.csv?day=2026-11-23")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert (answer["Content-Type"], tuple(rows[0])) == ("text/csv; charset=utf-8", history.COLUMNS)
    assert len(rows) == 14 * 12 + 6
    (busy,) = [row for row in rows if row["answered"] == "1"]
    assert busy["from"] == "2026-11-23T12:10+00:00"
    assert (busy["average_speed_of_answer_seconds"], busy["service_level_percent"]) == ("30.0", "100")
    (gap,) = [row for row in rows if row["known"] == "no"]
    assert (gap["from"], gap["offered"]) == ("2026-11-23T12:15+00:00", "")
    logged = Command.objects.get()
    assert (logged.action, logged.user_name) == ("export", "Dana Whitfield")
    assert logged.detail == {"form": "csv", "rows": len(rows)}


def test_a_name_that_looks_like_a_formula_is_quoted(client: Client, queue: Queue) -> None:
    Queue.objects.update(name="=1+1")
    answer = client.post(f"/queues/{queue.pk}/history.csv")
    assert "'=1+1," in answer.content.decode()


# --- days that are not 24 hours long -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)]
)
def test_a_day_is_as_long_as_the_clock_says(queue: Queue, day: date, hours: int) -> None:
    with timezone.override(BERLIN):
        found = days.of(queue, day, datetime(2027, 1, 1, tzinfo=BERLIN))
        assert len(found.spans) == hours * 12
        assert (found.spans[0].clock, found.spans[-1].clock) == ((0, 0, 0), (23, 55, 0))
        assert found.start == datetime(day.year, day.month, day.day, tzinfo=BERLIN)
        assert found.end - found.start == timedelta(hours=hours)


def test_the_hour_that_comes_twice_is_two_hours(queue: Queue) -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("UTC"))
    for hours in (0, 1):
        visit(queue, (first + timedelta(hours=hours) - NOON).total_seconds())
    with timezone.override(BERLIN):
        day = days.of(queue, date(2026, 10, 25), NOON)
        busy = [span.clock for span in day.spans if span.figures and span.figures.offered]
        assert busy == [(2, 30, 0), (2, 30, 1)]
        assert day.total.offered == 2


def test_days_beside_each_other_are_compared_by_the_clock(queue: Queue) -> None:
    """Each has a caller at half past four, though the one is a day of 23 hours."""
    for day in (date(2026, 3, 22), date(2026, 3, 29)):
        local = datetime(day.year, day.month, day.day, 4, 30, tzinfo=BERLIN)
        visit(queue, (local - NOON).total_seconds())
    with timezone.override(BERLIN):
        before, after = (days.of(queue, date(2026, 3, number), NOON) for number in (22, 29))
        beside = days.beside(after.spans, [before.spans])
        (place,) = [n for n, span in enumerate(after.spans) if span.figures and span.figures.offered]
        assert after.spans[place].clock == (4, 30, 0)
        assert (beside[place].waiting, beside[place].level) == (1.0, 100)


def test_every_interval_of_every_zone_begins_with_the_day() -> None:
    for zone in ("Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham"):
        with timezone.override(ZoneInfo(zone)):
            start, _ = days.bounds(TODAY)
            assert (start - EPOCH) % timedelta(minutes=5) == timedelta()
