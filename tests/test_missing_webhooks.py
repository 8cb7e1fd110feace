"""Webhooks stop while calls are up: each open page says so, reads come more often, and it ends by itself."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conferences.models import Conference
from dashboard.pokes import poke
from supervisor_site import measures
from supervisor_site.models import Vital
from supervisor_site.worker import Worker
from telephony import status
from tests.support.answering import Answering
from tests.support.environment import CONNECTION_ID
from tests.support.live_page import live_equals_reload
from tests.support.people import Cast
from tests.support.signing_in import window_of
from tests.support.sites import InProcess, session_of_async
from tests.support.story import AGENT, CALLER, CONFERENCE, tell, told

pytestmark = pytest.mark.django_db(transaction=True)
LIVE = {"id": CONFERENCE, "name": "Sales 4412", "status": "in_progress", "connection_id": CONNECTION_ID}


def a_call_is_up() -> None:
    """A caller and an agent in a conference, the caller speaking, as webhooks told before they stopped."""
    tell(
        [
            told("conference.participant.joined", 1, CALLER),
            told("conference.participant.joined", 2, AGENT),
            told("conference.floor.changed", 3, CALLER),
        ]
    )
    status.answered(84)


def last_webhook(seconds_ago: float, **figures: Any) -> None:
    """The one process of this installation took its last webhook then, and health is judged anew."""
    now = timezone.now()
    last = (now - timedelta(seconds=seconds_ago)).timestamp()
    webhooks = {"last": last, "minutes": {str(int(last // 60)): 30}}
    told = {"serves": True, "worked": now.timestamp(), "webhooks": webhooks, **figures}
    Vital.objects.update_or_create(process="a", defaults={"started_at": now, "beat_at": now, "figures": told})
    poke(measures.measure())


def said() -> tuple[bool, int | None]:
    """Whether every page says that webhooks are missing, and how often it says that is read."""
    shown = measures.hearing()["shown"]
    return shown["since"] is not None, shown["every"]


# --- what is decided -------------------------------------------------------------------------------------
def test_it_is_said_from_the_limit_on_and_taken_back() -> None:
    a_call_is_up()
    last_webhook(59)
    assert said() == (False, None)
    last_webhook(250)
    assert said() == (True, 5)
    last_webhook(1)
    assert said() == (False, None)


def test_silence_without_calls_or_without_a_read_is_not_said() -> None:
    status.answered(84)
    last_webhook(250)
    assert said() == (False, None)
    a_call_is_up()
    status.silent("Telnyx does not answer.", timezone.now())
    last_webhook(250)
    assert said() == (False, None)


def test_it_says_how_often_it_is_truly_read() -> None:
    a_call_is_up()
    last_webhook(250, reads_need=23.4)
    assert said() == (True, 24)


def test_before_the_first_report_nothing_is_said(cast: Cast) -> None:
    html = window_of(cast.supervisor).get("/queues/").content.decode()
    assert '<div id="webhooks-status" data-version="0" hidden></div>' in html


def test_nothing_changes_for_pages_while_all_is_well() -> None:
    a_call_is_up()
    last_webhook(3)
    version = measures.hearing()["version"]
    last_webhook(2)
    assert measures.hearing()["version"] == version
    assert measures.measure() == {measures.CHANGE}


# --- what is shown ---------------------------------------------------------------------------------------
@pytest.mark.engines
@pytest.mark.parametrize("path", ["/floor/", "/queues/", f"/conferences/{CONFERENCE}/", "/health/"])
async def test_open_pages_are_told_and_told_that_it_is_over(cast: Cast, site: InProcess, path: str) -> None:
    from channels.db import database_sync_to_async as in_database

    await in_database(a_call_is_up)()
    await in_database(last_webhook)(2)
    session = await session_of_async(cast.admin)
    page = await live_equals_reload(site, session, path, lambda: last_webhook(250))
    shown = page.fragments()["webhooks-status"]
    assert re.search(r'data-silent-since="\d{4}-\d\d-\d\dT[\d:.]+Z"', shown)
    assert 'data-read-every="5"' in shown
    page = await live_equals_reload(site, session, path, lambda: last_webhook(1))
    assert "data-silent-since" not in page.fragments()["webhooks-status"]


def test_programs_are_not_told_who_speaks(cast: Cast) -> None:
    def floor() -> str | None:
        (conference,) = window_of(cast.supervisor).get("/api/floor").json()["conferences"]
        return conference["floor"]  # type: ignore[no-any-return]

    a_call_is_up()
    assert floor() == CALLER
    last_webhook(250)
    assert floor() is None
    assert Conference.objects.get().floor_leg == CALLER, "what was told is kept"
    last_webhook(1)
    assert floor() == CALLER


# --- what is done ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("seconds_ago", "beat"), [(2, 10), (250, 5)])
def test_the_worker_reads_everything_more_often(seconds_ago: float, beat: float) -> None:
    server = Answering(answer=lambda asked: {"data": [LIVE] if asked.path == "/conferences" else []})
    a_call_is_up()
    last_webhook(seconds_ago)

    def reads() -> int:
        worker.read()
        return sum(asked.path == "/conferences" for asked in server.asked) // 2  # live ones in two states

    seconds = 0.0
    worker = Worker(server.client(), clock=lambda: seconds)
    assert reads() == 1
    for expected in (1, 2):
        seconds += beat - 0.5
        assert reads() == expected
        seconds += 0.6
        assert reads() == expected + 1
