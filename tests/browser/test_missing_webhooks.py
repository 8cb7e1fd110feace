"""Webhooks stop while calls are up, in a browser: what pages then say, and that it goes back by itself."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot, Prepared, running_earshot
from tests.support.events import event
from tests.support.looks import violations
from tests.support.pressing import press
from tests.support.waiting import eventually

CALLER, AGENT = "+16175550188", "+13125550147"
Wire = Callable[[float | None], None]


@pytest.fixture(scope="module")
def earshot(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Earshot]:
    """No webhook ever arrives: that calls are up is told by reads alone."""
    arguments = ("--no-traffic", "--drop", "1")
    with running_earshot(prepared, tmp_path_factory.mktemp("silent"), arguments) as earshot:
        earshot.simulator.no_delivery_log()
        yield earshot


def write(earshot: Earshot, statement: str, *parameters: object) -> None:
    path = earshot.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(statement, parameters)


@pytest.fixture
def last_webhook(earshot: Earshot) -> Iterator[Wire]:
    """`last_webhook(250)`: another process took one so many seconds ago; None takes that process away."""

    def came(seconds_ago: float | None) -> None:
        write(earshot, "delete from supervisor_site_vital where process = 'other'")
        if seconds_ago is None:
            return
        now = datetime.now(UTC).replace(tzinfo=None)
        last = now.replace(tzinfo=UTC) - timedelta(seconds=seconds_ago)
        minutes = {str(int(last.timestamp() // 60)): 60}
        figures = {"serves": False, "webhooks": {"last": last.timestamp(), "minutes": minutes}}
        statement = (
            "insert into supervisor_site_vital (process, started_at, beat_at, figures) values (?, ?, ?, ?)"
        )
        write(earshot, statement, "other", str(now), str(now), json.dumps(figures))

    yield came
    came(None)


def somebody_speaks(earshot: Earshot) -> str:
    """A conference as reads found it, whose caller took the floor by the last webhook before the silence."""
    conference_id, legs = earshot.simulator.conference("Claims 3307", CALLER, AGENT)
    press(earshot, "/telnyx/try-now")
    people = "select count(*) from conferences_participant where conference_id = ?"
    eventually(lambda: earshot.rows(people, conference_id) == [(2,)], within=15)
    floor = event(
        "conference.floor.changed",
        # Long after the joins that no webhook told, whose loss would make an older holder doubtful.
        at=datetime.now(UTC) + timedelta(minutes=5),
        event_id="the-last",
        conference_id=conference_id,
        call_control_id=legs[0],
    )
    statement = (
        "insert into telephony_inboxevent"
        " (event_id, source, event_type, body, received_at, state, attempts, error)"
        " values ('the-last', 'webhook', 'conference.floor.changed', ?, ?, 'pending', 0, '')"
    )
    write(earshot, statement, floor, str(datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=30)))
    return conference_id


def test_pages_say_it_and_take_it_back(windows: Windows, earshot: Earshot, last_webhook: Wire) -> None:
    conference_id = somebody_speaks(earshot)
    floor = windows.open("/floor/")
    conference = windows.open(f"/conferences/{conference_id}/", color_scheme="dark")
    cell = floor.locator(f"#c-{conference_id} .c-floor")
    expect(cell).to_contain_text("Caller")
    expect(conference.locator(".speaks")).to_be_visible()

    last_webhook(250)
    for page in (floor, conference):
        expect(page.locator("[data-connection-words] .state")).to_have_text(
            re.compile(r"^No webhooks for 4:\d\d$")
        )
        expect(page.locator("[data-connection-words] .detail")).to_have_text("reading every 5 s")
        assert violations(page) == []
    expect(cell.get_by_text("Not known")).to_be_visible()
    expect(cell.get_by_text("Caller")).to_be_hidden()
    expect(conference.locator(".speaks")).to_be_hidden()
    expect(conference.get_by_text("Floor not known")).to_be_visible()
    expect(conference.get_by_role("button", name="Mute everyone")).to_be_enabled()
    reloaded = windows.open("/floor/")
    expect(reloaded.locator(f"#c-{conference_id} .c-floor").get_by_text("Not known")).to_be_visible()

    last_webhook(None)
    expect(floor.locator("[data-connection-words] .state")).to_have_text("Live")
    expect(cell.get_by_text("Caller")).to_be_visible()
    expect(conference.locator(".speaks")).to_be_visible()
