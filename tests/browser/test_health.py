"""The health page in a browser: accessible in both themes, live, and its letters replayed by hand."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Windows
from tests.support.earshot import Earshot
from tests.support.looks import flaws, look, violations
from tests.support.story import told
from tests.support.waiting import eventually

LETTER = (
    "insert into telephony_inboxevent"
    " (event_id, source, event_type, body, received_at, state, attempts, error)"
    " values (?, 'webhook', 'call.hangup', ?, ?, 'dead', 6, ?)"
    # The same row again: a page may still show the number that it had in the test before.
    " on conflict (event_id) do update set state = 'dead', attempts = 6, error = excluded.error,"
    " projected_at = null, aside_at = null, aside_by = '', aside_reason = ''"
)


@pytest.fixture
def letter(earshot: Earshot) -> str:
    """A dead letter with nothing wrong in it any more; its event id."""
    body = told("call.hangup", 5, "v3:late", name="late-letter")
    row = ("late-letter", body, "2026-11-23 09:00:00", "ValueError: made by a test")
    path = earshot.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(LETTER, row)
    return "late-letter"


@pytest.fixture
def unreachable(earshot: Earshot) -> Iterator[None]:
    earshot.simulator.cut_reads()
    yield
    earshot.simulator.no_faults()


def tile(page: Page, name: str) -> Any:
    return page.locator("section", has=page.get_by_role("heading", name=name, exact=True))


def test_it_is_accessible(windows: Windows, letter: str) -> None:
    page = windows.open("/health/", who="admin", **look("light", 1440))
    expect(page.locator("html")).to_have_attribute("data-connection", "live")
    expect(page.get_by_role("button", name="Replay call.hangup, letter 1")).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("columnheader", name="Webhooks")).to_be_visible()
    assert flaws(page) == []


def test_a_letter_is_replayed(windows: Windows, earshot: Earshot, letter: str) -> None:
    page = windows.open("/health/", who="admin")
    expect(tile(page, "Inbox")).to_contain_text("1 dead letter")
    page.get_by_role("button", name="Replay call.hangup, letter 1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("None. What cannot be projected is kept here")).to_be_visible()
    expect(page.locator("main:focus, main :focus")).to_have_count(1)  # not lost with the letter
    expect(tile(page, "Inbox")).to_contain_text("Keeps up")
    state = "select state from telephony_inboxevent where event_id = ?"
    eventually(lambda: earshot.rows(state, letter) == [("projected",)])


def test_a_letter_is_put_aside_with_a_reason_and_replayed_later(
    windows: Windows, earshot: Earshot, letter: str
) -> None:
    page, other = windows.open("/health/", who="admin"), windows.open("/health/", who="admin")
    ask = page.locator(".letter-acts .ask")
    ask.locator("summary").click()
    expect(page.get_by_label("Why")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_label("Why")).to_be_hidden()
    ask.locator("summary").click()
    page.get_by_label("Why").press_sequentially("The test call")
    page.keyboard.press("Enter")
    for window in (page, other):
        expect(window.get_by_text("None. What cannot be projected is kept here")).to_be_visible()
        window.get_by_text("1 put aside").click()
        expect(window.get_by_text("The test call")).to_be_visible()
        expect(window.get_by_text("Ruth Adeyemi,")).to_be_visible()
    assert violations(other) == []
    other.get_by_role("button", name="Replay call.hangup, put aside, letter 1").click()
    expect(page.get_by_text("1 put aside")).to_have_count(0)
    state = "select state from telephony_inboxevent where event_id = ?"
    eventually(lambda: earshot.rows(state, letter) == [("projected",)])


def test_what_goes_down_is_counted_in_the_navigation(windows: Windows, unreachable: None) -> None:
    floor, health = windows.open("/floor/", who="admin"), windows.open("/health/", who="admin")
    floor.get_by_role("button", name="Try now").click()
    expect(floor.locator("#health-count")).to_contain_text("1")
    expect(tile(health, "Telnyx API")).to_contain_text("Cannot be reached")
    assert violations(health) == []
