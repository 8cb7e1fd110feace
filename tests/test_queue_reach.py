"""The chart of a queue's page goes back three hours, eight, or over all of today."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from dashboard.pokes import poke
from queues import drawings, show, windows
from queues.models import Gap, Queue
from queues.reaches import REACHES
from supervisor_site.webhooks import project_now
from tests.support.events import event, post_webhook
from tests.support.live_page import live_equals_reload
from tests.support.page import Page
from tests.support.people import Cast
from tests.support.sites import InProcess, session_of_async

NOON = datetime(2026, 3, 10, 12, 2, tzinfo=UTC)
HOURS_AGO = (23, 11, 7, 5, 2)
ENDS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("enqueued", 0, {}),
    ("dequeued", 30, {"reason": "bridged"}),
)


async def called(http: httpx.AsyncClient, now: datetime) -> Queue:
    """One caller was answered at each of these hours before."""
    for ago in HOURS_AGO:
        for kind, seconds, more in ENDS:
            at = now - timedelta(hours=ago) + timedelta(seconds=seconds)
            await post_webhook(
                http, event(f"call.{kind}", at=at, queue="Sales", call_control_id=f"v3:{ago}", **more)
            )
    await sync_to_async(project_now)()
    return await Queue.objects.aget()


@pytest.fixture
def noon() -> Iterator[datetime]:
    with time_machine.travel(NOON, tick=False):
        yield NOON


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "columns", "answered"), [("3h", 36, 1), ("8h", 96, 3), ("day", 49, 4)])
async def test_how_far_it_goes(
    http: httpx.AsyncClient, noon: datetime, key: str, columns: int, answered: int
) -> None:
    queue = await called(http, noon)
    whole = await sync_to_async(show.whole)(queue, full_numbers=False, reach=REACHES[key])
    assert len(whole.recent.rows) == columns
    assert sum(found.answered for _, found in whole.recent.rows if found) == answered
    assert f"{answered} were answered" in whole.recent.label
    assert len(whole.recent.bars) == answered


@pytest.mark.django_db(transaction=True)
async def test_a_quarter_of_which_a_part_is_not_known_is_not_known(
    http: httpx.AsyncClient, noon: datetime
) -> None:
    queue = await called(http, noon)
    since = noon - timedelta(hours=2)
    await Gap.objects.acreate(since=since, until=since + timedelta(minutes=1))
    chart = await sync_to_async(windows.chart)(queue, REACHES["day"])
    assert [begins for begins, found in chart if found is None] == [since.replace(minute=0)]


def test_a_day_on_which_clocks_are_put_on_has_no_hour_twice() -> None:
    with timezone.override("Europe/Berlin"):
        begins, ends = REACHES["day"].bounds(datetime(2026, 3, 29, 15, 0, tzinfo=UTC))
        assert (ends - begins) / REACHES["day"].step == 23 * 4
        drawn = drawings.recent([(begins, None)], REACHES["day"], 6)
        assert [tick.word for tick in drawn.ticks] == ["00:00", "07:00", "13:00", "19:00", "00:00"]
    with timezone.override("Europe/Berlin"):
        begins, _ = REACHES["day"].bounds(datetime(2026, 10, 25, 15, 0, tzinfo=UTC))
        drawn = drawings.recent([(begins, None)], REACHES["day"], 6)
        assert [tick.word for tick in drawn.ticks] == ["00:00", "05:00", "11:00", "17:00", "00:00"]


TITLES = {"3h": "Last 3 hours", "8h": "Last 8 hours", "day": "Today"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", REACHES)
async def test_it_moves_on_as_a_reload_would_show(
    http: httpx.AsyncClient, cast: Cast, site: InProcess, key: str
) -> None:
    queue = await called(http, timezone.now())
    await Queue.objects.aupdate(figures_at=queue.figures_at - timedelta(minutes=6))

    def minute() -> None:
        poke(windows.tick())

    session = await session_of_async(cast.supervisor)
    page = await live_equals_reload(site, session, f"/queues/{queue.pk}/?span={key}", minute)
    assert page.fragments().keys() >= {f"queue-page-{queue.pk}-{key}"}


@pytest.mark.django_db(transaction=True)
async def test_the_address_says_it_and_what_it_does_not_know_is_three_hours(
    http: httpx.AsyncClient, cast: Cast, client: Client
) -> None:
    queue = await called(http, timezone.now())
    await sync_to_async(client.force_login)(cast.agent)
    for asked, shown in [*((key, key) for key in REACHES), ("", "3h"), ("year", "3h")]:
        html = (await sync_to_async(client.get)(f"/queues/{queue.pk}/?span={asked}")).content.decode()
        assert f'<h2 id="recent-title">{TITLES[shown]}</h2>' in html
        assert Page(html).scopes[0] == f"queue:{queue.pk}:{shown}"
